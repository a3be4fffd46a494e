import type { PenalRules } from './product-rules.ts';
import { minorUnits, roundHalfEven } from './schedule.ts';

/** Rates are kept as whole numbers of this part of one, so that nothing is lost before the one rounding. */
export const RATE_SCALE = 10n ** 10n;
const RATE_DECIMALS = 10;

/** A product's penal rules for one borrower, ready to be counted with: amounts in minor units. */
export interface PenalTerms {
  version: string;
  base: PenalRules['base'];
  flat_base: bigint;
  /** Fraction a day, as it is written. */
  daily_rate: string;
  daily_rate_scaled: bigint;
  grace_days: number;
  grace_charged_back: boolean;
  cap_instalment: bigint | null;
  cap_loan: bigint | null;
  minimum: bigint;
  tax_rate_scaled: bigint;
}

/** A charge and the tax on it, in minor units. */
export interface Charge {
  charge: bigint;
  tax: bigint;
}

/** The rules as they apply to a borrower of this score; without one, the first band counts. */
export function penalTerms(rules: PenalRules, score: number | null): PenalTerms {
  const bands = rules.bands.toSorted((one, other) => one.score_from - other.score_from);
  const band = bands.findLast(({ score_from }) => score !== null && score_from <= score) ?? bands[0]!;
  return {
    version: rules.version,
    base: rules.base,
    flat_base: minorUnits(rules.flat_base ?? '0'),
    daily_rate: band.daily_rate,
    daily_rate_scaled: scaledRate(band.daily_rate),
    grace_days: rules.grace_days,
    grace_charged_back: rules.grace_charged_back,
    cap_instalment: rules.cap_instalment === undefined ? null : minorUnits(rules.cap_instalment),
    cap_loan: rules.cap_loan === undefined ? null : minorUnits(rules.cap_loan),
    minimum: minorUnits(rules.minimum ?? '0'),
    tax_rate_scaled: scaledRate(rules.tax_rate),
  };
}

/** What the daily rate is taken of: never a penal charge, nor a fee. */
export function penalBase(terms: PenalTerms, overdue: { principal: bigint; interest: bigint }): bigint {
  const late = overdue.principal + overdue.interest;
  if (late <= 0n) return 0n;
  switch (terms.base) {
    case 'overdue-instalment':
      return late;
    case 'overdue-principal':
      return overdue.principal;
    case 'flat':
      return terms.flat_base;
  }
}

/**
 * Days that become chargeable when the instalment is `days_late`: none within the grace; on the first day
 * after it, the days of grace as well where they are charged back.
 */
export function chargeableDays(terms: PenalTerms, days_late: number): number {
  if (days_late <= terms.grace_days) return 0;
  return terms.grace_charged_back && days_late === terms.grace_days + 1 ? days_late : 1;
}

/**
 * The whole charge on an instalment after so many base-days (Σ over chargeable days of the base, in minor
 * units): base-days × daily rate, rounded once, at least the minimum, at most the cap. A day's charge is the
 * difference to the day before, so that the days add up to this figure, whatever they are cut into.
 */
export function chargeOf(terms: PenalTerms, base_days: bigint): Charge {
  if (base_days === 0n) return { charge: 0n, tax: 0n };
  let charge = roundHalfEven(base_days * terms.daily_rate_scaled, RATE_SCALE);
  if (charge < terms.minimum) charge = terms.minimum;
  if (terms.cap_instalment !== null && charge > terms.cap_instalment) charge = terms.cap_instalment;
  return { charge, tax: taxOn(terms, charge) };
}

/** What has been charged so far: on the instalment by its base-days, on the loan by what all of it came to. */
export interface Charged {
  base_days: bigint;
  of_loan: bigint;
}

/** Whether another day would still add to what was charged: neither cap is reached. */
export function hasRoom(terms: PenalTerms, { base_days, of_loan }: Charged): boolean {
  if (terms.cap_loan !== null && of_loan >= terms.cap_loan) return false;
  return terms.cap_instalment === null || chargeOf(terms, base_days).charge < terms.cap_instalment;
}

/** What one more chargeable day adds on `base`, within the caps; where no cap is near, the difference of two wholes. */
export function chargeOfDay(terms: PenalTerms, base: bigint, { base_days, of_loan }: Charged): Charge {
  const before = chargeOf(terms, base_days);
  const after = chargeOf(terms, base_days + base);
  const whole = after.charge - before.charge;
  const room = terms.cap_loan === null ? whole : terms.cap_loan - of_loan;
  if (whole <= room) return { charge: whole, tax: after.tax - before.tax };
  return { charge: room, tax: taxOn(terms, room) };
}

/** Tax on a whole charge, in minor units, rounded once. */
export function taxOn(terms: PenalTerms, charge: bigint): bigint {
  return taxAt(terms.tax_rate_scaled, charge);
}

export function taxAt(rate_scaled: bigint, charge: bigint): bigint {
  return roundHalfEven(charge * rate_scaled, RATE_SCALE);
}

/** A fraction of at most 10 decimals as a count of RATE_SCALE's parts. */
export function scaledRate(fraction: string): bigint {
  const [whole = '0', decimals = ''] = fraction.split('.');
  return BigInt(whole + decimals.padEnd(RATE_DECIMALS, '0'));
}
