import { expect, test } from 'vitest';
import { amountSchema, Decimal, formatAmount, roundToMoney, toDecimal } from '../../src/ledger/money.ts';

test.each([
  ['5', '5.00'],
  ['0.01', '0.01'],
  ['1250.5', '1250.50'],
  ['999999999999999.99', '999999999999999.99'],
])('%s is the amount %s', (given, canonical) => {
  expect(amountSchema.parse(given)).toBe(canonical);
});

test.each([
  '0',
  '0.00',
  '-1',
  '+1',
  '1e3',
  'NaN',
  'Infinity',
  '',
  ' 1',
  '1.234',
  '01',
  '.5',
  '5.',
  '1000000000000000',
])('%s is no amount', (given) => {
  expect(amountSchema.safeParse(given).success).toBe(false);
});

test('a number is no amount, and no decimal comes from NaN or exponents', () => {
  expect(amountSchema.safeParse(5).success).toBe(false);
  for (const text of ['NaN', '1e400', 'Infinity', '', '0x10'])
    expect(() => toDecimal(text)).toThrow(RangeError);
});

test('money is rounded half to even, and never loses a digit unnoticed', () => {
  expect(formatAmount(roundToMoney(new Decimal('2.345')))).toBe('2.34');
  expect(formatAmount(roundToMoney(new Decimal('2.355')))).toBe('2.36');
  expect(() => formatAmount(new Decimal('2.345'))).toThrow(RangeError);
  expect(new Decimal('0.1').plus('0.2').toFixed()).toBe('0.3');
});
