const SHOWN = 4;
const MASK = 'XXXX';

/** An account number as it may be shown: its last four, and nothing of its length. */
export function lastFour(number: string): string {
  return MASK + number.slice(-SHOWN);
}

/** A UPI address as it may be shown: its provider, and the first two of whose it is. */
export function maskedVpa(vpa: string): string {
  const at = vpa.lastIndexOf('@');
  return vpa.slice(0, Math.min(2, at)) + MASK + vpa.slice(at);
}
