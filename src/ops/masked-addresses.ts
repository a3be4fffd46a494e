import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import type { Channel } from '../notifications/channels.ts';
import { maskedAddress } from '../notifications/masked.ts';

/** By the message's id. */
export type MaskedAddresses = ReadonlyMap<string, string>;

interface Shown {
  tenant: string;
  id: string;
  channel: Channel;
}

/**
 * To whom messages are, as it may be shown: read from their jobs, tenant by tenant, since no role may see what jobs of
 * all tenants hold.
 * @param pool acts as kist_app
 */
export async function addressesOf(pool: Pool, messages: readonly Shown[]): Promise<MaskedAddresses> {
  const masked = new Map<string, string>();
  for (const tenant of new Set(messages.map((message) => message.tenant))) {
    const own = messages.filter((message) => message.tenant === tenant);
    const found = await inTenant(pool, tenant, (tx) =>
      tx.any(sql.type(z.object({ id: z.string(), address: z.string() }))`
        SELECT id, payload #>> '{recipient,address}' AS address FROM job
        WHERE tenant_id = current_tenant()
          AND id = ANY (${sql.array(
            own.map(({ id }) => id),
            'uuid',
          )})`),
    );
    const addresses = new Map(found.map(({ id, address }) => [id, address]));
    for (const { id, channel } of own) {
      const address = addresses.get(id);
      if (address !== undefined) masked.set(id, maskedAddress(channel, address));
    }
  }
  return masked;
}
