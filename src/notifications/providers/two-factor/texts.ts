import type { ProviderErrorKind } from '../provider.ts';

interface TextError {
  kind: ProviderErrorKind;
  code: string;
}

/**
 * 2Factor has no published codes: what an error means is in its words, as seen in public code. The first that fits
 * counts, so what is said of a template that expired is not taken for an account that did.
 */
const ERRORS: [RegExp, TextError][] = [
  [/too many|rate.?limit|throttl/i, { kind: 'again', code: 'rate-limited' }],
  [/api.?key|invalid api|unauthori[sz]ed/i, { kind: 'locked-out', code: 'invalid-key' }],
  [/balance|credits?\b/i, { kind: 'locked-out', code: 'no-balance' }],
  [/\bdlt|pe-?tm|principal entity/i, { kind: 'rejected', code: 'dlt-refused' }],
  [/template|content/i, { kind: 'rejected', code: 'template-refused' }],
  [/too long|length/i, { kind: 'rejected', code: 'text-too-long' }],
  [/sender/i, { kind: 'rejected', code: 'sender-refused' }],
  [/disabled|expired|suspended|inactive|\bip\b/i, { kind: 'locked-out', code: 'account-closed' }],
  [/number|phone|mobile|recipient/i, { kind: 'rejected', code: 'number-refused' }],
];

/** @param number which try it was: what nobody can read is tried once more, and then given up */
export function errorOf(words: string, number: number): TextError {
  const known = ERRORS.find(([text]) => text.test(words));
  return known?.[1] ?? { kind: number === 1 ? 'again' : 'rejected', code: 'other-error' };
}
