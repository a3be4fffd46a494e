import { PaymentError } from '../errors.ts';
import type { GatewayErrorKind } from './errors.ts';
import type { Gateway } from './gateway.ts';
import { createRazorpay } from './razorpay/razorpay.ts';

/** One request to a gateway, as it ended. */
export interface GatewayCalled {
  gateway: string;
  /** Method and path, without what names an object: `POST /payouts`. */
  call: string;
  outcome: 'answered' | GatewayErrorKind;
  /** From sending it; waiting for a turn is not counted. */
  seconds: number;
}

declare module '../../runtime/events.ts' {
  interface RuntimeEventMap {
    'gateway-called': [GatewayCalled];
  }
}

export interface GatewayOptions {
  /** Origin of Razorpay; default is the real one. */
  razorpay_url?: string;
  /** One call may take this long; default 30 s. */
  timeout_ms?: number;
  /** Calls to one gateway at once from this process; default 16. */
  calls_max?: number;
  /** How requests are sent; the system gives one that continues the job's trace. */
  fetch?: typeof fetch;
  /** Hears how each request ended, for metrics. */
  onCall?: (call: GatewayCalled) => void;
}

/** Every gateway that Kist knows, by its name. */
export function createGateways(options: GatewayOptions = {}): ReadonlyMap<string, Gateway> {
  const { razorpay_url, onCall, ...shared } = options;
  const heard = (gateway: string) => (called: Omit<GatewayCalled, 'gateway'>) =>
    onCall?.({ gateway, ...called });
  const gateways = [
    createRazorpay({
      ...shared,
      ...(razorpay_url !== undefined && { url: razorpay_url }),
      onCall: heard('razorpay'),
    }),
  ];
  return new Map(gateways.map((gateway) => [gateway.name, gateway]));
}

/** @throws PaymentError unknown-gateway, naming those there are */
export function checkGatewayName(name: string): string {
  const known = [...createGateways().keys()];
  if (known.includes(name)) return name;
  throw new PaymentError('unknown-gateway', `There is no gateway ${name}. There is: ${known.join(', ')}.`);
}
