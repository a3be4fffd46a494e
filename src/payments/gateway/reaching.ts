import type { Transaction } from '../../db/pools.ts';
import type { CallContext } from '../../runtime/definition.ts';
import { type Outcome, Retry, Snooze } from '../../runtime/outcomes.ts';
import type { GatewayError } from './errors.ts';
import type { Gateway, GatewayCall } from './gateway.ts';
import { noAccountWith, tellLockedOut } from './lockouts.ts';

/** What a call to a gateway is made with. */
export type Calling = Pick<CallContext, 'transact' | 'services' | 'signal' | 'clock'> & { tenant: string };

/** A gateway and the tenant's account with it. @throws Snooze while there is none */
export async function reachGateway(
  calling: Calling,
  name: string,
): Promise<{ gateway: Gateway; call: GatewayCall }> {
  const { tenant, services, signal, transact } = calling;
  const { gateways, account: open } = services.payments;
  const gateway = gateways.get(name);
  const account = gateway ? await transact((tx: Transaction) => open(tx, tenant, name)) : null;
  if (gateway && account) return { gateway, call: { account, signal } };
  throw await laterOn(noAccountWith(name), calling, name);
}

/**
 * How a call that may simply be made again goes on after it failed: it costs an attempt where nobody knows why.
 * That we are locked out is put before people as well.
 */
export async function laterOn(
  error: GatewayError,
  { tenant, clock, services, transact }: Calling,
  gateway: string,
): Promise<Outcome> {
  const { kind, code, message, after_ms } = error;
  const { pace } = services.payments;
  if (kind === 'locked-out') {
    await transact((tx) => tellLockedOut(tx, { tenant, clock }, gateway, error));
    return new Snooze(code, message, pace.locked_out_ms);
  }
  if (kind === 'busy' || kind === 'unreachable') return new Snooze(code, message, after_ms ?? pace.away_ms);
  return new Retry(code, message, { after_ms: after_ms ?? pace.away_ms });
}
