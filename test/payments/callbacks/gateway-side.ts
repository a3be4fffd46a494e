import { createHmac, randomUUID } from 'node:crypto';
import type { LightMyRequestResponse } from 'fastify';
import type { Pool } from '../../../src/db/pools.ts';
import { inTenant } from '../../../src/db/transaction.ts';
import { setGatewayAccount } from '../../../src/payments/gateway/accounts.ts';
import type { SecretBox } from '../../../src/secrets/secret-box.ts';
import type { TestApi } from '../../api/support.ts';

export const SECRET = 'webhook-secret-1';
export const ACCOUNT = {
  key_id: 'rzp_test_1',
  key_secret: 'key-secret-1',
  account_number: '2323230012345678',
  webhook_secret: SECRET,
};

export function setAccount(pool: Pool, box: SecretBox, tenant = 'acme', account = ACCOUNT) {
  const wish = { tenant, gateway: 'razorpay', actor: 'service:test' };
  return inTenant(pool, tenant, (tx) => setGatewayAccount(tx, box, wish, account));
}

/** An event as Razorpay tells it. */
export function payoutEvent(id: string, status = 'processed', more: Record<string, unknown> = {}): string {
  const entity = {
    ...{ id, entity: 'payout', fund_account_id: 'fa_1', amount: 100_00, currency: 'INR', notes: [] },
    ...{ fees: 590, tax: 90, status, utr: 'UTR1', mode: 'IMPS', purpose: 'payout', reference_id: null },
    ...{ narration: 'Loan', batch_id: null, status_details: null, created_at: 1_795_000_000, ...more },
  };
  return JSON.stringify({
    ...{ entity: 'event', account_id: 'acc_1', event: `payout.${status}`, contains: ['payout'] },
    ...{ payload: { payout: { entity } }, created_at: 1_795_000_001 },
  });
}

export interface Sending {
  secret?: string;
  event_id?: string | null;
  /** The address it is sent to. */
  to?: string;
  headers?: Record<string, string>;
}

/** Sends a callback as the gateway does. */
export function tell(
  { app }: Pick<TestApi, 'app'>,
  body: string | Buffer,
  { secret = SECRET, event_id = randomUUID(), to = 'razorpay/acme', headers = {} }: Sending = {},
): Promise<LightMyRequestResponse> {
  return app.inject({
    method: 'POST',
    url: `/v1/webhooks/${to}`,
    payload: body,
    headers: {
      'content-type': 'application/json',
      'x-razorpay-signature': createHmac('sha256', secret).update(body).digest('hex'),
      ...(event_id !== null && { 'x-razorpay-event-id': event_id }),
      ...headers,
    },
  });
}
