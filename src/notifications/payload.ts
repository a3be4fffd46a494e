import { createHash } from 'node:crypto';
import { z } from 'zod';
import { addressOf, type Channel, type ContentOf, contentOf } from './channels.ts';

export const CATEGORIES = ['transactional', 'reminder', 'marketing'] as const;
export type Category = (typeof CATEGORIES)[number];
export const ORDERINGS = ['tenant', 'recipient', 'none'] as const;

const NAME_MAX = 100;
const REFERENCE_MAX = 100;

export const templateName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, { error: 'must be a template’s name, as payment-received' })
  .meta({ examples: ['payment-received'] });

export const localeName = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$/, { error: 'must be a locale as en-IN' })
  .meta({ examples: ['hi-IN'] });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** What a person is to Kist besides an address. */
export const personFields = {
  reference: z
    .string()
    .min(1)
    .max(REFERENCE_MAX)
    .optional()
    .meta({ description: 'the lender’s own name for the person: counts for caps, order and wishes' }),
  name: z.string().min(1).max(NAME_MAX).optional(),
  time_zone: z
    .string()
    .refine(isTimeZone, { error: 'must be a time zone as Asia/Kolkata' })
    .optional()
    .meta({ description: 'of the contact window; default is the tenant’s' }),
};

/** What is the same for every channel. */
export const sharedFields = {
  template: templateName.optional(),
  data: z
    .record(z.string().max(100), z.unknown())
    .optional()
    .meta({ description: 'the template’s variables' }),
  locale: localeName.optional(),
  category: z.enum(CATEGORIES).optional().meta({ description: 'default: the template’s, or transactional' }),
  deadline: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'nobody wants it later: then it is not sent any more' }),
  ordering: z.enum(ORDERINGS).default('recipient').meta({
    description:
      'whose messages of a channel and category go out one after another, as they were accepted; reminders of a recipient always do, unless those of the tenant do',
  }),
  about: z
    .strictObject({ loan: z.uuid(), instalment: z.int().min(1).optional() })
    .optional()
    .meta({ description: 'a reminder of what is paid or closed by then is not sent' }),
};

/** A document of the loan that goes with a mail. */
const attachmentField = z.strictObject({
  document: z.literal('statement'),
  loan: z.uuid(),
  from: z.iso.date(),
  to: z.iso.date(),
});
export type AttachedDocument = z.output<typeof attachmentField>;

const common = {
  notification: z.uuid(),
  /** Of the whole request: the same key for another set of channels is another request. */
  type: z.enum(['EMAIL', 'SMS', 'PUSH', 'ALL']),
  /** Made when the mail is sent. */
  attachment: attachmentField.optional(),
  ...sharedFields,
  category: z.enum(CATEGORIES),
};
type Common = z.output<z.ZodObject<typeof common>>;
type Person = z.output<z.ZodObject<typeof personFields>>;

/** What the job of a channel is accepted with. */
export interface Payload<C extends Channel = Channel> extends Common {
  recipient: Person & { address: string };
  content?: ContentOf[C] | undefined;
}

export function payloadOf<C extends Channel>(channel: C): z.ZodType<Payload<C>> {
  return z.strictObject({
    ...common,
    recipient: z.strictObject({ ...personFields, address: addressOf[channel] as z.ZodString }),
    content: contentOf[channel].optional(),
  }) as unknown as z.ZodType<Payload<C>>;
}

/** Whom a message is to, without saying more of a person than the lender's own name for them. */
export function recipientOf({ recipient }: Pick<Payload, 'recipient'>): string {
  return recipient.reference ?? createHash('sha256').update(recipient.address).digest('hex').slice(0, 32);
}

/**
 * The queue of messages that one waits in; null where nobody cares for the order. Each category has its own, so that
 * what may go out at once does not stand behind what waits for the morning.
 */
export function orderingKeyOf(
  channel: Channel,
  payload: Pick<Payload, 'recipient' | 'ordering' | 'category'>,
): string | null {
  const { ordering, category } = payload;
  const queue = `notification/${channel}/${category}`;
  if (ordering === 'tenant') return queue;
  return ordering === 'none' && !mayBeGathered(payload) ? null : `${queue}/${recipientOf(payload)}`;
}

/** Whether it may go out with others to the same recipient: then they stand in one queue. */
export function mayBeGathered({ ordering, category }: Pick<Payload, 'ordering' | 'category'>): boolean {
  return category === 'reminder' && ordering !== 'tenant';
}
