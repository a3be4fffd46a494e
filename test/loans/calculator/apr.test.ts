import { describe, expect, test } from 'vitest';
import { ask, explain, refusal } from './asking.ts';

const loan = (amount: string) => [{ t: '0', amount }];

describe('European Union', () => {
  // Directive 98/7/EC, annex: the worked examples, by calendar and by standard months.
  test.each([
    ['1,000 repaid with 1,200 after 546 days', '12.96', loan('1000'), [{ t: '546/365', amount: '1200' }]],
    ['the same after a year and a half', '12.92', loan('1000'), [{ t: '1.5', amount: '1200' }]],
    ['50 of it kept back as a fee', '16.85', loan('950'), [{ t: '18/12', amount: '1200' }]],
    ['600 after one year and after two', '13.07', loan('1000'), [{ t: 1, step: 1, count: 2, amount: '600' }]],
    [
      '272 after 3 and 6 months, 544 after 12',
      '13.19',
      loan('1000'),
      [
        { t: '3/12', step: '3/12', count: 2, amount: '272' },
        { t: '1', amount: '544' },
      ],
    ],
  ])('%s: %s %%', (_story, rate, advances, payments) => {
    expect(Number(ask('apr', { method: 'eu', advances, payments }).rate).toFixed(2)).toBe(rate);
  });

  test('a fee paid at once is the same as a smaller payout', () => {
    const payments = [{ t: '1/12', step: '1/12', count: 12, amount: '90' }];
    const fee = { t: '0', amount: '20' };
    const paid = ask('apr', { method: 'eu', advances: loan('1000'), payments: [fee, ...payments] });
    const keptBack = ask('apr', { method: 'eu', advances: loan('980'), payments });
    expect(paid).toEqual(keptBack);
  });

  test('times may be sums of fractions, and a list may be written out', () => {
    const repeated = [{ t: '1/12+5/365', step: '1/12', count: 3, amount: '340' }];
    const written = ['1/12+5/365', '5/365 + 2/12', '0.25+5/365'].map((t) => ({ t, amount: '340' }));
    const inDoubles = [1, 2, 3].map((month) => ({ t: month / 12 + 5 / 365, amount: '340' }));
    const rates = [repeated, written, inDoubles].map(
      (payments) => ask('apr', { method: 'eu', advances: loan('1000'), payments }).rate,
    );
    expect(rates[0]).toMatch(/^\d+\.\d{6}$/);
    expect(new Set(rates).size).toBe(1);
  });

  test('less paid back than paid out is a rate below zero, and nothing but payouts is none', () => {
    const payments = [{ t: '1', amount: '900' }];
    expect(ask('apr', { method: 'eu', advances: loan('1000'), payments })).toEqual({ rate: '-10.000000' });
    const sameDay = [{ t: '0', amount: '900' }];
    expect(ask('apr', { method: 'eu', advances: loan('1000'), payments: sameDay })).toEqual({ rate: null });
  });
});

// Regulation Z, appendix J, (c): the worked examples of single advances.
test.each([
  ['24 of 230 monthly', 12, '5000', { t: '1', count: 24, amount: '230' }, '9.69'],
  [
    '36 of 200 monthly, long first period',
    12,
    '6000',
    { t: '1', odd: '19/30', count: 36, amount: '200' },
    '11.82',
  ],
  [
    '24 of 219.17 semimonthly, short first period',
    24,
    '5000',
    { t: '0', odd: '6/15', count: 24, amount: '219.17' },
    '10.34',
  ],
  [
    '40 of 385 quarterly, long first period',
    4,
    '10000',
    { t: '1', odd: '39/90', count: 40, amount: '385' },
    '8.97',
  ],
  [
    '30 of 17.60 weekly, long first period',
    52,
    '500',
    { t: '4', odd: '4/7', count: 30, amount: '17.60' },
    '14.96',
  ],
])('United States: %s', (_story, unitPeriodsPerYear, amount, payment, rate) => {
  const answer = ask('apr', {
    method: 'us',
    unitPeriodsPerYear,
    advances: loan(amount),
    payments: [payment],
  });
  expect(Number(answer.rate).toFixed(2)).toBe(rate);
});

test('a rate is found whatever odd parts of periods both sides have', () => {
  const advances = [
    { t: 2, odd: '2/30', amount: '223' },
    { t: 8, odd: '28/30', amount: '502' },
    { t: 10, odd: '7/30', amount: '302' },
    { t: 1, odd: '12/30', count: 3, amount: '294' },
  ];
  const payments = [{ t: 9, odd: '26/30', amount: '845' }];
  const answer = ask('apr', { method: 'us', unitPeriodsPerYear: 1, advances, payments });
  const i = Number(answer.rate) / 100;
  const worth = (flows: { t: number; odd: string; count?: number; amount: string }[]) =>
    flows.reduce((sum, { t, odd, count = 1, amount }) => {
      const simple = 1 + (Number(odd.split('/')[0]) / 30) * i;
      for (let k = 0; k < count; k += 1) sum += Number(amount) / (simple * (1 + i) ** (t + k));
      return sum;
    }, 0);
  expect(worth(advances) / worth(payments)).toBeCloseTo(1, 6);
});

// 20,000 at 15 % is the example of the circular on key facts statements; 47,000 a bank's own sheet.
test.each([
  ['19600', '969.73', '17.07'],
  ['45825', '2415.14', '23.66'],
  ['45613.50', '2415.14', '24.15'],
])('India: %s paid out, 24 monthly instalments of %s', (amount, instalment, rate) => {
  const payments = [{ t: 1, count: 24, amount: instalment }];
  const answer = ask('apr', { method: 'in', advances: loan(amount), payments });
  expect(Number(answer.rate).toFixed(2)).toBe(rate);
});

test.each([
  [{ method: 'eu', payments: [{ t: '1/12', count: 12, amount: '90' }] }, 'missing-field', 'payments.0.step'],
  [{ method: 'eu', payments: [{ t: '1/0', amount: '90' }] }, 'invalid-value', 'payments.0.t'],
  [{ method: 'eu', payments: [{ t: -1, amount: '90' }] }, 'invalid-value', 'payments.0.t'],
  [{ method: 'eu', payments: [{ t: '1', odd: '1/2', amount: '90' }] }, 'unknown-field', 'payments.0.odd'],
  [{ method: 'eu', payments: [{ t: '1', amount: 90 }] }, 'invalid-value', 'payments.0.amount'],
  [{ method: 'eu', payments: [{ t: '1', amount: '0' }] }, 'invalid-value', 'payments.0.amount'],
  [{ method: 'us', payments: [{ t: '1', amount: '90' }] }, 'missing-field', 'unitPeriodsPerYear'],
  [
    { method: 'us', unitPeriodsPerYear: 12, payments: [{ t: '1/2', amount: '9' }] },
    'invalid-value',
    'payments.0.t',
  ],
  [
    { method: 'us', unitPeriodsPerYear: 12, payments: [{ t: '1', odd: '1', amount: '9' }] },
    'invalid-value',
    'payments.0.odd',
  ],
  [{ method: 'uk', payments: [{ t: '1', amount: '90' }] }, 'invalid-value', 'method'],
  [{ method: 'eu', payments: [] }, 'invalid-value', 'payments'],
])('what is wrong is named: %j', (request, code, field) => {
  expect(refusal({ fn: 'apr', advances: loan('1000'), ...request })).toEqual({ code, field });
});

test('explained, a rate tells its rule, what it was made from, and how it was rounded', () => {
  const request = {
    method: 'in',
    advances: loan('19600'),
    payments: [{ t: '1', count: 24, amount: '969.73' }],
  };
  expect(ask('apr', request)).toEqual({ rate: '17.070239' });
  expect(explain({ fn: 'apr', ...request })).toMatchObject({
    rate: {
      rule: 'apr-in-kfs/1',
      inputs: { periodsPerYear: 12, advances: '19600 at 0', payments: '969.73 at 1 × 24 every 1' },
      unrounded: expect.stringMatching(/^17\.070239169\d+$/),
      rounding: 'half-up to 6 places',
    },
  });
});
