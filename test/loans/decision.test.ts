import { expect, test } from 'vitest';
import { ageOn, type DecisionFacts, decide } from '../../src/loans/decision.ts';
import { type DecisionRules, STANDARD_RULES } from '../../src/loans/product-rules.ts';
import { STANDARD_PRODUCT } from '../../src/loans/products.ts';

const sound: DecisionFacts = {
  product: STANDARD_PRODUCT,
  amount: '120000.00',
  tenure_months: 12,
  monthly_income: '60000.00',
  monthly_obligations: '5000.00',
  score: 720,
  age: 36,
  duplicate_of: null,
  exposure: { outstanding: '0.00', approved: '0.00', applied_for: '0.00' },
  fraud_flags: [],
};
const ruled = (decision: Partial<DecisionRules>) => ({
  product: {
    ...STANDARD_PRODUCT,
    rules: { ...STANDARD_RULES, decision: { ...STANDARD_RULES.decision, ...decision } },
  },
});
const earlier = '0197a3c0-5a1e-7b57-9d3c-000000000001';

test('a sound application is offered, with the numbers and the settings it was decided by', () => {
  expect(decide(sound)).toEqual({
    outcome: 'offered',
    reasons: [],
    inputs: {
      ...{ score: 720, instalment: '11001.60', annual_rate: '0.18', foir: '0.2667', duplicate_of: null },
      exposure: { outstanding: '0.00', approved: '0.00', applied_for: '0.00', total: '120000.00' },
      ...{ age: 36, fraud_flags: [] },
    },
    product: 'personal-loan',
    product_version: 1,
    cut_offs: {
      ...{ amount_min: '10000.00', amount_max: '1000000.00', tenure_min: 3, tenure_max: 60 },
      ...{ foir_max: '0.50', score_min: 600, refer_below: null, reapply_days: 30 },
      ...{ exposure_max: '2000000.00', age_min: 18, age_max: 100, on_fraud_flag: 'refer' },
    },
  });
});

test.each<[string, Partial<DecisionFacts>, string, string[]]>([
  ['the smallest amount', { amount: '10000.00' }, 'offered', []],
  ['a paisa less', { amount: '9999.99' }, 'refused', ['amount-out-of-range']],
  ['the largest amount', { amount: '1000000.00', monthly_income: '900000' }, 'offered', []],
  ['a paisa more', { amount: '1000000.01', monthly_income: '900000' }, 'refused', ['amount-out-of-range']],
  ['the shortest tenure', { tenure_months: 3, monthly_income: '100000' }, 'offered', []],
  ['one month less', { tenure_months: 2, monthly_income: '200000' }, 'refused', ['tenure-out-of-range']],
  ['one month too long', { tenure_months: 61 }, 'refused', ['tenure-out-of-range']],
  ['the lowest score', { score: 600 }, 'offered', []],
  ['a point less', { score: 599 }, 'refused', ['score-too-low']],
  ['no history', { score: null }, 'referred', ['no-credit-history']],
  ['half the income exactly', { monthly_obligations: '18998.40' }, 'offered', []],
  ['a paisa above half', { monthly_obligations: '18998.41' }, 'refused', ['foir-too-high']],
  ['no income', { monthly_income: '0.00' }, 'refused', ['no-income']],
  ['a score inside the band', { score: 649, ...ruled({ refer_below: 650 }) }, 'referred', ['score-in-doubt']],
  ['a score above the band', { score: 650, ...ruled({ refer_below: 650 }) }, 'offered', []],
  ['a score below the band', { score: 599, ...ruled({ refer_below: 650 }) }, 'refused', ['score-too-low']],
  ['eighteen today', { age: 18 }, 'offered', []],
  ['eighteen tomorrow', { age: 17 }, 'refused', ['age-out-of-range']],
  ['a day too old', { age: 61, ...ruled({ age_max: 60 }) }, 'refused', ['age-out-of-range']],
  [
    'exactly what one borrower may have',
    {
      exposure: { outstanding: '100000.00', approved: '30000.00', applied_for: '50000.00' },
      ...ruled({ exposure_max: '300000.00' }),
    },
    'offered',
    [],
  ],
  [
    'a paisa more than one borrower may have',
    {
      exposure: { outstanding: '100000.00', approved: '30000.01', applied_for: '50000.00' },
      ...ruled({ exposure_max: '300000.00' }),
    },
    'refused',
    ['exposure-too-high'],
  ],
  ['a suspicion', { fraud_flags: ['bureau'] }, 'referred', ['fraud-flag']],
  [
    'a suspicion, where that is the end of it',
    { fraud_flags: ['open-alert'], ...ruled({ on_fraud_flag: 'refuse' }) },
    'refused',
    ['fraud-flag'],
  ],
  ['a second application', { duplicate_of: earlier }, 'refused', ['duplicate-application']],
  [
    'much at once: every reason is told, the weightiest first',
    { amount: '5000000.00', score: null, duplicate_of: earlier },
    'refused',
    [
      'amount-out-of-range',
      'duplicate-application',
      'foir-too-high',
      'exposure-too-high',
      'no-credit-history',
    ],
  ],
])('%s', (_, changes, outcome, reasons) => {
  expect(decide({ ...sound, ...changes })).toMatchObject({ outcome, reasons });
});

test.each([
  ['2008-11-20', '2026-11-20', 18],
  ['2008-11-21', '2026-11-20', 17],
  ['2008-02-29', '2026-02-28', 17],
  ['2008-02-29', '2026-03-01', 18],
  ['2008-02-29', '2028-02-29', 20],
])('who was born on %s is on %s %i years old', (born, day, years) => {
  expect(ageOn(born, day)).toBe(years);
});
