import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Calendar } from '../../src/calendar/business-date.ts';
import { dateOfDay } from '../../src/calendar/day-number.ts';
import { planSchedule } from '../../src/loans/calculator/plan.ts';
import { type Booking, carry } from '../../src/loans/life/carry.ts';
import { draw } from '../../src/loans/life/draw.ts';
import { chargeFee } from '../../src/loans/life/fee.ts';
import { foreclose } from '../../src/loans/life/foreclose.ts';
import type { Role } from '../../src/loans/life/lines.ts';
import { pay } from '../../src/loans/life/pay.ts';
import { planDrawn, planRest } from '../../src/loans/life/plan-rest.ts';
import { prepay } from '../../src/loans/life/prepay.ts';
import { restOf } from '../../src/loans/life/renew.ts';
import { restructure } from '../../src/loans/life/restructure.ts';
import { type Instalment, type LoanStanding, owedInAll } from '../../src/loans/life/standing.ts';
import { waive } from '../../src/loans/life/waive.ts';
import { writeOff } from '../../src/loans/life/write-off.ts';
import { aLoan, everyDay, FROM_DAY, someRules } from './a-loan.ts';

const calendar: Calendar = { time_zone: 'UTC', holidays: new Set() };
const RATE = '0.18';
const DAYS = 400;
const source = fc.constantFrom('collection' as const, 'wallet' as const);
const amount = fc.bigInt(1n, 2_000_000n);

const deed = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('repay' as const), amount, source }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('prepay' as const),
      ...{ amount, source, rate: fc.bigInt(0n, 50n) },
      effect: fc.constantFrom('reduce-instalment' as const, 'reduce-term' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('waive' as const),
      amount,
      component: fc.constantFrom('penal' as const, 'fees' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fee' as const), amount, tax: fc.bigInt(0n, 9_000n) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('draw' as const), amount }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('restructure' as const),
      ...{ rows: fc.integer({ min: 3, max: 24 }), moratorium: fc.integer({ min: 0, max: 2 }) },
      first_in: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('foreclose' as const), source, rate: fc.bigInt(0n, 50n) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('write-off' as const) }) },
);
type Deed = typeof deed extends fc.Arbitrary<infer One> ? One : never;

const someDeeds = fc
  .array(fc.record({ after_days: fc.integer({ min: 1, max: DAYS }), deed }), { maxLength: 8 })
  .map((deeds) => deeds.toSorted((one, other) => one.after_days - other.after_days));
type Deeds = typeof someDeeds extends fc.Arbitrary<infer All> ? All : never;

interface Done {
  booking: Booking;
  removed?: Instalment[];
  added?: Instalment[];
}

/** A loan, all rows that it ever settled, and what its journals came to. */
class Model {
  readonly loan: LoanStanding;
  readonly bookings: Booking[] = [];
  readonly net = new Map<Role, bigint>();
  /** Rows that are in the schedule, by number; those replaced are not. */
  readonly rows = new Map<number, Instalment>();
  readonly numbers = new Set<number>();
  disbursed: bigint;
  given_up = 0n;

  constructor(rules: Parameters<typeof aLoan>[0]) {
    this.loan = aLoan(rules);
    for (const row of this.loan.unpaid) this.#enter(row);
    this.disbursed = owedInAll(this.loan.unpaid).principal;
    this.net.set('principal', this.disbursed).set('wallet', -this.disbursed);
  }

  carry(day: number): void {
    for (const booking of carry(this.loan, day, everyDay)) this.#note(booking);
    this.#forgetPaid();
  }

  do(deed: Deed, day: number): void {
    const done = this.loan.state === 'active' ? this.#doneBy(deed, day) : null;
    if (!done) return;
    this.#note(done.booking);
    for (const { number } of done.removed ?? []) this.rows.delete(number);
    for (const row of done.added ?? []) this.#enter(row, done.removed);
    this.#forgetPaid();
  }

  /** Null where it cannot be done. */
  #doneBy(deed: Deed, day: number): Done | null {
    const at = { day, business_date: everyDay(day), last_number: Math.max(...this.numbers) };
    const { loan } = this;
    const rest = restOf(loan, day);
    const isInMoratorium = rest?.coming.some((each) => each.principal + each.interest === 0n) ?? false;
    switch (deed.kind) {
      case 'repay':
        return pay(loan, { ...deed, ...at });
      case 'waive':
        return waive(loan, { ...deed, ...at, number: null });
      case 'fee':
        return chargeFee(loan, { ...deed, ...at });
      case 'prepay': {
        if (isInMoratorium) return null;
        const terms = { coming: rest?.coming ?? [], annual_rate: RATE, calendar };
        const prepaid = prepay(loan, {
          ...{ ...deed, ...at, chargeOf: chargeAt(deed.rate) },
          plan: (principal, from_day) => planRest(loan, terms, { principal, from_day, effect: deed.effect }),
        });
        return prepaid.outcome === 'prepaid' ? prepaid : null;
      }
      case 'draw': {
        if (!rest || isInMoratorium) return null;
        const terms = { coming: rest.coming, annual_rate: RATE, calendar };
        const rows = planDrawn(loan, terms, { principal: rest.principal, drawn: deed.amount, day });
        this.disbursed += deed.amount;
        return draw(loan, rest, { ...at, drawn: deed.amount, rows });
      }
      case 'restructure': {
        if (owedInAll(loan.unpaid).principal === 0n) return null;
        const { rules } = loan.terms;
        const schedule = {
          ...rules.schedule,
          moratorium: deed.moratorium,
          moratorium_treatment: 'carry-forward' as const,
        };
        const terms = {
          annual_rate: RATE,
          instalments: deed.rows,
          disbursed_on: dateOfDay(day),
          rules: schedule,
        };
        return restructure(loan, {
          ...{ ...at, observation_days: 90 },
          plan: (principal) =>
            planSchedule({ ...terms, principal, first_due_on: dateOfDay(day + deed.first_in) }).rows,
        });
      }
      case 'foreclose':
        return foreclose(loan, { ...deed, ...at, chargeOf: chargeAt(deed.rate) });
      case 'write-off': {
        const written = writeOff(loan, at);
        this.given_up += written.principal;
        return written;
      }
    }
  }

  #enter(row: Instalment, removed: readonly Instalment[] = []): void {
    const isCut = removed.some(({ number }) => number === row.number);
    if (!isCut) expect(this.numbers.has(row.number)).toBe(false);
    this.numbers.add(row.number);
    this.rows.set(row.number, row);
  }

  /** Rows that are paid are not loaded again. */
  #forgetPaid(): void {
    this.loan.unpaid = this.loan.unpaid.filter(({ paid_on }) => paid_on === null);
  }

  #note(booking: Booking): void {
    this.bookings.push(booking);
    for (const [role, minor] of booking.lines.net()) this.net.set(role, (this.net.get(role) ?? 0n) + minor);
  }

  /** What must hold after everything that is done. */
  check(): void {
    const of = (role: Role) => this.net.get(role) ?? 0n;
    const { loan } = this;
    const owed = owedInAll(loan.unpaid);
    const due = owedInAll(loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null));
    const coming = loan.unpaid.filter(({ fell_due_on }) => fell_due_on === null);
    expect([...this.net.values()].reduce((sum, minor) => sum + minor, 0n)).toBe(0n);
    expect(of('principal')).toBe(owed.principal);
    expect(of('interest')).toBe(due.interest);
    expect(of('accrued')).toBe(coming.reduce((sum, { accrued }) => sum + accrued, 0n));
    expect(of('penal')).toBe(owed.penal);
    expect(of('fees')).toBe(owed.fees);
    expect(-of('advance')).toBe(loan.advance);
    expect(-of('interest-suspense')).toBe(loan.suspended_interest);
    expect(-of('penal-suspense')).toBe(loan.suspended_penal);
    const rows = [...this.rows.values()];
    expect(rows.reduce((sum, { principal }) => sum + principal, 0n)).toBe(this.disbursed - this.given_up);
    for (const { penal, penal_tax, fees, fees_tax, interest, accrued, paid } of rows) {
      expect(penal_tax >= 0n && penal_tax <= penal && paid.penal <= penal).toBe(true);
      expect(fees_tax >= 0n && fees_tax <= fees && paid.fees <= fees).toBe(true);
      expect(accrued >= 0n && accrued <= interest).toBe(true);
    }
    if (loan.state !== 'active') expect(owed).toEqual({ penal: 0n, fees: 0n, interest: 0n, principal: 0n });
  }
}

function chargeAt(percent: bigint) {
  return (principal: bigint) => ({
    charge: (principal * percent) / 1_000n,
    tax: (principal * percent) / 5_000n,
  });
}

function live(
  rules: Parameters<typeof aLoan>[0],
  deeds: Deeds,
  closings: readonly number[],
  checked = false,
): Model {
  const model = new Model(rules);
  const steps = [
    ...[...closings, DAYS].map((day) => ({ day: FROM_DAY + day, order: 1, deed: null as Deed | null })),
    ...deeds.map(({ after_days, deed: one }) => ({ day: FROM_DAY + after_days, order: 0, deed: one })),
  ].toSorted((one, other) => one.day - other.day || one.order - other.order);
  for (const step of steps) {
    model.carry(step.day);
    if (checked) model.check();
    if (step.deed) model.do(step.deed, step.day);
    if (checked) model.check();
  }
  return model;
}

const amortised = fc
  .tuple(
    someRules,
    fc.constantFrom('equal-instalment', 'equal-principal', 'flat', 'interest-only'),
    fc.boolean(),
  )
  .map(([rules, amortisation, small]) => ({
    rules: {
      ...rules,
      schedule: { amortisation: amortisation as 'flat' },
      prepayment: { minimum: small ? ('none' as const) : ('one-instalment' as const) },
    },
  }));

describe('whatever is done to a loan, on whatever days', () => {
  test('its accounts hold what its rows ask for, and its rows add up to what was paid out', () => {
    fc.assert(
      fc.property(amortised, someDeeds, (rules, deeds) => {
        live(rules, deeds, [30, 90, 200], true);
      }),
      { numRuns: 400 },
    );
  });

  test('catching up comes to the same as being on time', () => {
    const everyDayOf = Array.from({ length: DAYS }, (_, index) => index + 1);
    fc.assert(
      fc.property(
        amortised,
        someDeeds,
        fc.array(fc.integer({ min: 1, max: DAYS }), { maxLength: 6 }),
        (rules, deeds, closings) => {
          const punctual = live(rules, deeds, everyDayOf);
          const late = live(rules, deeds, closings);
          const accruals = ({ bookings }: Model) => bookings.flatMap((booking) => booking.accruals);
          expect(accruals(late)).toEqual(accruals(punctual));
          expect(late.net).toEqual(punctual.net);
          expect(late.loan).toEqual(punctual.loan);
        },
      ),
      { numRuns: 150 },
    );
  });
});
