import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { type Resealed, resealed } from '../../secrets/reseal.ts';
import type { SecretBox } from '../../secrets/secret-box.ts';
import { CHANNELS } from '../channels.ts';
import { placeOf } from './accounts.ts';

const row = z.object({
  channel: z.enum(CHANNELS),
  provider: z.string(),
  credentials: z.instanceof(Buffer),
});

/** Seals the credentials of a tenant's accounts with providers of messages with the key of now. */
export async function resealProviders(tx: Transaction, box: SecretBox, tenant: string): Promise<Resealed> {
  const rows = await tx.any(sql.type(row)`
    SELECT channel, provider, credentials FROM notification_provider
    WHERE tenant_id = current_tenant() ORDER BY channel, provider FOR UPDATE`);
  let changed = 0;
  for (const { channel, provider, credentials } of rows) {
    const sealed = resealed(box, credentials, placeOf({ tenant, channel, provider }));
    if (sealed === credentials) continue;
    changed += 1;
    await tx.query(sql.unsafe`
      UPDATE notification_provider SET credentials = ${sql.binary(sealed)}
      WHERE tenant_id = current_tenant() AND channel = ${channel} AND provider = ${provider}`);
  }
  return { of: 'notification providers', secrets: rows.length, resealed: changed };
}
