import type { Pool } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import { listTenants } from '../identity/tenants.ts';
import { noticesOf, type StoredRule } from '../notifications/notices/rules.ts';
import { countSuppressions, type SuppressionCount } from '../notifications/rules/suppression.ts';

/** Each takes a transaction of its own. */
const TENANTS_SHOWN_MAX = 100;

/** What a tenant's borrowers are told by themselves, and how many addresses it leaves alone. */
export interface TenantNotices {
  tenant: string;
  enabled: boolean;
  rules: readonly StoredRule[];
  suppressed: readonly SuppressionCount[];
}

/**
 * The first tenants by name, and how many there are. Read tenant by tenant: the role that sees all tenants at once
 * sees neither rules nor suppressed addresses.
 * @param pool acts as kist_app
 */
export async function noticesByTenant(pool: Pool): Promise<{ shown: TenantNotices[]; tenants: number }> {
  const tenants = await listTenants(pool);
  const shown: TenantNotices[] = [];
  for (const { tenant } of tenants.slice(0, TENANTS_SHOWN_MAX)) {
    const found = await inTenant(pool, tenant, async (tx) => ({
      ...(await noticesOf(tx)),
      suppressed: await countSuppressions(tx),
    }));
    shown.push({ tenant, ...found });
  }
  return { shown, tenants: tenants.length };
}
