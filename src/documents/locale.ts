import type { IsoDate } from '../calendar/business-date.ts';

/** Amounts and dates as people read them. */

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const SYMBOLS: Readonly<Record<string, string>> = { INR: '₹', USD: '$', EUR: '€', GBP: '£', JPY: '¥' };
/** Currencies whose digits are grouped as lakh and crore: 1,23,45,678. */
const BY_LAKH: ReadonlySet<string> = new Set(['INR', 'NPR', 'LKR', 'BDT', 'PKR']);
const PERCENT_DECIMALS = 2;

/** An amount such as "-123456.78" in groups: `-1,23,456.78` for rupees, `-123,456.78` elsewhere. */
export function grouped(amount: string, currency: string): string {
  const [, sign = '', whole = '', decimals = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(amount) ?? [];
  if (whole === '') throw new RangeError(`Not an amount: ${amount}`);
  const last = whole.slice(-3);
  const before = whole.slice(0, -3);
  const size = BY_LAKH.has(currency) ? 2 : 3;
  const groups = before.replace(new RegExp(`\\B(?=(?:\\d{${size}})+$)`, 'g'), ',');
  return `${sign}${groups === '' ? '' : `${groups},`}${last}${decimals}`;
}

/** An amount with its currency: `₹ 1,23,456.78`, `CHF 123,456.78`. */
export function money(amount: string, currency: string): string {
  const negative = amount.startsWith('-');
  const text = grouped(negative ? amount.slice(1) : amount, currency);
  return `${negative ? '-' : ''}${SYMBOLS[currency] ?? currency} ${text}`;
}

/** A calendar day: `20 Nov 2026`. */
export function day(date: IsoDate): string {
  const [year, month, number] = date.split('-');
  return `${Number(number)} ${MONTHS[Number(month) - 1]} ${year}`;
}

/** A fraction in plain notation as percent, exactly: "0.18" → `18 %`, "0.00075" → `0.075 %`. */
export function percentOf(fraction: string): string {
  const [whole = '0', decimals = ''] = fraction.split('.');
  const digits = decimals.padEnd(PERCENT_DECIMALS, '0');
  const shifted = `${whole}${digits.slice(0, PERCENT_DECIMALS)}`.replace(/^0+(?=\d)/, '');
  const rest = digits.slice(PERCENT_DECIMALS).replace(/0+$/, '');
  return `${shifted}${rest === '' ? '' : `.${rest}`} %`;
}

/** A count and its noun: `1 day`, `3 days`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
