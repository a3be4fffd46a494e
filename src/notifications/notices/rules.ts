import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { listen, stopListening } from '../../events/listeners.ts';
import { keepSetting, settingOf } from '../../identity/settings.ts';
import { CHANNELS, type Channel } from '../channels.ts';
import { NotificationError } from '../errors.ts';
import { CATEGORIES, templateName } from '../payload.ts';
import { choose } from '../templates/choose.ts';
import { TemplateError } from '../templates/errors.ts';
import { lockTemplates, ownTemplates } from '../templates/rows.ts';
import { BUILT_IN_RULES, MOMENTS, REMINDER_DUE } from './built-in.ts';
import { type Gap, gapsOf } from './worded.ts';

export const NOTICE_KIND = 'notification.notice';
const LISTENER = 'notices';
const SETTING = 'notices';
/** As many types as a listener may name. */
export const RULES_MAX = 50;
const EVENT_TYPE = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/;
const EVENT_TYPE_MAX = 100;

export const ruleName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, { error: 'must be a rule’s name, as payment-received' });

const someChannels = z
  .array(z.enum(CHANNELS))
  .min(1)
  .refine((given) => new Set(given).size === given.length, { error: 'must each be named once' });

/** Whether borrowers are told of anything. */
export const noticeSwitch = z.strictObject({
  enabled: z.boolean(),
  channels: someChannels
    .optional()
    .meta({ description: 'of every built-in rule; left out, they stay as they are, and new ones have all' }),
});

/** What one rule says: when this happens, the borrower is told that, by these channels. */
export const noticeRule = z
  .strictObject({
    event_type: z.string().max(EVENT_TYPE_MAX).regex(EVENT_TYPE, { error: 'must be a type as loan.closed' }),
    moment: z
      .enum(MOMENTS)
      .optional()
      .meta({ description: `of ${REMINDER_DUE}: on which side of the due date it is read; any if left out` }),
    template: templateName,
    channels: someChannels.meta({ description: 'those by which the borrower can be reached' }),
    category: z.enum(CATEGORIES),
    enabled: z.boolean().default(true),
  })
  .refine(({ event_type, moment }) => moment === undefined || event_type === REMINDER_DUE, {
    path: ['moment'],
    error: `is for ${REMINDER_DUE} alone`,
  });
export type NoticeRule = z.output<typeof noticeRule>;

const ruleRow = z.object({
  name: z.string(),
  event_type: z.string(),
  moment: z.enum(MOMENTS).nullable(),
  template: z.string(),
  channels: z.array(z.enum(CHANNELS)),
  category: z.enum(CATEGORIES),
  enabled: z.boolean(),
});
export type StoredRule = z.output<typeof ruleRow>;

const COLUMNS = sql.fragment`name, event_type, moment, template, channels, category, state = 'enabled' AS enabled`;

const settingSchema = z.object({ enabled: z.boolean().default(false) });

/** Whether a tenant's borrowers are told of anything, and of what by which rules. */
export async function noticesOf(
  tx: Transaction,
): Promise<{ enabled: boolean; rules: readonly StoredRule[] }> {
  const { enabled } = await settingOf(tx, SETTING, settingSchema);
  const rules = await tx.any(sql.type(ruleRow)`
    SELECT ${COLUMNS} FROM notice_rule WHERE tenant_id = current_tenant() ORDER BY name`);
  return { enabled, rules };
}

/** The rules in force for events of these types. */
export function rulesFor(tx: Transaction, event_types: readonly string[]): Promise<readonly StoredRule[]> {
  return tx.any(sql.prepared('notice_rules', ruleRow)`
    SELECT ${COLUMNS} FROM notice_rule
    WHERE tenant_id = current_tenant() AND state = 'enabled' AND event_type = ANY (${sql.array([...event_types], 'text')})
    ORDER BY name`);
}

/** The enabled rules, whether or not the notices are switched on; of one template where it is given. */
export function enabledRules(tx: Transaction, template?: string): Promise<readonly StoredRule[]> {
  return tx.any(sql.type(ruleRow)`
    SELECT ${COLUMNS} FROM notice_rule
    WHERE tenant_id = current_tenant() AND state = 'enabled' AND template = coalesce(${template ?? null}, template)
    ORDER BY name`);
}

/**
 * Switches the notices of a tenant on or off. Switched on, it has every built-in rule: those it had stay as they
 * are, but for the channels where such are given.
 * @throws TemplateError unknown-template, where a built-in rule by a template of the tenant's own would have no wording
 *   for one of the channels
 */
export async function switchNotices(
  tx: Transaction,
  { enabled, channels }: z.output<typeof noticeSwitch>,
  actor: string,
): Promise<void> {
  await lockTemplates(tx);
  await keepSetting(tx, SETTING, { enabled }, actor);
  if (enabled) await addBuiltIn(tx, channels ?? null, actor);
  await listenAccordingly(tx);
}

async function addBuiltIn(
  tx: Transaction,
  channels: readonly Channel[] | null,
  actor: string,
): Promise<void> {
  const rows = BUILT_IN_RULES.map(({ name, event_type, moment = null, template, category }) => [
    ...[name, event_type, moment, template, category],
  ]);
  const changed = await tx.any(sql.type(ruleRow)`
    INSERT INTO notice_rule AS known (tenant_id, name, event_type, moment, template, category, channels, changed_by)
    SELECT current_tenant(), name, event_type, moment, template, category,
           ${sql.array([...(channels ?? CHANNELS)], 'text')}, ${actor}
    FROM ${sql.unnest(rows, ['text', 'text', 'text', 'text', 'text'])}
      AS given (name, event_type, moment, template, category)
    ON CONFLICT (tenant_id, name) DO UPDATE
    SET channels = excluded.channels, changed_by = excluded.changed_by, changed_at = now()
    WHERE ${channels !== null}
    RETURNING ${COLUMNS}`);
  const gaps = await gapsOf(
    tx,
    changed.filter((rule) => rule.enabled),
  );
  if (gaps.length > 0) throw unworded(gaps);
}

function unworded(gaps: readonly Gap[]): TemplateError {
  const rules = [...new Set(gaps.map(({ rule }) => rule))].join(', ');
  const fields = gaps.map(({ rule, template, channel }) => ({
    pointer: '/channels',
    message: `the rule ${rule} tells by ${template}, which has no wording for ${channel}`,
  }));
  return new TemplateError(
    'unknown-template',
    `Templates have no wording for a channel of the rules: ${rules}.`,
    fields,
  );
}

/**
 * Makes or replaces a rule.
 * @throws NotificationError invalid-notification (there are RULES_MAX of them); TemplateError unknown-template, where
 *   it has no wording for one of the channels
 */
export async function setRule(
  tx: Transaction,
  name: string,
  rule: NoticeRule,
  actor: string,
): Promise<StoredRule> {
  const { event_type, moment = null, template, channels, category, enabled } = rule;
  await lockTemplates(tx);
  await assertWorded(tx, rule);
  const stored = await tx.one(sql.type(ruleRow)`
    INSERT INTO notice_rule (tenant_id, name, event_type, moment, template, channels, category, state, changed_by)
    VALUES (current_tenant(), ${name}, ${event_type}, ${moment}, ${template}, ${sql.array([...channels], 'text')},
            ${category}, ${enabled ? 'enabled' : 'disabled'}, ${actor})
    ON CONFLICT (tenant_id, name) DO UPDATE
    SET event_type = excluded.event_type, moment = excluded.moment, template = excluded.template,
        channels = excluded.channels, category = excluded.category, state = excluded.state,
        changed_by = excluded.changed_by, changed_at = now()
    RETURNING ${COLUMNS}`);
  const { rules } = await noticesOf(tx);
  if (rules.length > RULES_MAX) {
    throw new NotificationError('invalid-notification', `A tenant has at most ${RULES_MAX} rules.`);
  }
  await listenAccordingly(tx);
  return stored;
}

/** @throws TemplateError unknown-template, where the template has no wording for one of the channels */
async function assertWorded(
  tx: Transaction,
  { template, channels }: Pick<NoticeRule, 'template' | 'channels'>,
): Promise<void> {
  const own = await ownTemplates(tx, template);
  for (const channel of channels) choose({ template, channel }, own);
}

/**
 * Has a rule tell again, or no more.
 * @throws NotificationError not-found; TemplateError unknown-template, where its wording was taken back meanwhile
 */
export async function turnRule(
  tx: Transaction,
  name: string,
  enabled: boolean,
  actor: string,
): Promise<StoredRule> {
  await lockTemplates(tx);
  const rule = await tx.maybeOne(sql.type(ruleRow)`
    UPDATE notice_rule SET state = ${enabled ? 'enabled' : 'disabled'}, changed_by = ${actor}, changed_at = now()
    WHERE tenant_id = current_tenant() AND name = ${name} RETURNING ${COLUMNS}`);
  if (!rule) throw noSuchRule(name);
  if (enabled) await assertWorded(tx, rule);
  await listenAccordingly(tx);
  return rule;
}

/** Switched on again, the notices have a built-in rule as it came. @throws NotificationError not-found */
export async function removeRule(tx: Transaction, name: string): Promise<void> {
  const { rowCount } = await tx.query(sql.unsafe`
    DELETE FROM notice_rule WHERE tenant_id = current_tenant() AND name = ${name}`);
  if (rowCount === 0) throw noSuchRule(name);
  await listenAccordingly(tx);
}

function noSuchRule(name: string): NotificationError {
  return new NotificationError('not-found', `There is no notice rule ${name}.`);
}

/** Which events are written down for the notices follows from the rules. */
async function listenAccordingly(tx: Transaction): Promise<void> {
  const { enabled, rules } = await noticesOf(tx);
  const event_types = rules.filter((rule) => rule.enabled).map(({ event_type }) => event_type);
  if (enabled && event_types.length > 0) await listen(tx, { name: LISTENER, kind: NOTICE_KIND, event_types });
  else await stopListening(tx, LISTENER);
}
