import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { type Resealed, resealed } from '../secrets/reseal.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import { placeOf } from './endpoints.ts';

const row = z.object({
  id: z.string(),
  secret: z.instanceof(Buffer),
  former_secret: z.instanceof(Buffer).nullable(),
});

/** Seals the secrets of a tenant's webhook endpoints with the key of now. */
export async function resealEndpoints(tx: Transaction, box: SecretBox, tenant: string): Promise<Resealed> {
  const rows = await tx.any(sql.type(row)`
    SELECT id, secret, former_secret FROM webhook_endpoint WHERE tenant_id = current_tenant() ORDER BY id FOR UPDATE`);
  let changed = 0;
  for (const { id, secret, former_secret } of rows) {
    const place = placeOf(tenant, id);
    const [present, former] = [resealed(box, secret, place), resealed(box, former_secret, place)];
    if (present === secret && former === former_secret) continue;
    changed += 1;
    await tx.query(sql.unsafe`
      UPDATE webhook_endpoint SET secret = ${sql.binary(present)}, former_secret = ${former && sql.binary(former)}
      WHERE tenant_id = current_tenant() AND id = ${id}`);
  }
  return { of: 'webhook endpoints', secrets: rows.length, resealed: changed };
}
