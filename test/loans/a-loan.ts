import fc from 'fast-check';
import type { z } from 'zod';
import { dateOfDay, dayNumber } from '../../src/calendar/day-number.ts';
import { freshInstalment, type LoanStanding } from '../../src/loans/life/standing.ts';
import { loanTerms } from '../../src/loans/life/terms.ts';
import { productRules } from '../../src/loans/product-rules.ts';
import { annuity, dueDates } from '../../src/loans/schedule.ts';

export const DISBURSED_ON = '2026-01-05';
export const FROM_DAY = dayNumber(DISBURSED_ON);

type Rules = z.input<typeof productRules>;

/** A loan just paid out, in memory. */
export function aLoan({
  rules = {},
  principal = '50000.00',
  months = 12,
  score = null,
}: {
  rules?: Rules;
  principal?: string;
  months?: number;
  score?: number | null;
} = {}): LoanStanding {
  const due = dueDates(DISBURSED_ON, months);
  const { rows } = annuity({ principal, annual_rate: '0.18', tenure_months: months });
  return {
    ...{ id: '0197a3c0-5a1e-7b57-9d3c-6b6973740042', wallet_id: '0197a3c0-5a1e-7b57-9d3c-6b6973740043' },
    ...{ currency: 'INR', terms: loanTerms(productRules.parse(rules), score), state: 'active' },
    ...{
      carried_through: FROM_DAY,
      asset_class: 'standard',
      class_held_through: null,
      penal_charged: 0n,
      advance: 0n,
    },
    ...{ suspended_interest: 0n, suspended_penal: 0n },
    unpaid: rows.map(({ number, principal: part, interest }, index) =>
      freshInstalment({
        ...{ number, principal: part, interest, due_on: due[index]! },
        from_on: index === 0 ? DISBURSED_ON : due[index - 1]!,
      }),
    ),
  };
}

/** Every day is a business date. */
export const everyDay = (day: number) => dateOfDay(day);

const amount = fc.integer({ min: 1, max: 500_000 }).map((minor) => (minor / 100).toFixed(2));
const band = fc.record({
  score_from: fc.integer({ min: 0, max: 900 }),
  daily_rate: fc.integer({ min: 0, max: 50 }).map((parts) => (parts / 10_000).toFixed(4)),
});

/** Rules of all kinds. */
export const someRules: fc.Arbitrary<Rules> = fc.record({
  accrual: fc.record({ interest: fc.constantFrom('at-due-date', 'daily') }),
  excess: fc.constantFrom('coming-instalments', 'advance', 'wallet'),
  penal: fc.record(
    {
      base: fc.constantFrom('overdue-instalment', 'overdue-principal', 'flat'),
      flat_base: amount,
      bands: fc.array(band, { minLength: 1, maxLength: 3 }),
      grace_days: fc.integer({ min: 0, max: 10 }),
      grace_charged_back: fc.boolean(),
      cap_instalment: amount,
      cap_loan: amount,
      minimum: fc.integer({ min: 1, max: 5_000 }).map((minor) => (minor / 100).toFixed(2)),
      tax_rate: fc.constantFrom('0', '0.18'),
    },
    { requiredKeys: ['base', 'bands', 'grace_days'] },
  ),
  delinquency: fc.record({ due_date_counts_as: fc.constantFrom(0 as const, 1 as const) }),
});

export interface SomePayment {
  after_days: number;
  amount: bigint;
  source: 'collection' | 'wallet';
}

/** Payments on days of the first 200, in order. */
export const somePayments: fc.Arbitrary<SomePayment[]> = fc
  .array(
    fc.record({
      after_days: fc.integer({ min: 1, max: 200 }),
      amount: fc.bigInt(1n, 1_000_000n),
      source: fc.constantFrom('collection' as const, 'wallet' as const),
    }),
    { maxLength: 8 },
  )
  .map((payments) => payments.toSorted((one, other) => one.after_days - other.after_days));
