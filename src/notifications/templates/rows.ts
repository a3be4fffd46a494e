import { isDeepStrictEqual } from 'node:util';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { keepSetting, settingOf } from '../../identity/settings.ts';
import { CATEGORIES, localeName } from '../payload.ts';
import type { TemplateParts, TemplateWording } from './parts.ts';

/** As it was checked when it was written. */
const parts = z.custom<TemplateParts>((value) => typeof value === 'object' && value !== null);
const wordingRow = { locale: z.string(), version: z.number(), category: z.enum(CATEGORIES), parts };

const knownRow = z.object({ default_locale: z.string().nullable(), own: z.array(z.object(wordingRow)) });
/** What a tenant says itself of a template: its newest version in each locale, and the locale it writes in. */
export type OwnTemplates = z.output<typeof knownRow>;

/** One statement, for every message that is written. What was taken back is not among them. */
export function ownTemplates(tx: Transaction, name: string): Promise<OwnTemplates> {
  return tx.one(sql.prepared('own_templates', knownRow)`
    SELECT (SELECT value ->> 'locale' FROM tenant_setting
            WHERE tenant_id = current_tenant() AND name = 'templates') AS default_locale,
           (SELECT coalesce(jsonb_agg(to_jsonb(newest) ORDER BY locale), '[]') FROM (
              SELECT DISTINCT ON (locale) locale, version, category, parts FROM notification_template
              WHERE tenant_id = current_tenant() AND name = ${name}
              ORDER BY locale, version DESC) AS newest
            WHERE parts IS NOT NULL) AS own`);
}

const wordedRow = z.object({
  ...{ name: z.string(), ...wordingRow },
  variables: z.custom<NonNullable<TemplateWording['variables']>>().nullable(),
  made_by: z.string(),
  made_at: z.date(),
});
/** Neither category nor parts has a version that takes the wording back. */
const versionRow = wordedRow.extend({
  category: wordingRow.category.nullable(),
  parts: parts.nullable(),
});
/** A version of a template of a tenant's own. */
export type TemplateVersion = z.output<typeof versionRow>;
/** One that says something. */
export type WordedVersion = z.output<typeof wordedRow>;

export function isWorded(version: TemplateVersion): version is WordedVersion {
  return version.parts !== null;
}

const columns = sql.fragment`name, locale, version, category, parts, variables, made_by, made_at`;

/** The newest version of each of the tenant's own templates in each locale; of one name where it is given. */
export function newestVersions(tx: Transaction, name?: string): Promise<readonly TemplateVersion[]> {
  return tx.any(sql.type(versionRow)`
    SELECT DISTINCT ON (name, locale) ${columns} FROM notification_template
    WHERE tenant_id = current_tenant() AND name = coalesce(${name ?? null}, name)
    ORDER BY name, locale, version DESC`);
}

/** Versions of one template in one locale, newest first, those before `before`. */
export function versionsOf(
  tx: Transaction,
  {
    name,
    locale,
    before,
    limit,
  }: { name: string; locale: string; before?: number | undefined; limit: number },
): Promise<readonly TemplateVersion[]> {
  return tx.any(sql.type(versionRow)`
    SELECT ${columns} FROM notification_template
    WHERE tenant_id = current_tenant() AND name = ${name} AND locale = ${locale}
      AND (${before ?? null}::int4 IS NULL OR version < ${before ?? null})
    ORDER BY version DESC LIMIT ${limit}`);
}

export interface NewVersion {
  name: string;
  locale: string;
  wording: TemplateWording;
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
}

/**
 * Nobody else changes what the tenant's templates say, nor which of them a rule needs, until the transaction ends:
 * whoever checks one against the other is right when it commits.
 */
export async function lockTemplates(tx: Transaction): Promise<void> {
  await tx.query(sql.unsafe`
    SELECT pg_advisory_xact_lock(hashtextextended('templates of ' || current_tenant(), 0))`);
}

/** Adds a version; where the newest says the same already, that one is the answer. The caller holds the lock. */
export async function addVersion(
  tx: Transaction,
  { name, locale, wording, actor }: NewVersion,
): Promise<{ version: WordedVersion; added: boolean }> {
  const [newest] = await versionsOf(tx, { name, locale, limit: 1 });
  if (newest && isWorded(newest) && isDeepStrictEqual(wordingOf(newest), withVariables(wording))) {
    return { version: newest, added: false };
  }
  const version = await tx.one(sql.type(wordedRow)`
    INSERT INTO notification_template (tenant_id, name, locale, version, category, parts, variables, made_by)
    VALUES (current_tenant(), ${name}, ${locale}, ${(newest?.version ?? 0) + 1}, ${wording.category},
            ${JSON.stringify(wording.parts)}::jsonb, ${wording.variables ? JSON.stringify(wording.variables) : null}::jsonb,
            ${actor})
    RETURNING ${columns}`);
  return { version, added: true };
}

/** Adds the version that takes the one before it back; the caller has seen that one under the lock. */
export function addTakenBack(
  tx: Transaction,
  { name, locale, version }: Pick<TemplateVersion, 'name' | 'locale' | 'version'>,
  actor: string,
): Promise<TemplateVersion> {
  return tx.one(sql.type(versionRow)`
    INSERT INTO notification_template (tenant_id, name, locale, version, made_by)
    VALUES (current_tenant(), ${name}, ${locale}, ${version + 1}, ${actor})
    RETURNING ${columns}`);
}

function wordingOf({ category, parts, variables }: WordedVersion) {
  return { category, parts, variables };
}

function withVariables({
  category,
  parts,
  variables = null,
}: Omit<TemplateWording, 'variables'> & { variables?: unknown }) {
  return { category, parts, variables };
}

const SETTING = 'templates';
export const templateSettings = z.strictObject({
  locale: localeName.optional().describe('what is written where nobody says in which locale'),
});
export type TemplateSettings = z.output<typeof templateSettings>;

export function templateSettingsOf(tx: Transaction): Promise<TemplateSettings> {
  return settingOf(tx, SETTING, templateSettings);
}

export function keepTemplateSettings(
  tx: Transaction,
  settings: TemplateSettings,
  actor: string,
): Promise<void> {
  return keepSetting(tx, SETTING, settings, actor);
}
