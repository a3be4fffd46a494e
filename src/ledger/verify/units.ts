const DECIMALS = 18;

/** A decimal as a whole number of units of 10⁻¹⁸: sums of these are exact and fast. null: no such decimal. */
export function units(amount: string): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(amount);
  if (!match) return null;
  const whole = BigInt(match[2]! + (match[3] ?? '').padEnd(DECIMALS, '0'));
  return match[1] ? -whole : whole;
}

/** The other way round, without trailing zeros. */
export function fromUnits(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(DECIMALS + 1, '0');
  const text = `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`.replace(/\.?0+$/, '');
  return value < 0n ? `-${text}` : text;
}
