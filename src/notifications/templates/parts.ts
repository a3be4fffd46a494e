import { z } from 'zod';
import { CHANNELS, type Channel, pushDataOf } from '../channels.ts';
import { CATEGORIES } from '../payload.ts';

const VARIABLE = /^[a-z][a-z0-9_]{0,62}$/;

const LINE_MAX = 500;
const TEXT_MAX = 50_000;
const HTML_MAX = 200_000;
const SMS_MAX = 2_000;
const VARIABLES_MAX = 100;

/** Text that Postgres can keep. */
const wording = (length_max: number) =>
  z
    .string()
    .min(1)
    .max(length_max)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), {
      error: 'holds U+0000 or half of a surrogate pair, which is not text',
    });

/** What of a template each channel needs; every text is Liquid. */
export const templateParts = z
  .strictObject({
    email: z.strictObject({
      subject: wording(LINE_MAX),
      text: wording(TEXT_MAX),
      html: wording(HTML_MAX).optional(),
    }),
    sms: z.strictObject({
      text: wording(SMS_MAX),
      dlt_template: wording(50)
        .optional()
        .meta({ description: 'id under which the text is registered (DLT)' }),
      dlt_text: wording(SMS_MAX).optional().meta({
        description: 'the text as registered, with {#var#} where it varies: what is sent must fit it',
      }),
      sender: z
        .string()
        .regex(/^[A-Za-z0-9]{3,11}$/, { error: 'must be a sender header of 3 to 11 letters and digits' })
        .optional()
        .meta({
          description: 'header under which the text is registered; default is the provider account’s',
        }),
    }),
    push: z.strictObject({
      title: wording(LINE_MAX),
      body: wording(SMS_MAX),
      data: pushDataOf(wording(SMS_MAX)).optional().meta({
        description:
          'what the app is told beside it, as a link to open; an entry that comes out empty is left out',
      }),
    }),
  })
  .partial()
  .refine((parts) => CHANNELS.some((channel) => parts[channel]), {
    error: 'must be for one channel at least',
  });
export type TemplateParts = z.output<typeof templateParts>;
export type PartsOf<C extends Channel> = NonNullable<TemplateParts[C]>;

/** What a template is filled with: names of variables and what they hold. */
export const templateData = z.record(z.string().max(100), z.unknown());
export type TemplateData = Readonly<Record<string, unknown>>;

/** The variables of a template, told to those who send by it; the examples fill its preview. */
export const templateVariables = z
  .record(
    z.string().regex(VARIABLE, { error: 'must be a-z, 0-9 and _, and begin with a letter' }),
    z.strictObject({ about: z.string().max(200).optional(), example: z.unknown() }),
  )
  .refine((variables) => Object.keys(variables).length <= VARIABLES_MAX, {
    error: `at most ${VARIABLES_MAX} variables`,
  });

/** A version of a template as somebody writes it. */
export const templateWording = z.strictObject({
  category: z.enum(CATEGORIES),
  parts: templateParts,
  variables: templateVariables.optional(),
});
export type TemplateWording = z.output<typeof templateWording>;
