import type { Gateway } from '../gateway.ts';
import { createBeneficiaries } from './beneficiaries.ts';
import { callbacks } from './callbacks.ts';
import { createCollections } from './collections.ts';
import { createSend, type HttpOptions } from './http.ts';
import { createPayouts } from './payouts.ts';
import { createStatements } from './statements.ts';

export type RazorpayOptions = Partial<HttpOptions>;

const URL = 'https://api.razorpay.com';
const TIMEOUT_MS = 30_000;
const CALLS_MAX = 16;

/** Razorpay for what borrowers pay in, RazorpayX for what is paid out: one API under one address. */
export function createRazorpay(options: RazorpayOptions = {}): Gateway {
  const { url = URL, timeout_ms = TIMEOUT_MS, calls_max = CALLS_MAX, onCall = () => {} } = options;
  const send = createSend({ url, timeout_ms, calls_max, onCall, fetch: options.fetch ?? fetch });
  return {
    name: 'razorpay',
    ...createBeneficiaries(send),
    ...createPayouts(send),
    ...createCollections(send),
    ...createStatements(send),
    ...callbacks,
  };
}
