import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, isBusinessDate } from '../../../src/calendar/business-date.ts';
import { Decimal } from '../../../src/ledger/money.ts';
import { parseRequest } from '../../../src/loans/calculator/fields.ts';
import { planSchedule } from '../../../src/loans/calculator/plan.ts';
import { schedule, scheduleRequest } from '../../../src/loans/calculator/schedule.ts';
import { productRules, STANDARD_RULES } from '../../../src/loans/product-rules.ts';
import { annuity, dueDates, minorText } from '../../../src/loans/schedule.ts';

const holidays = new Set(['2026-01-26', '2026-03-04', '2026-05-01']);
const calendar = { time_zone: 'Asia/Kolkata', holidays };
const schedules = productRules.shape.schedule;

const rules = fc
  .record({
    amortisation: fc.constantFrom('equal-instalment', 'equal-principal', 'flat', 'interest-only'),
    day_count: fc.constantFrom('months', '30/360', 'actual/365', 'actual/actual-ISDA', 'actual/actual-ICMA'),
    rounding: fc.constantFrom('half-even', 'half-up', 'up', 'down'),
    instalment_multiple: fc.constantFrom('1', '0.50', '100'),
    holiday_shift: fc.constantFrom('none', 'next', 'previous', 'modified-next'),
    grace_principal: fc.nat(2),
    moratorium: fc.nat(2),
    moratorium_treatment: fc.constantFrom('carry-forward', 'spread'),
  })
  .map((chosen) => schedules.parse(chosen));

test('the books plan the very rows that the calculator shows', () => {
  const loan = fc.record({
    principal: fc.bigInt(1n, 10n ** 10n),
    points: fc.integer({ min: 0, max: 5_000 }),
    instalments: fc.integer({ min: 5, max: 60 }),
    disbursed_on: fc.nat(400).map((days) => addDays('2025-12-20', days)),
    first_after: fc.option(fc.integer({ min: 3, max: 80 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(rules, loan, (chosen, { principal, points, instalments, disbursed_on, first_after }) => {
      const first = first_after === undefined ? undefined : addDays(disbursed_on, first_after);
      const annual_rate = new Decimal(points).div(10_000).toFixed();
      const plan = planSchedule({
        ...{ principal, annual_rate, instalments, disbursed_on, calendar },
        ...{ rules: chosen, first_due_on: first },
      });
      const shown = schedule(
        parseRequest(scheduleRequest, {
          principal: minorText(principal),
          annualRate: new Decimal(points).div(100).toFixed(),
          ...{ instalments, disbursedOn: disbursed_on, firstDueOn: first },
          ...{ amortisation: chosen.amortisation, dayCount: chosen.day_count },
          rounding: { mode: chosen.rounding, instalmentMultiple: chosen.instalment_multiple },
          grace: {
            principal: chosen.grace_principal,
            moratorium: { instalments: chosen.moratorium, treatment: chosen.moratorium_treatment },
          },
          holidays: { dates: [...holidays], shift: chosen.holiday_shift },
        }),
      );
      expect(
        plan.rows.map(({ number, from_on, due_on, ...amounts }) => ({
          ...{ n: number, from: from_on, due: due_on },
          principal: minorText(amounts.principal),
          interest: minorText(amounts.interest),
          balance: minorText(amounts.balance),
        })),
      ).toEqual(shown.instalments.map(({ fees: _fees, total: _total, ...row }) => row));
      expect(minorText(plan.capitalised)).toBe(shown.totals.capitalised);
      if (chosen.holiday_shift !== 'none') {
        for (const { due_on } of plan.rows) expect(isBusinessDate(due_on, calendar)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test('by the rules that products have unless they choose others, it is the annuity on the due dates', () => {
  const loan = { principal: '100000', annual_rate: '0.12', tenure_months: 12 };
  const plan = planSchedule({
    ...{ principal: 100_000_00n, annual_rate: '0.12', instalments: 12, disbursed_on: '2026-01-31' },
    rules: STANDARD_RULES.schedule,
  });
  expect(minorText(plan.instalment)).toBe('8884.88');
  expect(plan.rows.map(({ principal, interest }) => principal + interest)).toEqual(
    annuity(loan).rows.map(({ principal, interest }) => principal + interest),
  );
  expect(plan.rows.map(({ due_on }) => due_on)).toEqual(dueDates('2026-01-31', 12));
  expect(plan.rows[0]!.from_on).toBe('2026-01-31');
});

test('a kept instalment finds the number of rows, and the last one is short', () => {
  const plan = planSchedule({
    ...{ principal: 50_000_00n, annual_rate: '0.12', instalments: 12, disbursed_on: '2026-06-01' },
    ...{ rules: STANDARD_RULES.schedule, fixed_instalment: 8_884_88n },
  });
  expect(plan.rows).toHaveLength(6);
  expect(plan.rows.slice(0, -1).every(({ principal, interest }) => principal + interest === 8_884_88n)).toBe(
    true,
  );
  const last = plan.rows.at(-1)!;
  expect(last.principal + last.interest).toBeLessThan(8_884_88n);
});

test.each([
  [{ principal: 0n }, RangeError],
  [{ annual_rate: '-0.1' }, RangeError],
  [{ annual_rate: '1e2' }, RangeError],
  [{ instalments: 0 }, RangeError],
  [{ first_due_on: '2026-01-01' }, RangeError],
  [{ rules: schedules.parse({ moratorium: 12 }) }, RangeError],
  [{ rules: schedules.parse({ holiday_shift: 'next' }) }, RangeError],
])('no loan has %o', (change, error) => {
  const good = { principal: 100n, annual_rate: '0.1', instalments: 12, disbursed_on: '2026-01-01' };
  expect(() => planSchedule({ ...good, rules: STANDARD_RULES.schedule, ...change })).toThrow(error);
});
