import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { type Resealed, resealed } from '../../secrets/reseal.ts';
import type { SecretBox } from '../../secrets/secret-box.ts';
import { placeOf } from './accounts.ts';

const row = z.object({
  gateway: z.string(),
  key_secret: z.instanceof(Buffer),
  webhook_secret: z.instanceof(Buffer),
  former_webhook_secret: z.instanceof(Buffer).nullable(),
});

/** Seals the secrets of a tenant's accounts with payment gateways with the key of now. */
export async function resealGateways(tx: Transaction, box: SecretBox, tenant: string): Promise<Resealed> {
  const rows = await tx.any(sql.type(row)`
    SELECT gateway, key_secret, webhook_secret, former_webhook_secret FROM payment_gateway
    WHERE tenant_id = current_tenant() ORDER BY gateway FOR UPDATE`);
  let changed = 0;
  for (const { gateway, key_secret, webhook_secret, former_webhook_secret } of rows) {
    const webhook = placeOf(tenant, gateway, 'webhook');
    const key = resealed(box, key_secret, placeOf(tenant, gateway, 'key'));
    const present = resealed(box, webhook_secret, webhook);
    const former = resealed(box, former_webhook_secret, webhook);
    if (key === key_secret && present === webhook_secret && former === former_webhook_secret) continue;
    changed += 1;
    await tx.query(sql.unsafe`
      UPDATE payment_gateway SET key_secret = ${sql.binary(key)}, webhook_secret = ${sql.binary(present)},
             former_webhook_secret = ${former && sql.binary(former)}
      WHERE tenant_id = current_tenant() AND gateway = ${gateway}`);
  }
  return { of: 'payment gateways', secrets: rows.length, resealed: changed };
}
