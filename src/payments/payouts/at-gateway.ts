import type { Transaction } from '../../db/pools.ts';
import type { CallContext } from '../../runtime/definition.ts';
import type { Gateway, GatewayAccount, GatewayCall } from '../gateway/gateway.ts';
import { type Payout, payoutOf } from './rows.ts';

/** What a call about a payout needs of its job. */
export type Calling = Pick<CallContext, 'transact' | 'services' | 'signal'> & { tenant: string };

/** A payout as it stood when it was read, and the tenant's account with its gateway then. */
export interface PayoutRead {
  payout: Payout;
  account: GatewayAccount | null;
}

/**
 * A payout as it stands, and the gateway that it goes through; null where the tenant has no enabled account there.
 * @param just_read by the transaction that took the job: it is not read again
 */
export async function payoutAtGateway(
  id: string,
  { transact, services, signal, tenant }: Calling,
  just_read?: PayoutRead,
): Promise<{ payout: Payout; at: { gateway: Gateway; call: GatewayCall } | null }> {
  const { payments } = services;
  const read = async (tx: Transaction): Promise<PayoutRead> => {
    const found = (await payoutOf(tx, id))!;
    return { payout: found, account: await payments.account(tx, tenant, found.gateway) };
  };
  const { payout, account } = just_read ?? (await transact(read));
  const gateway = payments.gateways.get(payout.gateway);
  return { payout, at: gateway && account ? { gateway, call: { account, signal } } : null };
}
