import { expect, test } from 'vitest';
import { type DecisionFacts, decide } from '../../src/loans/decision.ts';
import { STANDARD_PRODUCT } from '../../src/loans/products.ts';

const sound: DecisionFacts = {
  product: STANDARD_PRODUCT,
  amount: '120000.00',
  tenure_months: 12,
  monthly_income: '60000.00',
  monthly_obligations: '5000.00',
  score: 720,
  duplicate_of: null,
};
const earlier = '0197a3c0-5a1e-7b57-9d3c-000000000001';

test('a sound application is offered, with the numbers it was decided from', () => {
  expect(decide(sound)).toEqual({
    outcome: 'offered',
    reasons: [],
    inputs: {
      ...{ score: 720, instalment: '11001.60', annual_rate: '0.18', foir: '0.2667', duplicate_of: null },
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
  ['a second application', { duplicate_of: earlier }, 'refused', ['duplicate-application']],
  [
    'much at once: every reason is told, the weightiest first',
    { amount: '5000000.00', score: null, duplicate_of: earlier },
    'refused',
    ['amount-out-of-range', 'duplicate-application', 'foir-too-high', 'no-credit-history'],
  ],
])('%s', (_, changes, outcome, reasons) => {
  expect(decide({ ...sound, ...changes })).toMatchObject({ outcome, reasons });
});
