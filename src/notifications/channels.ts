import { z } from 'zod';

export const CHANNELS = ['email', 'sms', 'push'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Longer mails than this are refused by most servers once encoded. */
const EMAIL_BODY_MAX = 500_000;
/** Ten segments of a text in any script. */
const SMS_TEXT_MAX = 670;
/** A push message may have 4,096 bytes in all. */
const PUSH_TITLE_MAX = 200;
const PUSH_BODY_MAX = 1_000;
const PUSH_DATA_NAME_MAX = 100;
const PUSH_DATA_VALUE_MAX = 1_000;
const PUSH_DATA_MAX = 20;
/** Names that Firebase keeps for itself: it takes no message with one of them. */
const RESERVED_NAME = /^(from|message_type|collapse_key)$|^(google|gcm)\./;
const SUBJECT_MAX = 250;

/** No line breaks: what is a header's must stay one. */
const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !/[\r\n]/.test(text), { error: 'must be a single line' });

const pushDataName = z
  .string()
  .min(1)
  .max(PUSH_DATA_NAME_MAX)
  .refine((name) => !RESERVED_NAME.test(name), { error: 'is kept by Firebase for itself' });

/** What a push message brings to the app that it is shown by: under each name what the schema says. */
export const pushDataOf = (value: z.ZodString) =>
  z.record(pushDataName, value).refine((data) => Object.keys(data).length <= PUSH_DATA_MAX, {
    error: `at most ${PUSH_DATA_MAX} entries`,
  });

/** What is sent, by channel, as the borrower will read it. */
export const contentOf = {
  email: z.strictObject({
    subject: line(SUBJECT_MAX),
    text: z.string().min(1).max(EMAIL_BODY_MAX),
    html: z.string().min(1).max(EMAIL_BODY_MAX).optional(),
  }),
  sms: z.strictObject({
    text: z.string().min(1).max(SMS_TEXT_MAX),
    /** By which the operators know the text: India's networks drop what is not registered (DLT). */
    dlt_template: z.string().min(1).max(50).optional(),
    /** The sender header that it is registered under; where none is said, the provider account's own. */
    sender: z
      .string()
      .regex(/^[A-Za-z0-9]{3,11}$/)
      .optional(),
  }),
  push: z.strictObject({
    title: line(PUSH_TITLE_MAX),
    body: z.string().min(1).max(PUSH_BODY_MAX),
    data: pushDataOf(z.string().max(PUSH_DATA_VALUE_MAX)).optional(),
  }),
} as const satisfies Record<Channel, z.ZodType>;

export type EmailContent = z.output<typeof contentOf.email>;
export type SmsContent = z.output<typeof contentOf.sms>;
export type PushContent = z.output<typeof contentOf.push>;
export interface ContentOf {
  email: EmailContent;
  sms: SmsContent;
  push: PushContent;
}
export type Content = ContentOf[Channel];

/** How a person is reached by a channel. A push token is what Firebase gave the borrower's app. */
export const addressOf = {
  email: z.email().max(254),
  sms: z.string().regex(/^\+[1-9]\d{7,14}$/, { error: 'must be a phone number as +919812345678' }),
  push: z.string().regex(/^[\x21-\x7e]{10,4096}$/, { error: 'must be a token of Firebase, without spaces' }),
} as const satisfies Record<Channel, z.ZodType>;
