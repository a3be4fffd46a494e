import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  localDate,
  localesToTry,
  localMoney,
  localPercent,
  nearestLocale,
  plainMoney,
} from '../../../src/notifications/templates/locales.ts';

test.each([
  ['123456', 'INR', 'en-IN', '₹1,23,456.00'],
  ['123456.7', 'INR', 'hi-IN', '₹1,23,456.70'],
  ['0', 'INR', 'en-IN', '₹0.00'],
  ['-12.5', 'INR', 'en-IN', '-₹12.50'],
  ['123456.78', 'USD', 'en-US', '$123,456.78'],
  ['123456.78', 'EUR', 'de-DE', '123.456,78\u00a0€'],
  ['123456.78', 'INR', 'mr-IN', '₹1,23,456.78'],
])('%s %s in %s is %s', (amount, currency, locale, expected) => {
  expect(localMoney(amount, currency, locale)).toBe(expected);
});

test('no amount is ever rounded, however large', () => {
  const rupees = new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR' });
  const paise = fc.bigInt({ min: 0n, max: 10n ** 30n });
  fc.assert(
    fc.property(paise, fc.constantFrom('en-IN', 'hi-IN'), (amount, locale) => {
      const text = `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`;
      expect(localMoney(text, 'INR', locale)).toBe(rupees.format(text as Intl.StringNumericLiteral));
    }),
  );
});

test.each([
  [1250.5, 'INR'],
  ['1e5', 'INR'],
  ['1,250.00', 'INR'],
  ['1.005', 'INR'],
  ['', 'INR'],
  [undefined, 'INR'],
  ['1250.50', 'rupees'],
  ['1250.50', undefined],
])('%j %j is no money', (amount, currency) => {
  expect(() => localMoney(amount, currency, 'en-IN')).toThrow(RangeError);
});

test('in a text message rupees are of the networks’ alphabet, but for scripts that are not', () => {
  expect(plainMoney('1250.5', 'INR', 'en-IN')).toBe('Rs.1,250.50');
  expect(plainMoney('1250.5', 'INR', 'hi-IN')).toBe('₹1,250.50');
  expect(plainMoney('1250.5', 'EUR', 'de-DE')).toBe('1.250,50 €');
});

test.each([
  ['2026-09-05', 'en-IN', '5 Sep 2026'],
  ['2026-09-05', 'hi-IN', '5 सितंबर 2026'],
  ['2026-09-05', 'de-DE', '5. September 2026'],
])('%s in %s is %s', (date, locale, expected) => expect(localDate(date, locale)).toBe(expected));

test.each(['2026-02-30', '5/9/2026', '2026-09-05T00:00:00Z', 20260905, null])('%j is no day', (date) => {
  expect(() => localDate(date, 'en-IN')).toThrow(RangeError);
});

test('rates are exact', () => {
  expect(localPercent('0.1987')).toBe('19.87 %');
  expect(() => localPercent(0.18)).toThrow(RangeError);
});

test.each([
  ['hi-IN', 'mr-IN', ['hi-IN', 'hi', 'mr-IN', 'mr', 'en-IN', 'en']],
  ['hi', undefined, ['hi', 'en-IN', 'en']],
  [undefined, undefined, ['en-IN', 'en']],
  ['en-IN', 'en-IN', ['en-IN', 'en']],
])('asked for %s of a lender who writes %s, these are looked for: %j', (asked, tenants, expected) => {
  expect(localesToTry(asked, tenants)).toEqual(expected);
});

test('a bare language is any wording of it, but its own first', () => {
  expect(nearestLocale(['en-IN', 'hi-IN'], ['hi'])).toBe('hi-IN');
  expect(nearestLocale(['hi-IN', 'hi'], ['hi'])).toBe('hi');
  expect(nearestLocale(['hit-IN'], ['hi'])).toBeUndefined();
});
