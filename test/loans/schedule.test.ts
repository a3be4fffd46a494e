import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal, roundToMoney } from '../../src/ledger/money.ts';
import { annuity, dueDates, instalmentOf, minorText, minorUnits } from '../../src/loans/schedule.ts';

const terms = fc.record({
  principal: fc.bigInt(1n, 10n ** 13n).map(minorText),
  annual_rate: fc
    .integer({ min: 0, max: 99_999 })
    .map((points) => new Decimal(points).div(100_000).toFixed()),
  tenure_months: fc.integer({ min: 1, max: 360 }),
});

test('whatever the terms, exactly n rows add up to the principal and leave nothing owed', () => {
  fc.assert(
    fc.property(terms, (given) => {
      const { rows } = annuity(given);
      expect(rows.map((row) => row.number)).toEqual(
        Array.from({ length: given.tenure_months }, (_, i) => i + 1),
      );
      expect(minorText(rows.reduce((sum, row) => sum + row.principal, 0n))).toBe(given.principal);
      expect(rows.at(-1)!.balance).toBe(0n);
      for (const row of rows) {
        expect(row.principal).toBeGreaterThanOrEqual(0n);
        expect(row.interest).toBeGreaterThanOrEqual(0n);
      }
    }),
  );
});

test('the interest of each row is the balance before it times a twelfth of the rate, half to even', () => {
  fc.assert(
    fc.property(terms, (given) => {
      let before = new Decimal(given.principal);
      for (const row of annuity(given).rows) {
        const interest = roundToMoney(before.times(given.annual_rate).div(12));
        expect(minorText(row.interest)).toBe(interest.toFixed(2));
        before = new Decimal(minorText(row.balance));
      }
    }),
    { numRuns: 50 },
  );
});

test('the instalment is the closed form in decimals, rounded once', () => {
  const Exact = Decimal.clone({ precision: 120 });
  fc.assert(
    fc.property(terms, (given) => {
      const principal = new Exact(given.principal);
      const rate = new Exact(given.annual_rate).div(12);
      const growth = rate.plus(1).pow(given.tenure_months);
      const closed = rate.isZero()
        ? principal.div(given.tenure_months)
        : principal.times(rate).times(growth).div(growth.minus(1));
      expect(instalmentOf(given)).toBe(roundToMoney(closed).toFixed(2));
    }),
    { numRuns: 60 },
  );
});

test('every row but the last is the equal instalment, for amounts anybody lends', () => {
  const lent = fc.record({
    principal: fc.bigInt(1_000_00n, 10n ** 11n).map(minorText),
    annual_rate: fc.integer({ min: 0, max: 360 }).map((mille) => new Decimal(mille).div(1_000).toFixed()),
    tenure_months: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(lent, (given) => {
      const { instalment, rows } = annuity(given);
      for (const row of rows.slice(0, -1)) expect(row.principal + row.interest).toBe(instalment);
    }),
  );
});

test('a known loan: 100,000 at 12 % over 12 months is 8,884.88 a month', () => {
  const loan = { principal: '100000', annual_rate: '0.12', tenure_months: 12 };
  expect(instalmentOf(loan)).toBe('8884.88');
  const { rows } = annuity(loan);
  expect([rows[0], rows[11]].map((row) => [minorText(row!.principal), minorText(row!.interest)])).toEqual([
    ['7884.88', '1000.00'],
    ['8796.88', '87.97'],
  ]);
});

test('without interest the principal is split evenly and the last row takes the odd paisa', () => {
  const { rows } = annuity({ principal: '100', annual_rate: '0', tenure_months: 3 });
  expect(rows.map((row) => minorText(row.principal))).toEqual(['33.33', '33.33', '33.34']);
});

test('a loan of the 31st falls due on the last day of shorter months', () => {
  expect(dueDates('2027-01-31', 3)).toEqual(['2027-02-28', '2027-03-31', '2027-04-30']);
});

test('terms that no loan can have are refused', () => {
  const good = { principal: '100.00', annual_rate: '0.1', tenure_months: 3 };
  for (const bad of [
    ...[{ principal: '0' }, { principal: '-1' }, { principal: '1e9' }, { principal: '0.001' }],
    ...[{ annual_rate: 'NaN' }, { annual_rate: '-0.1' }],
    ...[{ tenure_months: 0 }, { tenure_months: 361 }, { tenure_months: 1.5 }],
  ]) {
    expect(() => annuity({ ...good, ...bad }), JSON.stringify(bad)).toThrow(RangeError);
  }
});

test('minor units and their text are one another’s inverse', () => {
  fc.assert(fc.property(fc.bigInt(0n, 10n ** 17n), (minor) => minorUnits(minorText(minor)) === minor));
});
