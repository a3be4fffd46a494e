import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays } from '../../../src/calendar/business-date.ts';
import { Decimal } from '../../../src/ledger/money.ts';
import {
  CONVENTIONS,
  type Convention,
  dayCount,
  dayCountRequest,
} from '../../../src/loans/calculator/day-count.ts';
import { parseRequest } from '../../../src/loans/calculator/fields.ts';

/** Sum of quotients such as '61/365 + 121/366', as the published tables print them. */
function sumOf(quotients: string): string {
  return quotients
    .split('+')
    .map((quotient) => {
      const [dividend, divisor = '1'] = quotient.trim().split('/');
      return new Decimal(dividend!).div(divisor);
    })
    .reduce((sum, part) => sum.plus(part))
    .toPrecision(30);
}

function count(convention: Convention, from: string, to: string, terms: object = {}) {
  const answer = dayCount(parseRequest(dayCountRequest, { convention, from, to, ...terms }));
  return { ...answer, fraction: new Decimal(answer.fraction).toPrecision(30) };
}

test.each([
  // ISDA, "EMU and market conventions: recent developments", 1998: the worked examples.
  ['actual/actual-ISDA', '2003-11-01', '2004-05-01', 182, '61/365 + 121/366', {}],
  ['actual/actual-AFB', '2003-11-01', '2004-05-01', 182, '182/366', {}],
  [
    ...(['actual/actual-ICMA', '2003-11-01', '2004-05-01', 182, '1/2'] as const),
    { couponFrom: '2003-11-01', couponTo: '2004-05-01', frequency: 2 },
  ],
  ['actual/actual-ISDA', '1999-02-01', '1999-07-01', 150, '150/365', {}],
  ['actual/actual-AFB', '1999-02-01', '1999-07-01', 150, '150/365', {}],
  [
    ...(['actual/actual-ICMA', '1999-02-01', '1999-07-01', 150, '150/365'] as const),
    { couponFrom: '1998-07-01', couponTo: '1999-07-01', frequency: 1 },
  ],
  ['actual/actual-ISDA', '1999-07-01', '2000-07-01', 366, '184/365 + 182/366', {}],
  ['actual/actual-AFB', '1999-07-01', '2000-07-01', 366, '1', {}],
  ['actual/actual-ISDA', '2002-08-15', '2003-07-15', 334, '334/365', {}],
  ['actual/actual-AFB', '2002-08-15', '2003-07-15', 334, '334/365', {}],
  [
    ...(['actual/actual-ICMA', '2002-08-15', '2003-07-15', 334, '181/362 + 153/368'] as const),
    { couponFrom: '2003-01-15', couponTo: '2003-07-15', frequency: 2 },
  ],
  ['actual/actual-ISDA', '1999-07-30', '2000-01-30', 184, '155/365 + 29/366', {}],
  ['actual/actual-ISDA', '2000-01-30', '2000-06-30', 152, '152/366', {}],
  ['actual/actual-AFB', '2000-01-30', '2000-06-30', 152, '152/366', {}],
  [
    ...(['actual/actual-ICMA', '2000-01-30', '2000-06-30', 152, '152/364'] as const),
    { couponFrom: '2000-01-30', couponTo: '2000-07-30', frequency: 2 },
  ],
  ['actual/actual-ISDA', '1999-11-30', '2000-04-30', 152, '32/365 + 120/366', {}],
  ['actual/actual-AFB', '1999-11-30', '2000-04-30', 152, '152/366', {}],
  [
    ...(['actual/actual-ICMA', '1999-11-30', '2000-04-30', 152, '91/364 + 61/368'] as const),
    { couponFrom: '1999-11-30', couponTo: '2000-02-29', frequency: 4 },
  ],
] as [Convention, string, string, number, string, object][])(
  'the examples of the ISDA paper: %s from %s to %s',
  (convention, from, to, days, fraction, terms) => {
    expect(count(convention, from, to, terms)).toEqual({ days, fraction: sumOf(fraction) });
  },
);

test.each([
  ['2011-12-28', '2012-02-28', '4/365 + 58/366', '62/365', '62/365'],
  ['2011-12-28', '2012-02-29', '4/365 + 59/366', '63/365', '62/365'],
  ['2011-12-28', '2012-03-01', '4/365 + 60/366', '64/366', '63/365'],
  ['2011-12-28', '2016-02-29', '4 + 4/365 + 59/366', '4 + 63/365', '4 + 62/365'],
  ['2012-02-29', '2012-03-28', '28/366', '28/366', '28/365'],
  ['2012-03-01', '2012-03-28', '27/366', '27/365', '27/365'],
  ['2011-12-31', '2012-01-01', '1/365', '1/365', '1/365'],
  ['2012-12-31', '2013-01-01', '1/366', '1/365', '1/365'],
])('leap years, %s to %s: ISDA %s, AFB %s, without leap days %s', (from, to, isda, afb, noLeap) => {
  expect(count('actual/actual-ISDA', from, to).fraction).toBe(sumOf(isda));
  expect(count('actual/actual-AFB', from, to).fraction).toBe(sumOf(afb));
  expect(count('nl/365', from, to).fraction).toBe(sumOf(noLeap));
});

// Days of: bond basis, with the PSA's February rule, European, ISDA's European, Excel's DAYS360, YEARFRAC 0.
test.each([
  ['2006-08-31', '2007-02-28', 178, 178, 178, 180, 178, 178],
  ['2007-02-28', '2007-08-31', 183, 180, 182, 180, 180, 181],
  ['2007-02-14', '2007-02-28', 14, 14, 14, 16, 14, 14],
  ['2007-02-26', '2008-02-29', 363, 363, 363, 364, 363, 363],
  ['2008-02-29', '2009-02-28', 359, 358, 359, 360, 358, 360],
  ['2008-02-29', '2008-03-30', 31, 30, 31, 30, 30, 30],
  ['2008-02-29', '2008-03-31', 32, 30, 31, 30, 30, 31],
  ['2007-02-28', '2007-03-05', 7, 5, 7, 5, 5, 5],
  ['2007-10-31', '2007-11-28', 28, 28, 28, 28, 28, 28],
  ['2007-08-31', '2008-02-29', 179, 179, 179, 180, 179, 179],
  ['2008-01-30', '2008-01-31', 0, 0, 0, 0, 0, 0],
  ['2012-05-29', '2013-08-31', 452, 452, 451, 451, 452, 452],
  ['2012-05-30', '2013-08-31', 450, 450, 450, 450, 450, 450],
  ['2012-05-31', '2013-08-31', 450, 450, 450, 450, 450, 450],
])('months of 30 days, %s to %s', (from, to, bond, psa, european, isda, days360, nasd) => {
  const days = (convention: Convention) => count(convention, from, to).days;
  expect({
    bond: days('30/360'),
    psa: days('30/360-PSA'),
    european: days('30E/360'),
    isda: days('30E/360-ISDA'),
    days360: days('excel-days360'),
    nasd: days('excel-yearfrac-0'),
    excelEuropean: days('excel-yearfrac-4'),
  }).toEqual({ bond, psa, european, isda, days360, nasd, excelEuropean: european });
});

test('under 30E/360-ISDA a contract that ends on the last of February ends on that day', () => {
  expect(count('30E/360-ISDA', '2006-08-31', '2007-02-28', { termination: '2007-02-28' }).days).toBe(178);
  expect(count('30E/360-ISDA', '2006-08-31', '2007-02-28', { termination: '2008-02-29' }).days).toBe(180);
});

// D. A. Wheeler's findings about Excel, and Excel's own help page (the first).
test.each([
  ['2012-01-01', '2012-07-30', '209/360', '211/366', '211/360', '211/365', '209/360'],
  ['1999-01-01', '1999-04-05', '94/360', '94/365', '94/360', '94/365', '94/360'],
  ['2000-01-01', '2001-01-01', '1', '366/366', '366/360', '366/365', '1'],
  ['2000-02-29', '2001-02-28', '1', '365/366', '365/360', '365/365', '359/360'],
  ['2000-03-01', '2001-03-01', '1', '365/365', '365/360', '365/365', '1'],
  ['1999-03-01', '2000-02-29', '358/360', '365/366', '365/360', '365/365', '358/360'],
  ['2000-01-31', '2004-02-29', '1469/360', '7450/1827', '1490/360', '1490/365', '1469/360'],
  ['2011-07-30', '2012-01-01', '151/360', '155/365', '155/360', '155/365', '151/360'],
])('Excel’s YEARFRAC from %s to %s', (from, to, ...fractions) => {
  fractions.forEach((fraction, basis) => {
    const convention = `excel-yearfrac-${basis}` as Convention;
    expect(count(convention, from, to).fraction, convention).toBe(sumOf(fraction));
    expect(count(convention, to, from), `${convention} backwards`).toEqual(count(convention, from, to));
  });
});

test('Excel’s DAYS360 counts backwards, everybody else refuses to', () => {
  expect(count('excel-days360', '2026-03-15', '2026-01-15').days).toBe(-60);
  for (const convention of CONVENTIONS.filter((name) => !name.startsWith('excel'))) {
    expect(() => count(convention, '2026-03-15', '2026-01-15')).toThrow(
      expect.objectContaining({ code: 'dates-disordered', field: 'to' }),
    );
  }
});

test('months count whole from month end to month end, and by days of a month besides', () => {
  expect(count('months', '2026-01-31', '2026-02-28').fraction).toBe(sumOf('1/12'));
  expect(count('months', '2026-02-28', '2026-03-31').fraction).toBe(sumOf('1/12'));
  expect(count('months', '2026-01-10', '2026-03-05').fraction).toBe(sumOf('1/12 + 26/372'));
  expect(count('months', '2026-01-31', '2027-01-31').fraction).toBe(sumOf('1'));
});

test('the example of the issue: January 2026 is 31 days, and to at least 15 digits of a year', () => {
  const answer = dayCount({ convention: 'actual/365', from: '2026-01-01', to: '2026-02-01' });
  expect(answer).toEqual({ days: 31, fraction: '0.08493150684931506849315068493150685' });
});

test('no convention counts anything from a day to itself, nor less for a later end', () => {
  const start = fc.integer({ min: 0, max: 60_000 }).map((days) => addDays('1950-01-01', days));
  fc.assert(
    fc.property(
      fc.constantFrom(...CONVENTIONS),
      start,
      fc.integer({ min: 0, max: 4_000 }),
      (convention, from, length) => {
        // ICMA is told its coupon: it does not follow from the dates.
        const coupon = { couponFrom: '2000-01-31', couponTo: '2000-02-29', frequency: 12 as const };
        const terms = convention === 'actual/actual-ICMA' ? coupon : {};
        const at = (days: number) =>
          new Decimal(dayCount({ convention, from, to: addDays(from, days), ...terms }).fraction);
        expect(at(0).toNumber()).toBe(0);
        const difference = at(length + 1).minus(at(length));
        // Counts by 30 days jump by up to three days at the end of February; Excel's mean year shrinks.
        const least = convention.startsWith('excel') || convention.startsWith('30') ? -0.01 : 0;
        if (convention !== 'actual/actual-AFB' && convention !== 'months') {
          expect(difference.toNumber()).toBeGreaterThanOrEqual(least);
        }
        expect(at(length).minus(new Decimal(length).div('365.25')).abs().toNumber()).toBeLessThan(0.18);
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  [{ convention: 'actual/366' }, 'invalid-value', 'convention'],
  [{ from: '2026-02-29' }, 'invalid-value', 'from'],
  [{ to: undefined }, 'missing-field', 'to'],
  [{ calendar: 'IN' }, 'unknown-field', 'calendar'],
  [{ convention: 'actual/actual-ICMA', couponTo: '2025-01-01' }, 'dates-disordered', 'couponTo'],
  [{ convention: 'actual/actual-ICMA', to: '2026-01-20' }, 'missing-field', 'frequency'],
])('a wrong request %j is refused by %s of %s', (change, code, field) => {
  const good = { convention: 'actual/365', from: '2026-01-01', to: '2026-02-01' };
  expect(() => dayCount(parseRequest(dayCountRequest, { ...good, ...change }))).toThrow(
    expect.objectContaining({ code, field }),
  );
});
