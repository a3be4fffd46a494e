/** What ending a loan asks for on a day, in minor units. */
export interface ForeclosureParts {
  principal: bigint;
  /** Interest earned since the last due date. */
  accrued: bigint;
  /** Interest that fell due and is unpaid. */
  interest: bigint;
  penal: bigint;
  fees: bigint;
  charge: bigint;
  tax: bigint;
  /** Paid ahead, or in excess: taken off. */
  advance: bigint;
}

export interface ForeclosureAmount {
  /** What is still to be paid. */
  total: bigint;
  /** What is left of the advance where that is more than all of it. */
  refund: bigint;
}

/**
 * Foreclosure amount = principal outstanding + interest accrued to the day + unpaid due interest + unpaid
 * penal charges + fees + foreclosure charge + tax on it − advance and excess.
 */
export function foreclosureAmount(parts: ForeclosureParts): ForeclosureAmount {
  const { principal, accrued, interest, penal, fees, charge, tax, advance } = parts;
  const asked = principal + accrued + interest + penal + fees + charge + tax;
  return asked >= advance ? { total: asked - advance, refund: 0n } : { total: 0n, refund: advance - asked };
}
