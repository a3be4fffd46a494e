import { createHash } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const IDENTIFIER_LENGTH = 14;

/** An id of the gateway's form (`pout_` and 14 letters and digits), the same for the same text. */
export function identifier(prefix: string, text: string): string {
  return `${prefix}_${letters(text, IDENTIFIER_LENGTH, ALPHABET)}`;
}

/** The bank's unique reference of a transfer: 12 digits at once, 22 characters by RTGS, 16 by NEFT. */
export function transferReference(mode: string, text: string): string {
  if (mode === 'IMPS' || mode === 'UPI') return letters(`utr/${text}`, 12, '0123456789');
  const digits = letters(`utr/${text}`, 17, '0123456789');
  return mode === 'RTGS' ? `HDFCR${digits}` : `HDFCN${digits.slice(0, 11)}`;
}

export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function letters(text: string, length: number, alphabet: string): string {
  const digest = createHash('sha256').update(text).digest();
  return Array.from({ length }, (_, index) => alphabet[digest[index]! % alphabet.length]).join('');
}
