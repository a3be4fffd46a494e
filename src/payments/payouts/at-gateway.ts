import type { CallContext } from '../../runtime/definition.ts';
import type { Gateway, GatewayCall } from '../gateway/gateway.ts';
import { type Payout, payoutOf } from './rows.ts';

/** What a call about a payout needs of its job. */
export type Calling = Pick<CallContext, 'transact' | 'services' | 'signal'> & { tenant: string };

/** A payout as it stands, and the gateway that it goes through; null where the tenant has no enabled account there. */
export async function payoutAtGateway(
  id: string,
  { transact, services, signal, tenant }: Calling,
): Promise<{ payout: Payout; at: { gateway: Gateway; call: GatewayCall } | null }> {
  const { payments } = services;
  const { payout, account } = await transact(async (tx) => {
    const found = (await payoutOf(tx, id))!;
    return { payout: found, account: await payments.account(tx, tenant, found.gateway) };
  });
  const gateway = payments.gateways.get(payout.gateway);
  return { payout, at: gateway && account ? { gateway, call: { account, signal } } : null };
}
