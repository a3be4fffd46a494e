import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { day, grouped, percentOf } from '../../documents/locale.ts';
import { formatAmount, toDecimal } from '../../ledger/money.ts';

/** Amounts, days and rates as the reader of a message writes them. */

/** What a locale falls back to when nothing nearer is there. */
export const LAST_LOCALE = 'en-IN';

const FORMATS_MAX = 200;
const DECIMALS_MAX = 2;
const CURRENCY = /^[A-Z]{3}$/;
const isDate = z.iso.date();

const moneyFormats = new LRUCache<string, Intl.NumberFormat>({ max: FORMATS_MAX });
const dateFormats = new LRUCache<string, Intl.DateTimeFormat>({ max: FORMATS_MAX });

/**
 * `₹1,23,456.00`: rupees as our documents group them in every language, other money as the locale does.
 * Intl takes the decimal string digit by digit, never as a float.
 * @param amount a decimal string of at most 2 decimals
 * @throws RangeError where it is none, or the currency no ISO 4217 code
 */
export function localMoney(amount: unknown, currency: unknown, locale: string): string {
  if (typeof amount !== 'string') throw new RangeError('an amount must be a decimal string, as "1250.50"');
  if (typeof currency !== 'string' || !CURRENCY.test(currency)) {
    throw new RangeError('a currency must be an ISO 4217 code, as INR');
  }
  const exact = formatAmount(decimal(amount));
  if (currency === 'INR')
    return exact.replace(/^(-?)(.*)$/, (_, sign, digits) => `${sign}₹${grouped(digits, currency)}`);
  return moneyFormat(locale, currency).format(exact as Intl.StringNumericLiteral);
}

/**
 * As `localMoney`, for text messages: of the rupee sign alone a message in Latin letters would need
 * twice the segments.
 */
export function plainMoney(amount: unknown, currency: unknown, locale: string): string {
  const text = localMoney(amount, currency, locale).replaceAll(/[\u00a0\u202f]/g, ' ');
  return isLatin(locale) ? text.replace('₹', 'Rs.') : text;
}

/** `20 Nov 2026`, `20 नवंबर 2026`. @throws RangeError for anything but a calendar day as 2026-11-20 */
export function localDate(date: unknown, locale: string): string {
  if (!isDate.safeParse(date).success) throw new RangeError('a day must be written as "2026-11-20"');
  const given = date as string;
  if (languageOf(locale) === 'en') return day(given);
  return dateFormat(locale).format(new Date(`${given}T00:00:00Z`));
}

/** `18 %` of the fraction "0.18". @throws RangeError for anything but a fraction in a string */
export function localPercent(fraction: unknown): string {
  if (typeof fraction !== 'string' || !/^\d+(\.\d+)?$/.test(fraction)) {
    throw new RangeError('a rate must be a fraction in a string, as "0.18"');
  }
  return percentOf(fraction);
}

export function languageOf(locale: string): string {
  return locale.split('-')[0]!;
}

/**
 * Which locales are looked for, in order: hi-IN, hi, the tenant's default, its language, en-IN, en.
 * A bare language stands for every template of it.
 */
export function localesToTry(asked: string | undefined, tenants: string | undefined): string[] {
  const wanted = [asked, tenants, LAST_LOCALE].filter((locale) => locale !== undefined);
  return [...new Set(wanted.flatMap((locale) => [locale, languageOf(locale)]))];
}

/** Of the locales there are, the first that is looked for. */
export function nearestLocale(there: readonly string[], toTry: readonly string[]): string | undefined {
  for (const locale of toTry) {
    const found = there.includes(locale) ? locale : there.find((each) => each.startsWith(`${locale}-`));
    if (found) return found;
  }
  return undefined;
}

function decimal(amount: string) {
  try {
    return toDecimal(amount);
  } catch {
    throw new RangeError('an amount must be a decimal string, as "1250.50"');
  }
}

function isLatin(locale: string): boolean {
  return new Intl.Locale(locale).maximize().script === 'Latn';
}

function moneyFormat(locale: string, currency: string): Intl.NumberFormat {
  const name = `${locale} ${currency}`;
  const kept = moneyFormats.get(name);
  if (kept) return kept;
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    numberingSystem: 'latn',
    maximumFractionDigits: DECIMALS_MAX,
  });
  moneyFormats.set(name, format);
  return format;
}

function dateFormat(locale: string): Intl.DateTimeFormat {
  const kept = dateFormats.get(locale);
  if (kept) return kept;
  const format = new Intl.DateTimeFormat(locale, {
    dateStyle: 'long',
    timeZone: 'UTC',
    numberingSystem: 'latn',
    calendar: 'gregory',
  });
  dateFormats.set(locale, format);
  return format;
}
