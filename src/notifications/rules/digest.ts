import { isDeepStrictEqual } from 'node:util';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { tenantName } from '../../identity/tenants.ts';
import { Cancel, Refuse } from '../../runtime/outcomes.ts';
import type { Channel, Content, EmailContent, PushContent, SmsContent } from '../channels.ts';
import type { Payload } from '../payload.ts';
import { asWritten, type Written } from '../sending/written.ts';
import { TemplateError } from '../templates/errors.ts';
import { renderFor } from '../templates/templates.ts';
import { stillTrue } from './still-true.ts';

/** One message that lists several reminders: its wording is the template of this name. */
const DIGEST = 'digest';

/** As a digest lists a reminder: in a line, and whole. */
const item = z.object({ line: z.string(), text: z.string() });
type Item = z.output<typeof item>;

export interface Listed {
  job: string;
  item: Item;
  about: Payload['about'] | null;
  deadline: string | undefined;
}

/** What a digest is written with, again where something in it is no longer true. */
export interface DigestWording {
  locale: string | null;
  data: Record<string, unknown>;
}

/** Several reminders in one message. */
export interface Digest<C extends Channel = Channel> {
  written: Written<C>;
  wording: DigestWording;
  listed: readonly Listed[];
  /** The last of theirs; none where one of them has none. */
  deadline: string | undefined;
}

export function itemOf(channel: Channel, content: Content): Item {
  switch (channel) {
    case 'email': {
      const { subject, text } = content as EmailContent;
      return { line: subject, text };
    }
    case 'sms': {
      const { text } = content as SmsContent;
      return { line: text, text };
    }
    case 'push': {
      const { body } = content as PushContent;
      return { line: body, text: body };
    }
  }
}

const SENDER_AND_READER = ['lender', 'name', 'contact'];

/** Who writes to whom, as the reminder says it, or else as far as Kist knows it. */
export async function wordsOf(
  tx: Transaction,
  { data = {}, recipient }: Pick<Payload, 'data' | 'recipient'>,
) {
  const lender = await tenantName(tx);
  const said = Object.entries(data).filter(
    ([word, value]) => SENDER_AND_READER.includes(word) && typeof value === 'string',
  );
  return { lender, name: recipient.name ?? 'Customer', ...Object.fromEntries(said) };
}

/** @returns null where so many cannot be written in one message */
export async function writeDigest<C extends Channel>(
  tx: Transaction,
  channel: C,
  { locale, data }: DigestWording,
  listed: readonly Pick<Listed, 'item'>[],
): Promise<Written<C> | null> {
  const items = listed
    .map(({ item }) => item)
    .filter((item, index, all) => all.findIndex((each) => isDeepStrictEqual(each, item)) === index);
  try {
    const wish = { template: DIGEST, locale: locale ?? undefined, channel };
    return asWritten(await renderFor(tx, { ...wish, data: { ...data, items, count: items.length } }));
  } catch (error) {
    if (error instanceof TemplateError) return null;
    throw error;
  }
}

/** Writes down what a message lists: none of it goes out by itself any more. */
export async function keepListed(
  tx: Transaction,
  message: string,
  listed: readonly Listed[],
  at: Date,
): Promise<void> {
  const texts = (values: readonly unknown[]) =>
    sql.array(
      values.map((value) => (value === null ? null : JSON.stringify(value))),
      'text',
    );
  await tx.query(sql.unsafe`
    INSERT INTO notification_gathering (tenant_id, job_id, since, message_id, item, about)
    SELECT current_tenant(), job_id, ${at.toISOString()}, ${message}, item::jsonb, about::jsonb
    FROM unnest(${sql.array(
      listed.map(({ job }) => job),
      'uuid',
    )}, ${texts(listed.map(({ item }) => item))},
                ${texts(listed.map(({ about }) => about))}) AS listed (job_id, item, about)
    ON CONFLICT (tenant_id, job_id) DO UPDATE SET
      message_id = excluded.message_id, item = excluded.item, about = excluded.about`);
}

const listedRow = z.object({
  job: z.string(),
  item,
  about: z.object({ loan: z.string(), instalment: z.number().optional() }).nullable(),
});

/**
 * Writes a digest anew where not all of what it lists is true any more.
 * @param may_be_sent nobody knows whether it was: then it is repeated as it is while any of it is true
 * @returns null where it stays as it is
 * @throws Cancel no-longer-true where none of it is; Refuse where the tenant's wording takes it no more
 */
export async function digestAgain<C extends Channel>(
  tx: Transaction,
  {
    id,
    channel,
    wording,
    may_be_sent,
  }: { id: string; channel: C; wording: DigestWording; may_be_sent: boolean },
): Promise<Written<C> | null> {
  const listed = await tx.any(sql.type(listedRow)`
    SELECT job_id AS job, item, about FROM notification_gathering
    WHERE tenant_id = current_tenant() AND message_id = ${id} AND NOT struck ORDER BY job_id`);
  const kept: Pick<Listed, 'item'>[] = [];
  const struck: { job: string }[] = [];
  for (const each of listed) {
    const is_true = !each.about || (await stillTrue(tx, each.about));
    (is_true ? kept : struck).push(each);
  }
  if (kept.length === 0)
    throw new Cancel('no-longer-true', 'Nothing of what it reminds of is owed any more.');
  if (struck.length === 0 || may_be_sent) return null;
  await tx.query(sql.unsafe`
    UPDATE notification_gathering SET struck = true
    WHERE tenant_id = current_tenant() AND job_id = ANY (${sql.array(
      struck.map(({ job }) => job),
      'uuid',
    )})`);
  const anew = await writeDigest(tx, channel, wording, kept);
  if (!anew) throw new Refuse('digest-not-written', 'What is still true of it could not be written.');
  return anew;
}
