import { expect, test } from 'vitest';
import { parseRequest } from '../../../src/loans/calculator/fields.ts';
import { schedule, scheduleRequest } from '../../../src/loans/calculator/schedule.ts';

const LOAN = { principal: '100000', annualRate: '12', instalments: 12, disbursedOn: '2026-01-01' };

function ask(change: object = {}, options = {}) {
  return schedule(parseRequest(scheduleRequest, { ...LOAN, ...change }), options);
}

/** `principal interest total balance` of each row. */
function amounts(change: object): string[] {
  return ask(change).instalments.map((row) =>
    [row.principal, row.interest, row.total, row.balance].join(' '),
  );
}

const totals = (change: object) => ask(change).instalments.map(({ total }) => total);
const interests = (change: object) => ask(change).instalments.map(({ interest }) => interest);
const dues = (change: object) => ask(change).instalments.map(({ due }) => due);

// The tables were worked out by a program of exact fractions that shares nothing with this one.

test('the plain loan: 100,000 at 12 % over 12 months', () => {
  const { instalments, totals, apr } = ask();
  expect(instalments[0]).toEqual({
    ...{ n: 1, from: '2026-01-01', due: '2026-02-01', principal: '7884.88', interest: '1000.00' },
    ...{ fees: '0.00', total: '8884.88', balance: '92115.12' },
  });
  expect(instalments[11]).toEqual({
    ...{ n: 12, from: '2026-12-01', due: '2027-01-01', principal: '8796.88', interest: '87.97' },
    ...{ fees: '0.00', total: '8884.85', balance: '0.00' },
  });
  expect(totals).toMatchObject({ principal: '100000.00', interest: '6618.53', total: '106618.53' });
  expect(apr).toBe('11.999974');
});

test('a broken first period bears interest for its days, once', () => {
  const change = { instalments: 4, firstDueOn: '2026-02-15', dayCount: 'actual/365' };
  expect(amounts(change)).toEqual([
    '24256.76 1479.45 25736.21 75743.24',
    '25038.96 697.25 25736.21 50704.28',
    '25219.44 516.77 25736.21 25484.84',
    '25484.84 251.36 25736.20 0.00',
  ]);
  // By months: one month back to 5 February, and 26 of the 31 days before.
  const months = { instalments: 4, disbursedOn: '2026-01-10', firstDueOn: '2026-03-05' };
  expect(interests(months)[0]).toBe('1838.71');
  expect(interests({ ...months, every: { unit: 'week' } })[0]).toBe('1780.22');
});

test('31 December belongs to its own year, and month ends come back', () => {
  const change = { instalments: 3, disbursedOn: '2027-12-31', dayCount: 'actual/actual-ISDA' };
  expect(dues(change)).toEqual(['2028-01-31', '2028-02-29', '2028-03-31']);
  expect(amounts(change)).toEqual([
    '32982.12 1016.48 33998.60 67017.88',
    '33361.38 637.22 33998.60 33656.50',
    '33656.50 342.08 33998.58 0.00',
  ]);
});

test('weeks are 52 to the year, days 365', () => {
  expect(amounts({ instalments: 4, every: { count: 2, unit: 'week' } })).toEqual([
    '24827.59 461.54 25289.13 75172.41',
    '24942.18 346.95 25289.13 50230.23',
    '25057.30 231.83 25289.13 25172.93',
    '25172.93 116.18 25289.11 0.00',
  ]);
  expect(interests({ every: { count: 73, unit: 'day' }, instalments: 1 })).toEqual(['2400.00']);
  expect(interests({ every: { count: 2, unit: 'year' }, instalments: 1 })).toEqual(['24000.00']);
});

test('a rate that changes within a month counts from its day, and the instalment is solved anew', () => {
  expect(amounts({ instalments: 6, rateChanges: [{ on: '2026-03-16', annualRate: '18' }] })).toEqual([
    '16254.84 1000.00 17254.84 83745.16',
    '16417.39 837.45 17254.84 67327.77',
    '16579.17 847.03 17426.20 50748.60',
    '16664.97 761.23 17426.20 34083.63',
    '16914.95 511.25 17426.20 17168.68',
    '17168.68 257.53 17426.21 0.00',
  ]);
});

test('a rate that changed by the day of the disbursal is the rate', () => {
  const rateChanges = [
    { on: '2025-06-01', annualRate: '9' },
    { on: '2026-01-01', annualRate: '24' },
    { on: '2099-01-01', annualRate: '99' },
  ];
  expect(ask({ rateChanges })).toEqual(ask({ annualRate: '24' }));
});

test('a prepayment on a due date leaves a smaller instalment for the rows that remain', () => {
  const prepayments = [{ on: '2026-03-01', amount: '30000', effect: 'reduce-instalment' }];
  expect(amounts({ instalments: 6, prepayments }).slice(2)).toEqual([
    '9193.12 373.28 9566.40 28134.65',
    '9285.05 281.35 9566.40 18849.60',
    '9377.90 188.50 9566.40 9471.70',
    '9471.70 94.72 9566.42 0.00',
  ]);
  expect(ask({ instalments: 6, prepayments }).totals).toMatchObject({
    principal: '70000.00',
    prepaid: '30000.00',
  });
});

test('a prepayment within a month: the interest of the days before it falls due with the row', () => {
  const prepayments = [{ on: '2026-03-16', amount: '30000', effect: 'reduce-instalment' }];
  const rows = amounts({ prepayments });
  expect(rows).toHaveLength(12);
  expect(rows.slice(2, 4)).toEqual(['5045.91 686.68 5732.59 49105.48', '5241.54 491.05 5732.59 43863.94']);
  expect(rows.at(-1)).toBe('5675.83 56.76 5732.59 0.00');
});

test('a prepayment that shortens the term keeps the instalment, and the last row is short', () => {
  const prepayments = [{ on: '2026-03-16', amount: '30000', effect: 'reduce-term' }];
  expect(amounts({ prepayments }).slice(2)).toEqual([
    '8198.20 686.68 8884.88 45953.19',
    '8425.35 459.53 8884.88 37527.84',
    '8509.60 375.28 8884.88 29018.24',
    '8594.70 290.18 8884.88 20423.54',
    '8680.64 204.24 8884.88 11742.90',
    '8767.45 117.43 8884.88 2975.45',
    '2975.45 29.75 3005.20 0.00',
  ]);
});

test('a prepayment of all that is owed ends the loan with the interest of its days', () => {
  for (const effect of ['reduce-instalment', 'reduce-term']) {
    const prepayments = [{ on: '2026-03-16', amount: '67327.77', effect }];
    expect(amounts({ instalments: 6, prepayments })).toEqual([
      '16254.84 1000.00 17254.84 83745.16',
      '16417.39 837.45 17254.84 67327.77',
      '0.00 325.78 325.78 0.00',
    ]);
  }
});

test('a second tranche bears interest from its day', () => {
  const rows = [
    '29076.16 931.34 30007.50 88251.61',
    '29124.98 882.52 30007.50 59126.63',
    '29416.23 591.27 30007.50 29710.40',
    '29710.40 297.10 30007.50 0.00',
  ];
  const second = { on: '2026-03-16', amount: '50000' };
  expect(amounts({ instalments: 6, tranches: [second] }).slice(2)).toEqual(rows);
  // The same, told as all payouts there are.
  const all = [{ on: '2026-01-01', amount: '100000' }, second];
  expect(ask({ instalments: 6, principal: '150000', tranches: all })).toEqual(
    ask({ instalments: 6, tranches: [second] }),
  );
});

test('a paused month bears no interest, and the level instalment knows of it', () => {
  expect(amounts({ instalments: 6, pauses: [{ from: '2026-03-01', to: '2026-04-01' }] })).toEqual([
    '16141.70 1000.00 17141.70 83858.30',
    '16303.12 838.58 17141.70 67555.18',
    '17141.70 0.00 17141.70 50413.48',
    '16637.57 504.13 17141.70 33775.91',
    '16803.94 337.76 17141.70 16971.97',
    '16971.97 169.72 17141.69 0.00',
  ]);
});

test('equal principal: 10,000 a month and interest on what is left', () => {
  expect(amounts({ principal: '40000', instalments: 4, amortisation: 'equal-principal' })).toEqual([
    '10000.00 400.00 10400.00 30000.00',
    '10000.00 300.00 10300.00 20000.00',
    '10000.00 200.00 10200.00 10000.00',
    '10000.00 100.00 10100.00 0.00',
  ]);
});

test('flat: 12 % of 100,000 for a year, in twelve equal parts', () => {
  const { instalments, totals } = ask({ amortisation: 'flat' });
  expect(totals.interest).toBe('12000.00');
  expect(instalments.map(({ total }) => total)).toEqual([...Array(11).fill('9333.33'), '9333.37']);
});

test('interest only: the principal at the end', () => {
  expect(totals({ instalments: 3, amortisation: 'interest-only' })).toEqual([
    '1000.00',
    '1000.00',
    '101000.00',
  ]);
});

test('grace: interest alone at first, and interest put off to the first row after', () => {
  expect(amounts({ instalments: 5, grace: { principal: 2, interest: 1 } })).toEqual([
    '0.00 0.00 0.00 100000.00',
    '0.00 2000.00 2000.00 100000.00',
    '33002.21 1000.00 34002.21 66997.79',
    '33332.23 669.98 34002.21 33665.56',
    '33665.56 336.66 34002.22 0.00',
  ]);
});

test.each([
  ['capitalise', ['0.00', '0.00', '34685.66', '34685.66', '34685.64'], '2010.00'],
  ['carry-forward', ['0.00', '0.00', '36002.21', '34002.21', '34002.22'], '0.00'],
  ['spread', ['0.00', '0.00', '34668.88', '34668.88', '34668.88'], '0.00'],
])('a moratorium of two rows, %s', (treatment, rows, capitalised) => {
  const change = { instalments: 5, grace: { moratorium: { instalments: 2, treatment } } };
  expect(totals(change)).toEqual(rows);
  expect(ask(change).totals.capitalised).toBe(capitalised);
});

test('an instalment that is given finds the number of rows', () => {
  // n = −ln(1 − 100000 · 0.01 / 5000) / ln 1.01 = 22.4
  const { instalments } = ask({ instalments: undefined, fixedInstalment: '5000' });
  expect(instalments).toHaveLength(23);
  expect(new Set(instalments.slice(0, -1).map(({ total }) => total))).toEqual(new Set(['5000.00']));
  expect(Number(instalments.at(-1)!.total)).toBeLessThan(5_000);
});

test('a small loan whose instalment is rounded up to a whole unit keeps its twelve rows', () => {
  // 10.04 would become 11, which pays 113 off in eleven rows.
  const small = { principal: '113', rounding: { mode: 'up', instalmentMultiple: '1' } };
  expect(totals(small)).toEqual([...Array(11).fill('10.00'), '10.58']);
  expect(totals({ ...small, principal: '130', annualRate: '20' })).toEqual([
    ...Array(11).fill('13.00'),
    '0.45',
  ]);
});

test.each([
  ['0.12', {}, Array(12).fill('0.01')],
  ['0.04', { instalments: 6 }, ['0.00', '0.00', '0.01', '0.01', '0.01', '0.01']],
  ['0.31', { annualRate: '0', instalments: 20 }, [...Array(11).fill('0.02'), ...Array(9).fill('0.01')]],
  ['100', { annualRate: '0', instalments: 3 }, ['33.33', '33.33', '33.34']],
  ['100000', { instalments: 1 }, ['101000.00']],
  ['10000', { instalments: 4, rounding: { places: 0 } }, ['2563', '2563', '2563', '2561']],
  ['100.50', { instalments: 5, rounding: { places: 0 } }, ['21.0', '21.0', '21.0', '21.0', '19.5']],
])('%s as %j', (principal, change, rows) => {
  expect(totals({ principal, ...change })).toEqual(rows);
});

test('rounding is exact where a decimal of any length would not be: 3 · 10 % / 12 is a tie', () => {
  const tie = { principal: '3', annualRate: '10', instalments: 2, amortisation: 'interest-only' };
  const first = (mode: string) => interests({ ...tie, rounding: { mode } })[0];
  expect(['half-even', 'half-up', 'up', 'down'].map(first)).toEqual(['0.02', '0.03', '0.03', '0.02']);
});

test('360 rows, and amounts of thirty digits', () => {
  const { instalments } = ask({ principal: '9'.repeat(30), instalments: 360 });
  expect(instalments).toHaveLength(360);
  expect(instalments.at(-1)!.balance).toBe('0.00');
});

test('due dates go off holidays, and no two rows take one day', () => {
  const holidays = { dates: ['2026-06-01'], shift: 'next' };
  expect(dues({ holidays }).slice(0, 5)).toEqual([
    ...['2026-02-02', '2026-03-02', '2026-04-01', '2026-05-01', '2026-06-02'],
  ]);
  expect(dues({ holidays: { ...holidays, shift: 'previous' } })[0]).toBe('2026-01-30');
  const lastOfMay = { disbursedOn: '2026-04-30', firstDueOn: '2026-05-31', instalments: 1 };
  expect(dues({ ...lastOfMay, holidays: { shift: 'modified-next' } })).toEqual(['2026-05-29']);
  expect(dues({ every: { unit: 'day' }, instalments: 4, holidays: { shift: 'next' } })).toEqual([
    ...['2026-01-02', '2026-01-05', '2026-01-06', '2026-01-07'],
  ]);
  const fridays = { disbursedOn: '2026-01-02', every: { unit: 'day' }, instalments: 2 };
  expect(dues({ ...fridays, holidays: { shift: 'previous', weekend: ['friday', 'saturday'] } })).toEqual([
    ...['2026-01-04', '2026-01-05'],
  ]);
});

test('due dates that are told are taken as they are', () => {
  const dueDates = ['2026-02-03', '2026-03-03', '2026-04-05'];
  expect(dues({ instalments: undefined, dueDates })).toEqual(dueDates);
  expect(interests({ instalments: 3, dueDates, dayCount: 'actual/360' })[0]).toBe('1100.00');
});

test('fees fall due with the row of their period, with every row, or at once', () => {
  const { instalments, totals } = ask({
    instalments: 3,
    fees: [
      { name: 'processing', on: '2026-01-01', amount: '400' },
      { name: 'valuation', on: '2026-02-15', amount: '99.5' },
      { name: 'service', on: 'instalment', amount: '10' },
    ],
  });
  expect(instalments.map(({ fees }) => fees)).toEqual(['10.00', '109.50', '10.00']);
  expect(totals).toMatchObject({ fees: '129.50', feesAtDisbursal: '400.00', total: '102136.14' });
});

test('the rate of the key facts statement: 20,000 at 15 % over 24 months with 400 kept back is 17.07 %', () => {
  const fees = [{ name: 'processing', on: '2026-01-01', amount: '400' }];
  expect(ask({ principal: '20000', annualRate: '15', instalments: 24, fees }).apr).toBe('17.070464');
});

test.each([
  [{ annualRate: '0', instalments: 3 }, '0.000000'],
  [{ amortisation: 'interest-only' }, '12.000000'],
  [{ amortisation: 'interest-only', every: { count: 3, unit: 'month' } }, '12.000000'],
  [{ fees: [{ name: 'all of it', on: '2026-01-01', amount: '100000' }] }, null],
])('the rate of %j is %s', (change, apr) => {
  expect(ask(change).apr).toBe(apr);
});

test('every amount can tell how it came about', () => {
  const { instalments, trace } = ask({}, { explain: true });
  expect(instalments[1]!.trace).toMatchObject({
    interest: {
      rule: 'interest/1',
      inputs: { stint: expect.stringMatching(/^92115.12 × 12 % × 0.0833+ year from 2026-02-01$/) },
      unrounded: '921.1512',
      rounding: 'half-even to 2 places',
    },
    principal: {
      rule: 'principal-of-equal-instalment/1',
      inputs: { level: '8884.88', levelUnrounded: '8884.878867834170733998783122788653', interest: '921.15' },
      unrounded: '7963.73',
    },
    balance: { inputs: { before: '92115.12', principal: '7963.73' }, unrounded: '84151.39' },
  });
  expect(trace!.apr.unrounded).toMatch(/^11\.99997363671/);
  for (const { trace: row, ...amounts } of instalments) {
    for (const name of ['principal', 'fees', 'total', 'balance'] as const) {
      expect(row![name].unrounded).toBe(amounts[name]);
    }
  }
  expect(ask().instalments[0]).not.toHaveProperty('trace');
});

test.each([
  [{ principal: '0' }, 'invalid-value', 'principal'],
  [{ principal: '-5' }, 'invalid-value', 'principal'],
  [{ principal: 'NaN' }, 'invalid-value', 'principal'],
  [{ principal: 100 }, 'invalid-value', 'principal'],
  [{ annualRate: '1e3' }, 'invalid-value', 'annualRate'],
  [{ instalments: 0 }, 'invalid-value', 'instalments'],
  [{ instalments: 1201 }, 'invalid-value', 'instalments'],
  [{ instalments: 1.5 }, 'invalid-value', 'instalments'],
  [{ instalments: undefined }, 'missing-field', 'instalments'],
  [{ tenure: 12 }, 'unknown-field', 'tenure'],
  [{ rounding: { digits: 2 } }, 'unknown-field', 'rounding.digits'],
  [{ disbursedOn: '2026-02-30' }, 'invalid-value', 'disbursedOn'],
  [{ firstDueOn: '2026-01-01' }, 'dates-disordered', 'firstDueOn'],
  [{ instalments: 2, dueDates: ['2026-03-01', '2026-03-01'] }, 'dates-disordered', 'dueDates.1'],
  [{ instalments: 1, dueDates: ['2025-12-31'] }, 'dates-disordered', 'dueDates.0'],
  [{ instalments: 3, dueDates: ['2026-03-01'] }, 'invalid-value', 'dueDates'],
  [{ tranches: [{ on: '2025-01-01', amount: '1' }] }, 'dates-disordered', 'tranches.0.on'],
  [{ tranches: [{ on: '2026-01-01', amount: '1' }] }, 'invalid-value', 'tranches'],
  [{ tranches: [{ on: '2027-01-01', amount: '1' }] }, 'after-last-due', 'tranches.0.on'],
  [{ pauses: [{ from: '2026-03-01', to: '2026-03-01' }] }, 'dates-disordered', 'pauses.0.to'],
  [{ prepayments: [{ on: '2026-03-01', amount: '90000' }] }, 'prepayment-too-large', 'prepayments.0.amount'],
  [{ prepayments: [{ on: '2027-01-01', amount: '1' }] }, 'after-last-due', 'prepayments.0.on'],
  [{ fees: [{ name: 'x', on: '2027-01-02', amount: '1' }] }, 'after-last-due', 'fees.0.on'],
  [{ fees: [{ name: 'x', on: '2025-01-02', amount: '1' }] }, 'dates-disordered', 'fees.0.on'],
  [{ grace: { principal: 12 } }, 'invalid-value', 'grace'],
  [{ fixedInstalment: '1000' }, 'never-pays-off', 'fixedInstalment'],
  [{ fixedInstalment: '1000.001' }, 'too-many-instalments', 'fixedInstalment'],
  [{ fixedInstalment: '9000', amortisation: 'flat' }, 'not-supported', 'fixedInstalment'],
  [{ dayCount: 'actual/actual-ICMA', every: { unit: 'day' } }, 'not-supported', 'dayCount'],
  [{ instalments: 1200, every: { count: 100, unit: 'year' } }, 'too-many-instalments', 'instalments'],
  [{ holidays: { shift: 'next', weekend: [...'12345678'] } }, 'invalid-value', 'holidays.weekend'],
])('a loan of %j is refused: %s of %s', (change, code, field) => {
  expect(() => ask(change)).toThrow(expect.objectContaining({ code, field }));
});
