import { type Fraction, plus, times } from '../fractions.ts';
import type { Debt } from './debt.ts';
import { equalInstalment, interestOn, type Level, part, payable, roundUnits } from './level.ts';
import type { Periods } from './periods.ts';
import type { Terms } from './terms.ts';

/** Where a loan stands at the end of the period of row `number`, before that row is paid. */
export interface Standing {
  terms: Terms;
  periods: Periods;
  number: number;
  last: number;
  debt: Debt;
  /** Interest of the period. */
  accrued: Fraction;
}

const NO_FLAT = { each: 0n, total: 0n };

/**
 * The level of rows `number` to `last`, at the rate of the day: later changes are not known yet, pauses are.
 * @param kept principal that was prepaid but counts still, since its payer keeps the instalment
 */
export function newLevel(standing: Standing, kept: bigint): Level {
  const { terms, accrued } = standing;
  const { balance, flatBase } = standing.debt;
  const parts = standing.last - Math.max(standing.number, firstOfPrincipal(terms)) + 1;
  if (terms.amortisation === 'equal-principal') {
    const exact = part(whole(balance + kept), parts);
    return { amount: fitting(standing, exact), exact, flat: NO_FLAT };
  }
  if (terms.amortisation === 'flat') {
    const interest = growths(standing)
      .map((growth) => times(growth, flatBase))
      .reduce(plus, accrued);
    const each = part(interest, standing.last - standing.number + 1);
    const exact = plus(part(whole(balance + kept), parts), each);
    const { step, mode } = terms.rounding;
    const flat = { each: roundUnits(each, step, mode), total: roundUnits(interest, step, mode) };
    return { amount: fitting(standing, exact), exact, flat };
  }
  const exact = equalInstalment(owed(standing, kept), growths(standing));
  return { amount: fitting(standing, exact), exact, flat: NO_FLAT };
}

/**
 * The row that pays the loan off if each pays `amount`: `limit` + 1 where none up to `limit` does, Infinity
 * where a row would not even pay its interest.
 */
export function lastRowAt(standing: Standing, amount: bigint, limit: number): number {
  const { terms, periods } = standing;
  const { step, mode } = terms.rounding;
  const first = firstOfPrincipal(terms);
  let { balance } = standing.debt;
  for (let number = standing.number; number <= limit; number += 1) {
    if (number < first) continue;
    const base = terms.amortisation === 'flat' ? standing.debt.flatBase : balance;
    const interest =
      number === standing.number
        ? standing.accrued
        : interestOn(base, rateOf(standing), periods.of(number).unpaused);
    const paid =
      terms.amortisation === 'equal-principal' ? amount : amount - roundUnits(interest, step, mode);
    if (paid <= 0n) return Number.POSITIVE_INFINITY;
    balance -= paid;
    if (balance <= 0n) return number;
  }
  return limit + 1;
}

/** The first row that pays principal. */
export function firstOfPrincipal({ grace }: Terms): number {
  return grace.moratorium + grace.principal + 1;
}

/** Rounded so that the last row still has something to pay. */
function fitting(standing: Standing, exact: Fraction): bigint {
  return payable(exact, standing.terms.rounding, (amount) => {
    if (amount <= 0n) return false;
    const row = lastRowAt(standing, amount, standing.last);
    return row >= standing.last && row !== Number.POSITIVE_INFINITY;
  });
}

function owed(standing: Standing, kept: bigint): Fraction {
  const { periods, number, debt, accrued } = standing;
  const principal = debt.balance + kept;
  if (kept === 0n) return plus(whole(principal, accrued.denominator), accrued);
  const interest = interestOn(principal, rateOf(standing), periods.of(number).unpaused);
  return plus(whole(principal, interest.denominator), interest);
}

/** Interest on 1 over each period after the standing's. One and the same object for periods alike. */
function growths(standing: Standing): Fraction[] {
  const { periods, number, last } = standing;
  const rate = rateOf(standing);
  const list: Fraction[] = [];
  let share: Fraction | undefined;
  let growth: Fraction | undefined;
  for (let row = number + 1; row <= last; row += 1) {
    const next = periods.of(row).unpaused;
    if (!growth || next !== share) growth = interestOn(1n, rate, next);
    share = next;
    list.push(growth);
  }
  return list;
}

function rateOf({ debt, terms }: Standing): Fraction {
  return { numerator: debt.rate, denominator: terms.rateDenominator };
}

function whole(units: bigint, denominator = 1n): Fraction {
  return { numerator: units * denominator, denominator };
}
