import { describe, expect, test } from 'vitest';
import { calculate } from '../../../src/loans/calculator/calculate.ts';
import { carry } from '../../../src/loans/life/carry.ts';
import { minorText } from '../../../src/loans/schedule.ts';
import { aLoan, everyDay } from '../a-loan.ts';
import { explain, refusal } from './asking.ts';

const penalty = (request: object) => calculate({ fn: 'penalty', ...request }) as Record<string, unknown>;
const foreclosure = (request: object) => calculate({ fn: 'foreclosure', ...request });
const allocation = (request: object) => calculate({ fn: 'allocation', ...request });

describe('penalty', () => {
  const late = { dueOn: '2026-01-05', asOf: '2026-01-25', principal: '3834', interest: '750', score: 700 };

  test('is base × daily rate × days late, and its days add up to it', () => {
    const answer = penalty(late);
    expect(answer).toMatchObject({
      ...{ daysLate: 20, chargeableDays: 20, base: '4584.00', rate: '0.075', unrounded: '68.76' },
      ...{ charge: '68.76', tax: '0.00', total: '68.76' },
    });
    const days = answer.days as { day: string; amount: string }[];
    expect(days).toHaveLength(20);
    expect([days[0]!.day, days.at(-1)!.day]).toEqual(['2026-01-06', '2026-01-25']);
    expect(days.reduce((sum, { amount }) => sum + Number(amount) * 100, 0)).toBeCloseTo(6876);
  });

  test.each([
    ['on time', { asOf: '2026-01-05' }, { daysLate: 0, chargeableDays: 0, charge: '0.00' }],
    ['before it', { asOf: '2026-01-01' }, { daysLate: 0, charge: '0.00' }],
    ['within grace', { asOf: '2026-01-08', rule: { graceDays: 3 } }, { daysLate: 3, charge: '0.00' }],
    [
      'grace charged back',
      { asOf: '2026-01-09', rule: { graceDays: 3, dailyRate: '0.1' } },
      { chargeableDays: 4, charge: '18.34' },
    ],
    [
      'grace not charged back',
      { asOf: '2026-01-09', rule: { graceDays: 3, graceChargedBack: false, dailyRate: '0.1' } },
      { chargeableDays: 1, charge: '4.58', days: [{ day: '2026-01-09', amount: '4.58', tax: '0.00' }] },
    ],
    [
      'principal alone',
      { rule: { base: 'overdue-principal', dailyRate: '0.1' } },
      { base: '3834.00', charge: '76.68' },
    ],
    ['a flat base', { rule: { base: 'flat', flatBase: '500', dailyRate: '1' } }, { charge: '100.00' }],
    [
      'a cap of the instalment',
      { rule: { capPerInstalment: '50' } },
      { charge: '50.00', unrounded: '68.76' },
    ],
    ['a cap of the loan', { chargedBefore: '90', rule: { capPerLoan: '100' } }, { charge: '10.00' }],
    ['a cap of the loan, reached', { chargedBefore: '100', rule: { capPerLoan: '100' } }, { charge: '0.00' }],
    ['a minimum', { asOf: '2026-01-06', rule: { minimum: '25' } }, { charge: '25.00' }],
    ['with tax', { rule: { taxRate: '18' } }, { charge: '68.76', tax: '12.38', total: '81.14' }],
    ['nothing overdue', { principal: '0', interest: '0' }, { charge: '0.00', days: [] }],
    ['a poor score', { score: 500 }, { rate: '0.1', charge: '91.68' }],
    ['a good score', { score: 750 }, { rate: '0.05', charge: '45.84' }],
  ])('%s', (_story, more, expected) => {
    expect(penalty({ ...late, ...more })).toMatchObject(expected);
  });

  test('is what a loan of that arrears is charged by the engine', () => {
    const rules = { penal: { grace_days: 4, cap_instalment: '60', minimum: '3', tax_rate: '0.18' } };
    const loan = aLoan({ rules, score: 700 });
    const [first] = loan.unpaid;
    carry(loan, first!.due_day + 17, everyDay);
    const answer = penalty({
      ...{ ...late, dueOn: everyDay(first!.due_day), asOf: everyDay(first!.due_day + 17) },
      rule: { graceDays: 4, capPerInstalment: '60', minimum: '3', taxRate: '18' },
    });
    expect(answer.total).toBe(minorText(first!.penal));
  });

  test('says how it came about', () => {
    expect(explain({ fn: 'penalty', ...late })).toMatchObject({
      charge: { rule: 'penalty/1, rbi-2024', inputs: { base: '4584.00', chargeableDays: 20 } },
    });
  });

  test('asks for what it lacks', () => {
    expect(refusal({ fn: 'penalty', ...late, rule: { base: 'flat' } })).toEqual({
      ...{ code: 'missing-field', field: 'rule.flatBase' },
    });
    expect(refusal({ fn: 'penalty', ...late, asOf: '2126-01-01' })).toMatchObject({ code: 'out-of-range' });
    expect(refusal({ fn: 'penalty', ...late, principal: '1.234' })).toEqual({
      ...{ code: 'invalid-value', field: 'principal' },
    });
  });
});

describe('foreclosure', () => {
  const loan = {
    ...{ asOf: '2026-01-20', principalOutstanding: '46166', annualRate: '18', lastDueOn: '2026-01-05' },
    ...{ interestDue: '10', penalDue: '20', fees: '30' },
  };

  test('adds up all that is owed, and says what each further day adds', () => {
    // 46,166 × 0.18 × 15 / 365 = 341.502…, and a day of it 22.766…
    expect(
      foreclosure({ ...loan, charge: { percent: '2', taxRate: '18' }, advance: '100', excess: '5' }),
    ).toEqual({
      ...{ principal: '46166.00', accruedInterest: '341.50', interestDue: '10.00', penal: '20.00' },
      ...{ fees: '30.00', charge: '923.32', tax: '166.20', advance: '105.00', total: '47552.02' },
      ...{ refund: '0.00', days: 15, perDiem: '22.77', chargeRule: 'contract' },
    });
  });

  test.each([
    ['months', { dayCount: 'months' }, { accruedInterest: '335.08', perDiem: '22.34' }],
    ['30/360', { dayCount: '30/360' }, { accruedInterest: '346.24', perDiem: '23.08' }],
    ['actual/360', { dayCount: 'actual/360' }, { accruedInterest: '346.24', perDiem: '23.08' }],
    ['on a due date', { asOf: '2026-01-05' }, { accruedInterest: '0.00', days: 0 }],
    ['interest known', { lastDueOn: undefined, accruedInterest: '12.34' }, { accruedInterest: '12.34' }],
    ['more paid ahead than owed', { advance: '50000' }, { total: '0.00', refund: '3432.50' }],
    ['least charge', { charge: { percent: '1', minimum: '500' } }, { charge: '500.00' }],
    ['highest charge', { charge: { percent: '4', maximum: '1000' } }, { charge: '1000.00' }],
    [
      'by days since the disbursal',
      {
        disbursedOn: '2025-01-05',
        charge: {
          bands: [
            { daysFrom: 0, percent: '4' },
            { daysFrom: 365, percent: '1' },
          ],
        },
      },
      { charge: '461.66' },
    ],
  ])('%s', (_story, more, expected) => {
    const request = Object.fromEntries(
      Object.entries({ ...loan, ...more }).filter(([, value]) => value !== undefined),
    );
    expect(foreclosure(request)).toMatchObject(expected);
  });

  test('charges nothing where the directions of 2025 forbid it', () => {
    const facts = {
      ...{ rateType: 'floating', purpose: 'personal', borrowerClass: 'individual' },
      ...{ lenderClass: 'nbfc-base-layer', sanctionedAmount: '50000', sanctionedOn: '2026-01-01' },
    };
    expect(foreclosure({ ...loan, charge: { percent: '2', facts } })).toMatchObject({
      ...{ charge: '0.00', chargeRule: expect.stringContaining('rbi-prepayment-2025') },
    });
    const earlier = { ...facts, sanctionedOn: '2025-12-31' };
    expect(foreclosure({ ...loan, charge: { percent: '2', facts: earlier } })).toMatchObject({
      ...{ charge: '923.32', chargeRule: 'contract' },
    });
  });

  test('says how it came about, and asks for what it lacks', () => {
    expect(explain({ fn: 'foreclosure', ...loan })).toMatchObject({
      accruedInterest: { rounding: 'half-even to 2 places' },
      total: { rule: 'foreclosure/1', rounding: 'none' },
    });
    const { lastDueOn: _, ...without } = loan;
    expect(refusal({ fn: 'foreclosure', ...without })).toEqual({ code: 'missing-field', field: 'lastDueOn' });
    expect(refusal({ fn: 'foreclosure', ...loan, asOf: '2026-01-01' })).toMatchObject({
      code: 'dates-disordered',
    });
  });
});

describe('allocation', () => {
  const instalments = [
    { n: 1, penal: '10', fees: '20', interest: '30', principal: '40' },
    { n: 2, penal: '1', fees: '2', interest: '3', principal: '4' },
  ];

  test('vertical: one instalment in full before the next', () => {
    expect(allocation({ amount: '106', instalments })).toEqual({
      ...{ taken: '106.00', penal: '11.00', fees: '22.00', interest: '33.00', principal: '40.00' },
      parts: [
        { n: 1, penal: '10.00', fees: '20.00', interest: '30.00', principal: '40.00', total: '100.00' },
        { n: 2, penal: '1.00', fees: '2.00', interest: '3.00', principal: '0.00', total: '6.00' },
      ],
      unallocated: '0.00',
    });
  });

  test('horizontal, in another order; what nothing asks for stays', () => {
    const order = ['principal', 'interest', 'fees', 'penal'];
    expect(allocation({ amount: '50', instalments, order, direction: 'horizontal' })).toMatchObject({
      parts: [
        { n: 1, interest: '6.00', principal: '40.00' },
        { n: 2, interest: '0.00', principal: '4.00' },
      ],
    });
    expect(allocation({ amount: '120.50', instalments })).toMatchObject({
      ...{ taken: '110.00', unallocated: '10.50' },
    });
  });

  test('refuses two instalments of one number, and an order that lacks a component', () => {
    const twice = [instalments[0], instalments[0]];
    expect(refusal({ fn: 'allocation', amount: '1', instalments: twice })).toEqual({
      ...{ code: 'invalid-value', field: 'instalments.1.n' },
    });
    const order = ['penal', 'penal', 'fees', 'interest'];
    expect(refusal({ fn: 'allocation', amount: '1', instalments, order })).toEqual({
      ...{ code: 'invalid-value', field: 'order' },
    });
  });
});
