import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { counted, day, grouped, money, percentOf } from '../../src/documents/locale.ts';

test.each([
  ['0.00', '0.00', '0.00'],
  ['999.99', '999.99', '999.99'],
  ['1000.00', '1,000.00', '1,000.00'],
  ['123456.78', '1,23,456.78', '123,456.78'],
  ['-12345678.90', '-1,23,45,678.90', '-12,345,678.90'],
  ['123456789012345.67', '12,34,56,78,90,12,345.67', '123,456,789,012,345.67'],
])('%s is %s in rupees and %s in dollars', (amount, rupees, dollars) => {
  expect(grouped(amount, 'INR')).toBe(rupees);
  expect(grouped(amount, 'USD')).toBe(dollars);
});

test('grouping loses nothing', () => {
  const amount = fc.bigInt(0n, 10n ** 17n).map((minor) => {
    const digits = String(minor).padStart(3, '0');
    return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
  });
  fc.assert(
    fc.property(amount, fc.constantFrom('INR', 'USD'), (text, currency) => {
      expect(grouped(text, currency).replaceAll(',', '')).toBe(text);
    }),
  );
  expect(() => grouped('1e5', 'INR')).toThrow(RangeError);
});

test('amounts have their currency, dates their month, fractions are percent', () => {
  expect(money('123456.78', 'INR')).toBe('₹ 1,23,456.78');
  expect(money('-5.00', 'INR')).toBe('-₹ 5.00');
  expect(money('123456.78', 'CHF')).toBe('CHF 123,456.78');
  expect(day('2026-11-20')).toBe('20 Nov 2026');
  expect(day('2027-01-05')).toBe('5 Jan 2027');
  expect([percentOf('0.18'), percentOf('0.00075'), percentOf('1'), percentOf('0')]).toEqual([
    '18 %',
    '0.075 %',
    '100 %',
    '0 %',
  ]);
  expect([counted(1, 'day'), counted(3, 'day')]).toEqual(['1 day', '3 days']);
});
