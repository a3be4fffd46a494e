import { PaymentError } from '../errors.ts';
import type { Gateway } from './gateway.ts';
import { createRazorpay } from './razorpay/razorpay.ts';

export interface GatewayOptions {
  /** Origin of Razorpay; default is the real one. */
  razorpay_url?: string;
  /** One call may take this long; default 30 s. */
  timeout_ms?: number;
  /** Calls to one gateway at once from this process; default 16. */
  calls_max?: number;
  /** How requests are sent; the system gives one that continues the job's trace. */
  fetch?: typeof fetch;
}

/** Every gateway that Kist knows, by its name. */
export function createGateways(options: GatewayOptions = {}): ReadonlyMap<string, Gateway> {
  const { razorpay_url, ...shared } = options;
  const gateways = [createRazorpay({ ...shared, ...(razorpay_url !== undefined && { url: razorpay_url }) })];
  return new Map(gateways.map((gateway) => [gateway.name, gateway]));
}

/** @throws PaymentError unknown-gateway, naming those there are */
export function checkGatewayName(name: string): string {
  const known = [...createGateways().keys()];
  if (known.includes(name)) return name;
  throw new PaymentError('unknown-gateway', `There is no gateway ${name}. There is: ${known.join(', ')}.`);
}
