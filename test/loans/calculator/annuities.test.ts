import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Precise } from '../../../src/loans/calculator/precise.ts';
import { ask, numberOf, refusal } from './asking.ts';

/** r / n as a spreadsheet has it: a double. */
const monthly = (annual: number) => annual / 12;

// The examples of Excel's manual.
test.each([
  ['pmt', { rate: monthly(0.08), nper: 10, pv: 10_000 }, -1037.0320893591636],
  ['pmt', { rate: monthly(0.08), nper: 10, pv: 10_000, type: 1 }, -1030.1643271779744],
  ['pmt', { rate: monthly(0.06), nper: 216, pv: 0, fv: 50_000 }, -129.08116086799728],
  ['pmt', { rate: 0, nper: 10, pv: 1_000, fv: 500 }, -150],
  ['fv', { rate: monthly(0.06), nper: 10, pmt: -200, pv: -500, type: 1 }, 2581.40337406],
  ['fv', { rate: monthly(0.12), nper: 12, pmt: -1_000 }, 12682.50301319],
  ['fv', { rate: monthly(0.11), nper: 35, pmt: -2_000, type: 1 }, 82846.2463719],
  ['pv', { rate: monthly(0.08), nper: 240, pmt: 500 }, -59777.14585118],
  ['nper', { rate: monthly(0.12), pmt: -100, pv: -1_000, fv: 10_000, type: 1 }, 59.67386567],
  ['nper', { rate: monthly(0.12), pmt: -100, pv: -1_000, fv: 10_000 }, 60.08212285],
  ['nper', { rate: monthly(0.12), pmt: -100, pv: -1_000 }, -9.57859404],
  ['nper', { rate: 0, pmt: -100, pv: 1_000 }, 10],
  ['rate', { nper: 48, pmt: -200, pv: 8_000 }, 0.00770147249],
  ['ipmt', { rate: monthly(0.1), per: 1, nper: 36, pv: 8_000 }, -66.66666667],
  ['ipmt', { rate: 0.1, per: 3, nper: 3, pv: 8_000 }, -292.44712991],
  ['ppmt', { rate: monthly(0.1), per: 1, nper: 24, pv: 2_000 }, -75.62318601],
  ['ppmt', { rate: 0.08, per: 10, nper: 10, pv: 200_000 }, -27598.05346242],
  ['cumipmt', { rate: 0.0075, nper: 360, pv: 125_000, start: 13, end: 24, type: 0 }, -11135.23213075],
  ['cumipmt', { rate: 0.0075, nper: 360, pv: 125_000, start: 1, end: 1, type: 0 }, -937.5],
  ['cumprinc', { rate: 0.0075, nper: 360, pv: 125_000, start: 13, end: 24, type: 0 }, -934.10712342],
  ['cumprinc', { rate: 0.0075, nper: 360, pv: 125_000, start: 1, end: 1, type: 0 }, -68.27827118],
] as const)('%s of %j', (fn, request, value) => {
  expect(numberOf(fn, request)).toBeCloseTo(value, 7);
});

test('paid in advance, the first payment has no interest in it', () => {
  const annuity = { rate: '0.01', nper: 12, pv: '100000', type: 1 };
  const { value: pmt } = ask('pmt', annuity);
  expect(ask('ipmt', { ...annuity, per: 1 })).toEqual({ value: '0' });
  expect(ask('ppmt', { ...annuity, per: 1 })).toEqual({ value: pmt });
  const left = new Precise('100000').plus(pmt!);
  expect(numberOf('ipmt', { ...annuity, per: 2 })).toBeCloseTo(-left.times('0.01').toNumber(), 10);
});

test('the tiniest rates keep all their digits, and so do ends of long loans at high rates', () => {
  expect(ask('pmt', { rate: '1e-10', nper: 360, pv: '36000' }).value).toMatch(
    /^-100\.00000180500001079991666/,
  );
  expect(ask('cumipmt', { rate: '1e-10', nper: 360, pv: '36000', start: 1, end: 360 }).value).toMatch(
    /^-0\.0006498000038879/,
  );
  const long = { rate: '0.5', nper: 600, pv: '1000' };
  expect(numberOf('ppmt', { ...long, per: 1 }) / -500 / 1.5 ** -600).toBeCloseTo(1, 12);
  expect(numberOf('ppmt', { ...long, per: 600 })).toBeCloseTo(-333.3333333333333, 10);
});

describe('the functions agree with each other', () => {
  const rate = fc.integer({ min: -400_000, max: 900_000 }).map((millionths) => `${millionths}e-6`);
  const money = fc.integer({ min: -10_000_000, max: 10_000_000 }).map((cents) => String(cents / 100));
  const owed = fc.integer({ min: 100, max: 10_000_000 }).map((cents) => String(cents / 100));
  const annuity = fc.record({
    rate,
    nper: fc.integer({ min: 1, max: 120 }),
    pv: money,
    fv: money,
    type: fc.constantFrom(0, 1),
  });
  const near = (one: string | null, other: string, scale: string) => {
    const size = Precise.max(new Precise(scale).abs(), 1);
    expect(new Precise(one!).minus(other).div(size).abs().toNumber()).toBeLessThan(1e-20);
  };

  test('fv and pv undo pmt', () => {
    fc.assert(
      fc.property(annuity, (given) => {
        const { rate, nper, pv, fv, type } = given;
        const pmt = ask('pmt', given).value!;
        const grown = new Precise(1).plus(rate).pow(nper).plus(1);
        const scale = grown.times(Precise.max(new Precise(pv).abs(), new Precise(pmt).abs())).toString();
        near(ask('fv', { rate, nper, pmt, pv, type }).value, fv, scale);
        near(
          ask('pv', { rate, nper, pmt, fv, type }).value,
          pv,
          new Precise(scale).div(grown.minus(1)).toString(),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('interest and principal of a payment make the payment, and of all payments the debt', () => {
    fc.assert(
      fc.property(annuity, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (given, place) => {
        const per = 1 + Math.floor(place * given.nper);
        const [pmt, ipmt, ppmt] = [
          ask('pmt', given),
          ask('ipmt', { ...given, per }),
          ask('ppmt', { ...given, per }),
        ].map(({ value }) => value!) as [string, string, string];
        near(new Precise(ipmt).plus(ppmt).toString(), pmt, pmt);
      }),
      { numRuns: 200 },
    );
  });

  test('the interest of a span is the sum of the interest of its payments', () => {
    const loan = fc.record({
      rate: fc.integer({ min: 1, max: 100_000 }).map((millionths) => `${millionths}e-6`),
      nper: fc.integer({ min: 2, max: 24 }),
      pv: owed,
      type: fc.constantFrom(0, 1),
    });
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(loan, place, place, (given, from, length) => {
        const start = 1 + Math.floor(from * given.nper);
        const end = start + Math.floor(length * (given.nper - start + 1));
        const sums = { ipmt: new Precise(0), ppmt: new Precise(0) };
        for (let per = start; per <= end; per += 1) {
          for (const fn of ['ipmt', 'ppmt'] as const)
            sums[fn] = sums[fn].plus(ask(fn, { ...given, per }).value!);
        }
        near(ask('cumipmt', { ...given, start, end }).value, sums.ipmt.toString(), given.pv);
        near(ask('cumprinc', { ...given, start, end }).value, sums.ppmt.toString(), given.pv);
      }),
      { numRuns: 60 },
    );
  });

  test('rate and nper find what pmt was made from', () => {
    const loan = fc.record({
      rate: fc.integer({ min: 1, max: 300_000 }).map((millionths) => `${millionths}e-6`),
      nper: fc.integer({ min: 2, max: 120 }),
      pv: owed,
      type: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(loan, (given) => {
        const { rate, nper, pv, type } = given;
        const pmt = ask('pmt', given).value!;
        near(ask('rate', { nper, pmt, pv, type }).value, rate, '1');
        const lastFactor = new Precise(1).plus(rate).pow(nper);
        near(
          ask('nper', { rate, pmt, pv, type }).value,
          String(nper),
          lastFactor.times(1e6).div(rate).toString(),
        );
      }),
      { numRuns: 60 },
    );
  });
});

test.each([
  ['a payment that does not cover the interest', 'nper', { rate: '0.01', pmt: '-9', pv: '1000' }],
  ['a payment of nothing', 'nper', { rate: 0, pmt: 0, pv: '1000' }],
  ['money on one side only', 'rate', { nper: 12, pmt: '100', pv: '1000' }],
])('%s has no answer', (_story, fn, request) => {
  expect(ask(fn, request)).toEqual({ value: null });
});

const loan = { rate: '0.01', nper: 12, pv: '1000' };
// What is #NUM! in Excel.
test.each([
  ['cumipmt', { ...loan, start: 0, end: 1, type: 0 }, 'start'],
  ['cumipmt', { ...loan, start: 3, end: 2, type: 0 }, 'start'],
  ['cumipmt', { ...loan, start: 1, end: 13, type: 0 }, 'end'],
  ['cumprinc', { ...loan, rate: 0, start: 1, end: 2, type: 0 }, 'rate'],
  ['cumprinc', { ...loan, pv: '-1', start: 1, end: 2, type: 0 }, 'pv'],
  ['cumprinc', { ...loan, nper: 0, start: 1, end: 2, type: 0 }, 'nper'],
  ['cumprinc', { ...loan, start: 1, end: 2, type: 2 }, 'type'],
  ['ipmt', { ...loan, per: 13 }, 'per'],
  ['ppmt', { ...loan, per: 0 }, 'per'],
  ['pmt', { ...loan, rate: -1 }, 'rate'],
  ['pmt', { ...loan, nper: 0 }, 'nper'],
  ['pmt', { ...loan, nper: 1e7 }, 'nper'],
  ['rate', { nper: 12, pmt: -1, pv: 1, guess: -2 }, 'guess'],
] as const)('%s refuses %j', (fn, request, field) => {
  expect(refusal({ fn, ...request })).toEqual({ code: 'invalid-value', field });
});

test('an answer that no spreadsheet could show is refused', () => {
  expect(refusal({ fn: 'fv', rate: 1, nper: 100_000, pv: -1 })).toEqual({ code: 'out-of-range', field: '' });
});
