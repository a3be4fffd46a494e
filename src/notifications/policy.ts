import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import type { Channel } from './channels.ts';
import { neverSent, ruleSettings } from './rules/settings.ts';

export const RETRIES_MAX = 20;
const WAIT_MS_MAX = 3_600_000;
const DRAIN_PER_MINUTE_MAX = 60_000;

/** As it was checked when it was set. */
const policyFields = z.strictObject({
  retries: z.int().min(0).max(RETRIES_MAX).default(3).meta({ description: 'after the first try' }),
  wait_ms: z
    .int()
    .min(0)
    .max(WAIT_MS_MAX)
    .default(2_000)
    .meta({ description: 'before each retry; a provider that asks for longer gets it' }),
  drain_per_minute: z
    .int()
    .min(1)
    .max(DRAIN_PER_MINUTE_MAX)
    .default(600)
    .meta({ description: 'what a lane that was held lets out once it is open again' }),
  ...ruleSettings,
});

/** How a tenant's messages of a channel are sent, and when they are not. */
export const policySchema = policyFields.superRefine((policy, { addIssue }) => {
  const category = neverSent(policy);
  if (!category) return;
  const message = `leave no time in which a message of the category ${category} may go out`;
  addIssue({ code: 'custom', path: ['quiet_hours'], message });
});
export type Policy = z.output<typeof policySchema>;

const settingsRow = z.object({ settings: z.unknown() });

export async function policyOf(tx: Transaction, channel: Channel): Promise<Policy> {
  const settings = await tx.maybeOneFirst(sql.prepared('notification_policy', settingsRow)`
    SELECT settings FROM notification_policy WHERE tenant_id = current_tenant() AND channel = ${channel}`);
  return policyFields.parse(settings ?? {});
}

const rulesRow = settingsRow.extend({ time_zone: z.string() });

/** The policy of a channel, and the tenant's time zone for those whose own is not known. */
export async function policyAndZone(
  tx: Transaction,
  channel: Channel,
): Promise<{ policy: Policy; time_zone: string }> {
  const { settings, time_zone } = await tx.one(sql.prepared('notification_policy_and_zone', rulesRow)`
    SELECT policy.settings, tenant.time_zone FROM tenant
    LEFT JOIN notification_policy policy ON policy.tenant_id = tenant.tenant_id AND policy.channel = ${channel}
    WHERE tenant.tenant_id = current_tenant()`);
  return { policy: policyFields.parse(settings ?? {}), time_zone };
}

/** Sets it whole: what is left out is the default again. */
export async function setPolicy(
  tx: Transaction,
  channel: Channel,
  policy: Policy,
  actor: string,
): Promise<Policy> {
  await tx.query(sql.unsafe`
    INSERT INTO notification_policy (tenant_id, channel, settings, updated_by)
    VALUES (current_tenant(), ${channel}, ${JSON.stringify(policy)}::jsonb, ${actor})
    ON CONFLICT (tenant_id, channel) DO UPDATE SET
      settings = excluded.settings, updated_by = excluded.updated_by, updated_at = now()`);
  return policy;
}
