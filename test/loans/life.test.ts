import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayNumber } from '../../src/calendar/day-number.ts';
import { total } from '../../src/loans/allocation.ts';
import { type Booking, carry } from '../../src/loans/life/carry.ts';
import { Lines, type Role } from '../../src/loans/life/lines.ts';
import { pay } from '../../src/loans/life/pay.ts';
import { corrections, difference, discrepancy, tell } from '../../src/loans/life/replay.ts';
import { copyOf, type LoanStanding, owedInAll } from '../../src/loans/life/standing.ts';
import { chargeOf, penalTerms } from '../../src/loans/penalty.ts';
import { penalRules } from '../../src/loans/product-rules.ts';
import { aLoan, everyDay, FROM_DAY, type SomePayment, somePayments, someRules } from './a-loan.ts';

const DAYS = 220;
const accrualsOf = (bookings: readonly Booking[]) => bookings.flatMap(({ accruals }) => accruals);
const sumOf = (bookings: readonly Booking[], component: string) =>
  accrualsOf(bookings).reduce((sum, each) => sum + (each.component === component ? each.amount : 0n), 0n);
const netOf = (bookings: readonly Booking[]) => {
  const net = new Map<Role, bigint>();
  for (const { lines } of bookings)
    for (const [role, minor] of lines.net()) net.set(role, (net.get(role) ?? 0n) + minor);
  return net;
};

/** Lives through days with payments, carrying the loan only on the days given and before each payment. */
function live(loan: LoanStanding, payments: readonly SomePayment[], closings: readonly number[]): Booking[] {
  const bookings: Booking[] = [];
  const stops = [...closings.map((day) => ({ day, order: 1 })), { day: FROM_DAY + DAYS, order: 1 }];
  const steps = [
    ...stops.map((stop) => ({ ...stop, payment: null as SomePayment | null })),
    ...payments.map((payment) => ({ day: FROM_DAY + payment.after_days, order: 0, payment })),
  ].toSorted((one, other) => one.day - other.day || one.order - other.order);
  for (const { day, payment } of steps) {
    bookings.push(...carry(loan, day, everyDay));
    if (payment && loan.state === 'active') {
      bookings.push(pay(loan, { ...payment, day, business_date: everyDay(day) }).booking);
    }
  }
  return bookings;
}

const everyClosing = Array.from({ length: DAYS }, (_, index) => FROM_DAY + index + 1);
const someClosings = fc.uniqueArray(fc.integer({ min: 1, max: DAYS }), { maxLength: 12 });

describe('a loan is carried from day to day', () => {
  test('catching up missed days, in whatever leaps, comes to the very same accruals as closing each in time', () => {
    fc.assert(
      fc.property(someRules, somePayments, someClosings, (rules, payments, closings) => {
        const punctual = aLoan({ rules });
        const late = aLoan({ rules });
        const in_time = live(punctual, payments, everyClosing);
        const caught_up = live(
          late,
          payments,
          closings.map((days) => FROM_DAY + days),
        );
        expect(accrualsOf(caught_up)).toEqual(accrualsOf(in_time));
        expect(netOf(caught_up)).toEqual(netOf(in_time));
        expect(late).toEqual(punctual);
      }),
    );
  });

  test('every journal balances, and what the accounts hold is what the instalments ask for', () => {
    fc.assert(
      fc.property(someRules, somePayments, (rules, payments) => {
        const loan = aLoan({ rules });
        const principal = owedInAll(loan.unpaid).principal;
        const bookings = live(loan, payments, everyClosing);
        for (const { lines } of bookings) {
          expect([...lines.net().values()].reduce((sum, minor) => sum + minor, 0n)).toBe(0n);
        }
        const net = netOf(bookings);
        const due = loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null);
        const owed = owedInAll(loan.unpaid);
        expect(principal + (net.get('principal') ?? 0n)).toBe(owed.principal);
        expect(net.get('interest') ?? 0n).toBe(owedInAll(due).interest);
        expect(net.get('penal') ?? 0n).toBe(owed.penal);
        expect(-(net.get('advance') ?? 0n)).toBe(loan.advance);
        expect(-(net.get('interest-suspense') ?? 0n)).toBe(loan.suspended_interest);
        expect(-(net.get('penal-suspense') ?? 0n)).toBe(loan.suspended_penal);
      }),
    );
  });

  test('the interest of the days adds up to the interest of the schedule, and no penal charge enters it', () => {
    fc.assert(
      fc.property(someRules, somePayments, (rules, payments) => {
        const loan = aLoan({ rules });
        const promised = loan.unpaid.map(({ interest }) => interest);
        const bookings = live(loan, payments, everyClosing);
        for (const instalment of loan.unpaid) {
          expect(instalment.interest).toBe(promised[instalment.number - 1]);
          if (instalment.fell_due_on === null) continue;
          const accrued = accrualsOf(bookings)
            .filter(({ component, number }) => component === 'interest' && number === instalment.number)
            .reduce((sum, { amount }) => sum + amount, 0n);
          expect(accrued).toBe(instalment.interest);
        }
      }),
    );
  });

  test('no chargeable day of an instalment is charged twice, and the caps hold', () => {
    fc.assert(
      fc.property(someRules, somePayments, (rules, payments) => {
        const loan = aLoan({ rules });
        const { penal } = loan.terms;
        const accruals = accrualsOf(live(loan, payments, everyClosing));
        const keys = accruals.map((each) => `${each.component}/${each.number}/${each.chargeable_day}`);
        expect(new Set(keys).size).toBe(keys.length);
        const charges = accruals.filter(({ component }) => component === 'penal');
        expect(charges.reduce((sum, { amount }) => sum + amount, 0n)).toBe(loan.penal_charged);
        if (penal.cap_loan !== null) expect(loan.penal_charged <= penal.cap_loan).toBe(true);
        for (const { number, penal: charged, penal_tax } of loan.unpaid) {
          if (penal.cap_instalment !== null) expect(charged - penal_tax <= penal.cap_instalment).toBe(true);
          const own = charges.filter((each) => each.number === number);
          expect(own.reduce((sum, each) => sum + each.amount + each.tax, 0n)).toBe(charged);
        }
      }),
    );
  });
});

describe('penal charges', () => {
  const overdue = (rules: Parameters<typeof aLoan>[0], days: number) => {
    const loan = aLoan(rules);
    const [first] = loan.unpaid;
    return { loan, bookings: carry(loan, first!.due_day + days, everyDay), first: first! };
  };

  test('are base × daily rate × days late, rounded once over all the days', () => {
    const { loan, bookings } = overdue({ rules: { reminders: { overdue_days: [] } }, score: 700 }, 20);
    // 4,584.00 × 0.00075 × 20 days = 68.76
    expect(sumOf(bookings, 'penal')).toBe(68_76n);
    expect(loan.unpaid[0]).toMatchObject({ penal: 68_76n, penal_tax: 0n });
    expect(accrualsOf(bookings).filter(({ component }) => component === 'penal')).toHaveLength(20);
  });

  test('begin the day after the due date, and the day of payment is the last one', () => {
    const { loan, bookings, first } = overdue({}, 3);
    const days = accrualsOf(bookings)
      .filter(({ component }) => component === 'penal')
      .map(({ chargeable_day }) => chargeable_day - first.due_day);
    expect(days).toEqual([1, 2, 3]);
    pay(loan, { amount: 10_000_00n, source: 'collection', day: first.due_day + 3, business_date: 'x' });
    expect(accrualsOf(carry(loan, first.due_day + 10, everyDay)).filter((each) => each.number === 1)).toEqual(
      [],
    );
  });

  test.each([
    [true, [1, 2, 3, 4, 5]],
    [false, [4, 5]],
  ])('grace of three days, charged back %s', (grace_charged_back, expected) => {
    const rules = { penal: { grace_days: 3, grace_charged_back } };
    expect(overdue({ rules }, 3).bookings.flatMap(({ accruals }) => accruals)).toHaveLength(1);
    const { bookings, first } = overdue({ rules }, 5);
    const days = accrualsOf(bookings)
      .filter(({ component }) => component === 'penal')
      .map(({ chargeable_day }) => chargeable_day - first.due_day);
    expect(days).toEqual(expected);
  });

  test('the days add up to the closed form, whatever the base does in between', () => {
    fc.assert(
      fc.property(someRules, somePayments, (rules, payments) => {
        const loan = aLoan({ rules: { ...rules, penal: { ...rules.penal, cap_loan: undefined } } });
        live(loan, payments, everyClosing);
        for (const { penal, penal_tax, penal_base_days } of loan.unpaid) {
          const { charge, tax } = chargeOf(loan.terms.penal, penal_base_days);
          expect([penal - penal_tax, penal_tax]).toEqual([charge, tax]);
        }
      }),
    );
  });

  test('the band of the score decides the rate; a score below the first band takes the first', () => {
    const rules = penalRules.parse({});
    expect(penalTerms(rules, 800).daily_rate).toBe('0.0005');
    expect(penalTerms(rules, 650).daily_rate).toBe('0.00075');
    expect(penalTerms(rules, 649).daily_rate).toBe('0.001');
    expect(penalTerms(rules, null).daily_rate).toBe('0.001');
  });
});

describe('asset classes', () => {
  test('an account goes through the special mention classes to non-performing, and its income waits', () => {
    const loan = aLoan();
    const due = loan.unpaid[0]!.due_day;
    const bookings = carry(loan, due + 100, everyDay);
    const changes = bookings.flatMap((booking) => booking.changes);
    expect(changes.map(({ day, to }) => [day - due, to])).toEqual([
      [1, 'sma-0'],
      [31, 'sma-1'],
      [61, 'sma-2'],
      [91, 'npa'],
    ]);
    const net = netOf(bookings);
    expect(net.get('interest-income') ?? 0n).toBe(0n);
    expect(net.get('penal-income') ?? 0n).toBe(0n);
    expect(loan.suspended_interest).toBe(owedInAll(loan.unpaid.slice(0, 4)).interest);
  });

  test('non-performing is left only when all arrears are cleared, and income is what was received', () => {
    const loan = aLoan();
    const due = loan.unpaid[0]!.due_day;
    const bookings = carry(loan, due + 100, everyDay);
    const by = { source: 'collection' as const, day: due + 100, business_date: 'x' };
    bookings.push(pay(loan, { amount: 10_000_00n, ...by }).booking);
    expect(loan.asset_class).toBe('npa');
    const arrears = owedInAll(loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null));
    bookings.push(pay(loan, { amount: total(arrears), ...by }).booking);
    expect(loan.asset_class).toBe('standard');
    expect(loan.suspended_interest).toBe(0n);
    const paid = loan.unpaid.reduce((sum, each) => sum + each.paid.interest, 0n);
    expect(-(netOf(bookings).get('interest-income') ?? 0n)).toBe(paid);
  });
});

describe('a life told again', () => {
  const calendar = { time_zone: 'UTC', holidays: new Set<string>() };
  const happeningsOf = (payments: readonly SomePayment[]) =>
    payments.map(({ after_days, ...rest }, seq) => ({
      ...{ seq, day: FROM_DAY + after_days, kind: 'repayment' as const },
      ...rest,
    }));

  test('comes to how the loan stands', () => {
    fc.assert(
      fc.property(someRules, somePayments, (rules, payments) => {
        const beginning = aLoan({ rules });
        const loan = copyOf(beginning);
        const bookings = live(loan, payments, everyClosing);
        const told = tell(beginning, happeningsOf(payments), { through: FROM_DAY + DAYS, calendar });
        expect(discrepancy(loan, told.standing)).toBeNull();
        expect(told.net).toEqual(netOf(bookings));
      }),
    );
  });

  test('without a payment that bounced it is as if that had never come; the corrections say by how much', () => {
    fc.assert(
      fc.property(someRules, somePayments, fc.nat(), (rules, payments, pick) => {
        fc.pre(payments.length > 0);
        const bounced = pick % payments.length;
        const sound = payments.filter((_, index) => index !== bounced);
        const beginning = aLoan({ rules });
        const through = FROM_DAY + DAYS;
        const was = tell(beginning, happeningsOf(payments), { through, calendar });
        const is = tell(beginning, happeningsOf(sound), { through, calendar });
        const never = copyOf(beginning);
        const bookings = live(never, sound, everyClosing);
        expect(discrepancy(never, is.standing)).toBeNull();
        const after = new Map(was.net);
        for (const [role, minor] of difference(was, is).net())
          after.set(role, (after.get(role) ?? 0n) + minor);
        expect(Lines.ofNet(after).net()).toEqual(Lines.ofNet(netOf(bookings)).net());
        const corrected = [...was.accruals.values(), ...corrections(was, is)].reduce(
          (sum, { amount }) => sum + amount,
          0n,
        );
        expect(corrected).toBe(accrualsOf(bookings).reduce((sum, { amount }) => sum + amount, 0n));
      }),
    );
  });
});

test('a loan without arrears has no work between its reminders and due dates', () => {
  const loan = aLoan({ rules: { reminders: { before_due_days: [3] } } });
  const bookings = carry(loan, dayNumber('2026-02-04'), everyDay);
  expect(bookings.map(({ business_date }) => business_date)).toEqual(['2026-02-02']);
  expect(bookings[0]!.lines.isEmpty).toBe(true);
});
