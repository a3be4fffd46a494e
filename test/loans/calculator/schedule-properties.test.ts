import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays } from '../../../src/calendar/business-date.ts';
import { Decimal, sum } from '../../../src/ledger/money.ts';
import { dayCount } from '../../../src/loans/calculator/day-count.ts';
import { CalculationError } from '../../../src/loans/calculator/errors.ts';
import { parseRequest } from '../../../src/loans/calculator/fields.ts';
import { apr, aprRequest } from '../../../src/loans/calculator/rates/apr.ts';
import { ROUNDING_MODES } from '../../../src/loans/calculator/rounding.ts';
import {
  AMORTISATIONS,
  MORATORIUM_TREATMENTS,
  SCHEDULE_DAY_COUNTS,
  SHIFTS,
} from '../../../src/loans/calculator/schedule/request.ts';
import { type ScheduleAnswer, schedule, scheduleRequest } from '../../../src/loans/calculator/schedule.ts';

type Asked = { instalments: number; disbursedOn: string; [field: string]: unknown };

const ask = (request: object) => schedule(parseRequest(scheduleRequest, request));
const amountOf = (units: number, places: number) => new Decimal(units).div(10 ** places).toFixed(places);
const amounts = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((units) => amountOf(units, 2));
const percents = fc.integer({ min: 0, max: 6_000 }).map((points) => amountOf(points, 2));
const days = fc.integer({ min: 0, max: 12_000 }).map((count) => addDays('2000-01-01', count));

/** Loans of every kind, but regular: nothing happens to them. */
const loans: fc.Arbitrary<Asked> = fc
  .record({
    principal: fc.oneof(amounts(1, 500), amounts(1_000, 1_000_000_000)),
    annualRate: percents,
    instalments: fc.integer({ min: 1, max: 40 }),
    every: fc.record({
      count: fc.integer({ min: 1, max: 6 }),
      unit: fc.constantFrom('day', 'week', 'month', 'year'),
    }),
    disbursedOn: days,
    amortisation: fc.constantFrom(...AMORTISATIONS),
    dayCount: fc.constantFrom(...SCHEDULE_DAY_COUNTS),
    rounding: fc.record(
      {
        mode: fc.constantFrom(...ROUNDING_MODES),
        places: fc.integer({ min: 0, max: 4 }),
        instalmentMultiple: fc.constantFrom('1', '0.05', '10', '100'),
      },
      { requiredKeys: [] },
    ),
    holidays: fc.record({ shift: fc.constantFrom(...SHIFTS), dates: fc.array(days, { maxLength: 5 }) }),
    grace: fc.record({
      principal: fc.integer({ min: 0, max: 4 }),
      interest: fc.integer({ min: 0, max: 4 }),
      moratorium: fc.record({
        instalments: fc.integer({ min: 0, max: 4 }),
        treatment: fc.constantFrom(...MORATORIUM_TREATMENTS),
      }),
    }),
    firstDueAfter: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
  })
  .filter(({ every, dayCount }) => dayCount !== 'actual/actual-ICMA' || /month|year/.test(every.unit))
  .filter(
    ({ grace, instalments }) =>
      grace.moratorium.instalments + Math.max(grace.principal, grace.interest) < instalments,
  )
  .map(({ firstDueAfter, ...loan }) =>
    firstDueAfter === undefined ? loan : { ...loan, firstDueOn: addDays(loan.disbursedOn, firstDueAfter) },
  );

const decimals = (texts: string[]) => sum(texts.map((text) => new Decimal(text)));

/** What holds of every schedule. */
function expectSound(answer: ScheduleAnswer, asked: Asked): void {
  const { instalments, totals } = answer;
  for (const [index, row] of instalments.entries()) {
    expect(row.n).toBe(index + 1);
    expect(row.from).toBe(instalments[index - 1]?.due ?? asked.disbursedOn);
    expect(row.due > row.from).toBe(true);
    for (const amount of [row.principal, row.interest, row.fees, row.total, row.balance]) {
      expect(amount).toMatch(/^\d+(\.\d+)?$/);
    }
    expect(decimals([row.principal, row.interest, row.fees]).eq(row.total)).toBe(true);
  }
  for (const name of ['principal', 'interest', 'fees', 'total'] as const) {
    expect(decimals(instalments.map((row) => row[name])).eq(totals[name])).toBe(true);
  }
  expect(Number(instalments.at(-1)!.balance)).toBe(0);
}

test('a loan to which nothing happens has exactly the rows asked for, and they pay it off', () => {
  fc.assert(
    fc.property(loans, (asked) => {
      const answer = ask(asked);
      expectSound(answer, asked);
      expect(answer.instalments).toHaveLength(asked.instalments);
      const lent = new Decimal(asked.principal as string).plus(answer.totals.capitalised);
      expect(lent.eq(answer.totals.principal)).toBe(true);
      if (Number(answer.totals.capitalised) > 0) return;
      let balance = new Decimal(asked.principal as string);
      for (const row of answer.instalments) {
        balance = balance.minus(row.principal);
        expect(balance.eq(row.balance)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

const happenings = fc.record({
  tranches: fc.array(fc.record({ after: fc.nat(700), amount: amounts(1, 50_000_000) }), { maxLength: 3 }),
  rateChanges: fc.array(fc.record({ after: fc.nat(900), annualRate: percents }), { maxLength: 3 }),
  pauses: fc.array(fc.record({ after: fc.nat(700), length: fc.integer({ min: 1, max: 90 }) }), {
    maxLength: 2,
  }),
  prepayments: fc.array(
    fc.record({
      after: fc.nat(700),
      amount: amounts(1, 3_000_000),
      effect: fc.constantFrom('reduce-instalment', 'reduce-term'),
    }),
    { maxLength: 3 },
  ),
  fees: fc.array(
    fc.record({ after: fc.option(fc.nat(300), { nil: undefined }), amount: amounts(1, 100_000) }),
    {
      maxLength: 3,
    },
  ),
});

function dated<Item extends { after: number }>(items: Item[], disbursedOn: string) {
  const once = new Map(items.map((item) => [item.after, item]));
  return [...once.values()]
    .sort((one, other) => one.after - other.after)
    .map(({ after, ...item }) => ({ on: addDays(disbursedOn, after), ...item }));
}

test('whatever happens to a loan, its rows and prepayments give back what was paid out', () => {
  let answered = 0;
  fc.assert(
    fc.property(loans, happenings, (loan, happened) => {
      const { disbursedOn } = loan;
      const tranches = dated(
        happened.tranches.map((tranche) => ({ ...tranche, after: tranche.after + 1 })),
        disbursedOn,
      );
      const asked = {
        ...loan,
        tranches,
        rateChanges: dated(happened.rateChanges, disbursedOn),
        prepayments: dated(happened.prepayments, disbursedOn),
        pauses: dated(happened.pauses, disbursedOn)
          .map(({ on, length }) => ({ from: on, to: addDays(on, length) }))
          .slice(0, 1),
        fees: happened.fees.map(({ after, amount }) => ({
          name: 'charge',
          on: after === undefined ? 'instalment' : addDays(disbursedOn, after),
          amount,
        })),
      };
      let answer: ScheduleAnswer;
      try {
        answer = ask(asked);
      } catch (error) {
        expect(error).toBeInstanceOf(CalculationError);
        expect((error as CalculationError).code).toMatch(/^(after-last-due|prepayment-too-large)$/);
        return;
      }
      answered += 1;
      expectSound(answer, asked);
      const { totals } = answer;
      const lent = decimals([loan.principal as string, ...tranches.map(({ amount }) => amount)]);
      expect(lent.plus(totals.capitalised).eq(decimals([totals.principal, totals.prepaid]))).toBe(true);
      expect(totals.prepaid).toBe(
        decimals(asked.prepayments.map(({ amount }) => amount)).toFixed(
          totals.prepaid.split('.')[1]?.length ?? 0,
        ),
      );
      const shortened = asked.prepayments.length > 0;
      if (!shortened) expect(answer.instalments).toHaveLength(loan.instalments);
      expect(answer.instalments.length).toBeLessThanOrEqual(loan.instalments);
    }),
    { numRuns: 400 },
  );
  expect(answered).toBeGreaterThan(50);
});

const DECIMAL_ROUNDING = {
  'half-even': Decimal.ROUND_HALF_EVEN,
  'half-up': Decimal.ROUND_HALF_UP,
  up: Decimal.ROUND_UP,
  down: Decimal.ROUND_DOWN,
} as const;

test('the interest of a row is the balance before it, by the rate and the day count, rounded once', () => {
  const Exact = Decimal.clone({ precision: 200 });
  const kinds = SCHEDULE_DAY_COUNTS.filter((name) => !/months|ICMA|30E\/360-ISDA/.test(name));
  fc.assert(
    fc.property(
      loans,
      fc.constantFrom(...kinds),
      fc.constantFrom(...AMORTISATIONS.filter((kind) => kind !== 'flat')),
      (loan, convention, amortisation) => {
        const asked = { ...loan, grace: {}, dayCount: convention, amortisation };
        const { mode = 'half-even', places = 2 } = loan.rounding as { mode?: 'up'; places?: number };
        let before = new Exact(loan.principal as string);
        for (const row of ask(asked).instalments) {
          const { fraction } = dayCount({ convention, from: row.from, to: row.due });
          const interest = before
            .times(loan.annualRate as string)
            .times(fraction)
            .div(100);
          // The fraction has 34 digits: closer to a tie than that, this test does not know either.
          const shifted = interest.times(10 ** places);
          const near = shifted.times(2).minus(shifted.times(2).round()).abs().lt('1e-15');
          if (!near)
            expect(interest.toDecimalPlaces(places, DECIMAL_ROUNDING[mode]).eq(row.interest)).toBe(true);
          before = new Exact(row.balance);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('the level instalment is the one that, unrounded, leaves nothing owed', () => {
  const Exact = Decimal.clone({ precision: 200 });
  const kinds = SCHEDULE_DAY_COUNTS.filter((name) => !/months|ICMA|30E\/360-ISDA/.test(name));
  fc.assert(
    fc.property(
      loans,
      fc.constantFrom(...kinds),
      fc.integer({ min: 2, max: 30 }),
      (loan, convention, instalments) => {
        const asked = {
          ...loan,
          ...{ grace: {}, dayCount: convention, amortisation: 'equal-instalment', instalments },
          ...{ principal: '5000000', rounding: { places: 8 } },
        };
        const { instalments: rows } = ask(asked);
        fc.pre(Number(rows[0]!.principal) > 0);
        const level = new Exact(rows[0]!.total);
        let balance = new Exact('5000000');
        let slack = new Exact(0);
        for (const row of rows) {
          const { fraction } = dayCount({ convention, from: row.from, to: row.due });
          const growth = new Exact(loan.annualRate as string).times(fraction).div(100).plus(1);
          balance = balance.times(growth).minus(level);
          slack = slack.times(growth).plus('0.000000005');
        }
        expect(balance.abs().lte(slack.times('1.000001'))).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test('the rate of a schedule is the one that the calculator’s own rate function finds', () => {
  const plain = loans.filter(({ every }) => (every as { unit: string }).unit === 'month');
  fc.assert(
    fc.property(plain, fc.nat(3_000), (loan, fee) => {
      const count = (loan.every as { count: number }).count;
      const asked = { ...loan, firstDueOn: undefined, every: { count, unit: 'month' } };
      const charged = { name: 'processing', on: loan.disbursedOn, amount: amountOf(fee + 1, 2) };
      fc.pre(new Decimal(charged.amount).lt(loan.principal as string));
      const { instalments, apr: rate } = ask({ ...asked, fees: [charged] });
      const found = apr(
        parseRequest(aprRequest, {
          method: 'us',
          unitPeriodsPerYear: 12,
          advances: [
            { t: '0', amount: new Decimal(loan.principal as string).minus(charged.amount).toFixed() },
          ],
          payments: instalments
            .filter(({ total }) => Number(total) > 0)
            .map(({ n, total }) => ({ t: String(n), amount: total })),
        }),
      ).rate;
      // Whole unit periods of one month, twelve a year: a period of more months has fewer of them.
      const expected = new Decimal(found!).div(count);
      expect(expected.minus(rate!).abs().lte('0.000001')).toBe(true);
    }),
    { numRuns: 60 },
  );
});
