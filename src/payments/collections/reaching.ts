import type { Transaction } from '../../db/pools.ts';
import type { CallContext } from '../../runtime/definition.ts';
import { type Outcome, Retry, Snooze } from '../../runtime/outcomes.ts';
import type { GatewayError } from '../gateway/errors.ts';
import type { Gateway, GatewayCall } from '../gateway/gateway.ts';
import type { Pace } from '../services.ts';

/** What a call to a gateway is made with. */
export type Calling = Pick<CallContext, 'transact' | 'services' | 'signal' | 'clock' | 'resumed'> & {
  tenant: string;
};

/** A gateway and the tenant's account with it. @throws Snooze while there is none */
export async function reachGateway(
  { tenant, services, signal, transact }: Calling,
  name: string,
): Promise<{ gateway: Gateway; call: GatewayCall }> {
  const { gateways, account: open, pace } = services.payments;
  const gateway = gateways.get(name);
  const account = gateway ? await transact((tx: Transaction) => open(tx, tenant, name)) : null;
  if (gateway && account) return { gateway, call: { account, signal } };
  throw new Snooze('no-gateway', `There is no enabled account with ${name}.`, pace.locked_out_ms);
}

/** How a call that may simply be made again goes on after it failed: it costs an attempt where nobody knows why. */
export function laterOn({ kind, code, message, after_ms }: GatewayError, pace: Pace): Outcome {
  if (kind === 'locked-out') return new Snooze(code, message, pace.locked_out_ms);
  if (kind === 'busy' || kind === 'unreachable') return new Snooze(code, message, after_ms ?? pace.away_ms);
  return new Retry(code, message, { after_ms: pace.away_ms });
}
