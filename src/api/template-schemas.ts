import { z } from 'zod';
import { CHANNELS, contentOf } from '../notifications/channels.ts';
import { CATEGORIES, localeName } from '../notifications/payload.ts';
import { templateData, templateParts } from '../notifications/templates/parts.ts';
import { timestamp } from './schemas.ts';

const channel = z.enum(CHANNELS);
const category = z.enum(CATEGORIES);

const standingFields = {
  locale: z.string(),
  source: z.enum(['own', 'built-in']).describe('the tenant’s own stands before the built-in one'),
  version: z.int(),
  category,
  channels: z.array(channel),
};
const variableSchema = z.strictObject({
  name: z.string(),
  required: z.boolean().nullable().describe('null where nobody said'),
  about: z.string().nullable(),
  example: z.unknown().optional(),
});
const takenBack = z
  .array(z.strictObject({ locale: z.string(), version: z.int() }))
  .describe('wordings of the tenant’s own that do not count any more, and the versions that say so');
export const templateSchema = z
  .strictObject({
    name: z.string(),
    about: z.string().nullable(),
    wordings: z.array(
      z.strictObject({ ...standingFields, parts: templateParts, variables: z.array(variableSchema) }),
    ),
    taken_back: takenBack,
  })
  .meta({ id: 'NotificationTemplate' });
export const templateListSchema = z.strictObject({
  templates: z.array(
    z.strictObject({
      name: z.string(),
      about: z.string().nullable(),
      wordings: z.array(z.strictObject(standingFields)),
      taken_back: takenBack,
    }),
  ),
});
export const versionSchema = z
  .strictObject({
    name: z.string(),
    locale: z.string(),
    version: z.int(),
    taken_back: z.boolean().describe('from this version on the wording does not count'),
    category: category.nullable().describe('null, as are the parts, where it was taken back'),
    parts: templateParts.nullable(),
    variables: z.record(z.string(), z.unknown()).nullable(),
    made_by: z.string(),
    made_at: timestamp,
  })
  .meta({ id: 'NotificationTemplateVersion' });

export const previewRequest = z.strictObject({
  channel: channel.optional().describe('every one that there is, where none is named'),
  locale: localeName.optional(),
  data: templateData.optional().describe('the template’s examples, where none is given'),
  parts: templateParts.optional().describe('a draft that is shown instead of what stands'),
});
const originSchema = z.strictObject({
  template: z.string().describe('with kist/ before its name where it is a built-in one'),
  version: z.int(),
  locale: z.string(),
  category,
});
const segmentsSchema = z.strictObject({
  encoding: z.enum(['GSM-7', 'UCS-2']),
  segments: z.int().describe('what the networks charge'),
  length: z.int(),
  per_segment: z.int(),
  outside: z.array(z.string()).describe('the characters for whose sake it is UCS-2'),
});
const previewIn = <Content extends z.ZodType>(content: Content) =>
  z
    .strictObject({
      origin: originSchema.nullable().describe('null for a draft'),
      locale: z.string(),
      content,
      segments: segmentsSchema.nullable().describe('of text messages'),
      warnings: z.array(z.string()),
    })
    .optional();
export const previewSchema = z
  .strictObject({
    data: z.record(z.string(), z.unknown()),
    channels: z.strictObject({
      email: previewIn(contentOf.email),
      sms: previewIn(contentOf.sms),
      push: previewIn(contentOf.push),
    }),
  })
  .meta({ id: 'NotificationPreview' });
