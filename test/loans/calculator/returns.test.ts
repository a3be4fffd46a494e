import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Precise } from '../../../src/loans/calculator/precise.ts';
import { ask, explain, numberOf, refusal } from './asking.ts';

const flows = (...pairs: [string, string | number][]) => ({
  flows: pairs.map(([on, amount]) => ({ on, amount })),
});

describe('xirr', () => {
  test.each([
    [
      "the example of Excel's manual",
      flows(
        ['2008-01-01', '-10000'],
        ['2008-03-01', '2750'],
        ['2008-10-30', '4250'],
        ['2009-02-15', '3250'],
        ['2009-04-01', '2750'],
      ),
      '0.373362534',
    ],
    [
      'a leap year has a day more than the year of 365',
      flows(['2024-01-01', '-100'], ['2025-01-01', '110']),
      '0.099713586',
    ],
    ['most of it lost', flows(['2013-01-01', '-100'], ['2014-01-01', '20']), '-0.800000000'],
    ['nearly all of it lost', flows(['2025-01-01', '-1000000'], ['2026-01-01', '0.01']), '-0.999999990'],
    [
      'paid out in the end, paid in before',
      flows(['2025-01-01', '100'], ['2026-01-01', '-110']),
      '0.100000000',
    ],
    [
      'nothing earned',
      flows(['2025-01-01', '-100'], ['2025-07-01', '60'], ['2026-01-01', '40']),
      '0.000000000',
    ],
    ['ten percent in a day', flows(['2026-01-01', '-1000'], ['2026-01-02', '1100']), '1283305580313351.697'],
  ])('%s', (_story, request, rate) => {
    const places = rate.split('.')[1]!.length;
    expect(new Precise(ask('xirr', request).rate!).toFixed(places)).toBe(rate);
  });

  test('flows may come in any order, and those of one day count together', () => {
    const sorted = flows(['2025-01-01', '-1000'], ['2025-06-01', '500'], ['2026-03-01', '600']);
    const mixed = flows(
      ['2026-03-01', '600'],
      ['2025-06-01', '200'],
      ['2025-01-01', -1000],
      ['2025-06-01', 300],
    );
    expect(ask('xirr', mixed)).toEqual(ask('xirr', sorted));
  });

  test.each([
    ['nothing is paid', flows(['2025-01-01', '100'], ['2026-01-01', '10'])],
    ['nothing is received', flows(['2025-01-01', '-100'], ['2026-01-01', '-10'])],
    ['one flow', flows(['2025-01-01', '-100'])],
    ['nothing at all', flows(['2025-01-01', '0'], ['2026-01-01', '0'])],
    ['all on one day', flows(['2025-01-01', '-100'], ['2025-01-01', '110'])],
    ['what is paid comes back on the same day', flows(['2025-01-01', '-100'], ['2025-01-01', '100'])],
    ['never worth nothing', flows(['2025-01-01', '100'], ['2026-01-01', '-100'], ['2027-01-01', '100'])],
    ['beyond any rate', flows(['2025-01-01', '-1'], ['2025-01-02', '10'])],
  ])('there is none where %s', (_story, request) => {
    expect(ask('xirr', request)).toEqual({ rate: null });
  });

  test('a guess is above -1, a date is in the calendar, and an amount is finite', () => {
    const good = flows(['2025-01-01', '-100'], ['2026-01-01', '110']);
    expect(refusal({ fn: 'xirr', ...good, guess: '-1' })).toEqual({ code: 'invalid-value', field: 'guess' });
    expect(refusal({ fn: 'xirr', ...flows(['2025-02-29', '1']) })).toEqual({
      code: 'invalid-value',
      field: 'flows.0.on',
    });
    for (const amount of ['1e400', 'NaN', '', '1,000', Number.POSITIVE_INFINITY, null, true, '1e99']) {
      const request = { fn: 'xirr', flows: [{ on: '2025-01-01', amount }] };
      expect(refusal(request), String(amount)).toEqual({ code: 'invalid-value', field: 'flows.0.amount' });
    }
    expect(refusal({ fn: 'xirr', flows: [] })).toMatchObject({ field: 'flows' });
  });
});

describe('irr', () => {
  // Excel's manual; the third with its guess.
  test.each([
    [['-70000', '12000', '15000', '18000', '21000'], undefined, -0.021244848],
    [['-70000', '12000', '15000', '18000', '21000', '26000'], undefined, 0.086630948],
    [['-70000', '12000', '15000'], '-0.1', -0.443506941],
  ])('of %j with guess %s', (values, guess, rate) => {
    expect(numberOf('irr', guess ? { values, guess } : { values })).toBeCloseTo(rate, 9);
  });

  test('of several rates the one nearest to the guess is told', () => {
    const values = ['-100', '230', '-132'];
    expect(ask('irr', { values })).toEqual({ value: '0.1' });
    expect(ask('irr', { values, guess: '0.3' })).toEqual({ value: '0.2' });
    const three = ['-1000', '6000', '-11000', '6000'];
    expect(['0.1', '0.8', '5'].map((guess) => numberOf('irr', { values: three, guess }))).toEqual([0, 1, 2]);
  });

  test('a rate where the value only touches zero is found; where it stays away by a hair there is none', () => {
    expect(ask('irr', { values: ['-100', '220', '-121'] })).toEqual({ value: '0.1' });
    expect(ask('irr', { values: ['-100', '220', '-121.000001'] })).toEqual({ value: null });
    const manifold = [
      ['-1', '3.3', '-3.63', '1.331'],
      ['1', '-4.4', '7.26', '-5.324', '1.4641'],
      ['-1', '5.5', '-12.1', '13.31', '-7.3205', '1.61051'],
    ];
    for (const values of manifold) expect(ask('irr', { values })).toEqual({ value: '0.1' });
  });

  test('at the rate that is told, flows are worth nothing, however they change their signs', () => {
    const amounts = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), {
      minLength: 2,
      maxLength: 24,
    });
    fc.assert(
      fc.property(amounts, (values) => {
        const { value } = ask('irr', { values });
        if (value === null) return;
        const growth = new Precise(value!).plus(1);
        const worth = values.reduceRight((sum, each) => sum.div(growth).plus(each), new Precise(0));
        const size = values.reduceRight((sum, each) => sum.div(growth).plus(Math.abs(each)), new Precise(0));
        expect(worth.div(size).abs().toNumber()).toBeLessThan(1e-25);
      }),
      { numRuns: 150 },
    );
  });

  test('one change of sign is one rate: it is always found', () => {
    const positive = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(positive, positive, (paid, received) => {
        expect(ask('irr', { values: [...paid.map((each) => -each), ...received] }).value).not.toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  test('a list as long as is taken, with a sign that changes all the time, is answered in good time', () => {
    const values = Array.from({ length: 10_000 }, (_, index) => Math.round(1_000 * Math.sin(index * index)));
    const started = performance.now();
    ask('irr', { values });
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(refusal({ fn: 'irr', values: [...values, 1] })).toMatchObject({ field: 'values' });
  });
});

test('npv discounts the first value too', () => {
  expect(numberOf('npv', { rate: '0.1', values: ['-10000', 3000, 4200, 6800] })).toBeCloseTo(
    1188.4434123352,
    9,
  );
  expect(numberOf('npv', { rate: '0', values: ['1', '2', '3'] })).toBe(6);
  expect(refusal({ fn: 'npv', rate: '-1', values: ['1'] })).toEqual({ code: 'invalid-value', field: 'rate' });
  expect(explain({ fn: 'npv', rate: '0.1', values: ['110'] })).toEqual({
    value: {
      rule: 'npv/1',
      inputs: { rate: '0.1', values: '1 values' },
      unrounded: '100',
      rounding: 'none; 34 significant digits',
    },
  });
});
