import { z } from 'zod';
import { JOB_STATES } from '../runtime/types.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import { keepable } from './json.ts';

export const KEY_LENGTH_MAX = 200;
export const PAGE_LIMIT_MAX = 100;
const PAGE_LIMIT_DEFAULT = 50;

export const errorCodeSchema = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

export const fieldErrorSchema = z.strictObject({
  pointer: z.string().describe('JSON pointer to the field'),
  message: z.string(),
  in: z.enum(['query', 'path', 'header']).optional().describe('where it was, if not in the body'),
});

export const problemSchema = z
  .strictObject({
    type: z.string().describe('Where this error is explained'),
    title: z.string(),
    status: z.int(),
    code: errorCodeSchema,
    detail: z.string().optional(),
    instance: z.string(),
    request_id: z.string(),
    errors: z.array(fieldErrorSchema).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });

/** What every route may answer besides what it is for. */
export const problemResponses = {
  default: {
    description: 'A problem; `code` says which (docs/errors.md)',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
};

/** Headers that every client sends besides are no business of a schema, so this one is not strict. */
export const keyHeader = z.object({
  'idempotency-key': z.string().min(1).max(KEY_LENGTH_MAX).optional().describe('names this request for ever'),
});

/** Text that Postgres can keep. */
export const text = (length_max: number) =>
  z
    .string()
    .min(1)
    .max(length_max)
    .refine(keepable, { message: 'holds U+0000 or half of a surrogate pair, which is not text' });

const REASON_LENGTH_MAX = 500;
/** Why a person decides as they do. */
export const reasonBody = z.strictObject({ reason: text(REASON_LENGTH_MAX) });

export const uuid = z.uuid().toLowerCase();
export const timestamp = z.iso.datetime({ offset: true });
export const businessDate = z.iso.date();
/** A date that Postgres knows: it has no year 0. */
export const businessDateInput = z.iso
  .date()
  .refine((date) => !date.startsWith('0000'), { message: 'there is no year 0' });

const INSTANT_MIN = Date.parse('2000-01-01T00:00:00Z');
const INSTANT_MAX = Date.parse('2200-01-01T00:00:00Z');

/** An instant as a Date, within years that every part of the system can write down. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((given) => Date.parse(given) >= INSTANT_MIN && Date.parse(given) < INSTANT_MAX, {
    message: 'must lie between the years 2000 and 2199',
  })
  .transform((given) => new Date(given));

export const idParams = z.strictObject({ id: uuid });

export const pageLimit = z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT);

/** A page of a list: `after` is the id that the page before ended with. */
export const pageQuery = {
  after: uuid.optional().describe('the page begins after this id; taken from `next`'),
  limit: pageLimit,
};

export const jobLinks = z.strictObject({ self: z.string() });

/** The answer to a request that was accepted, now or before. */
export const acceptedSchema = z
  .strictObject({
    id: uuid,
    kind: z.string(),
    key: z.string(),
    state: z.enum(JOB_STATES),
    result: z.unknown().optional().describe('of a repeat whose job is done'),
    links: jobLinks,
  })
  .meta({ id: 'AcceptedJob', description: 'The job is safely written down and will be done once.' });

export const attemptSchema = z.strictObject({
  attempt: z.int(),
  worker: z.string(),
  started_at: timestamp,
  ended_at: timestamp,
  word: z.string(),
  code: z.string(),
  message: z.string(),
});

const jobFields = {
  id: uuid,
  kind: z.string(),
  queue: z.string(),
  key: z.string(),
  state: z.enum(JOB_STATES),
  priority: z.int(),
  attempt: z.int().describe('failed attempts so far'),
  attempt_limit: z.int(),
  code: z.string().nullable().describe('why it rests, or how the last attempt failed'),
  message: z.string().nullable(),
  result: z.unknown(),
  accepted_by: z.string(),
  accepted_at: timestamp,
  run_at: timestamp,
  rested_at: timestamp.nullable(),
  links: jobLinks,
};

export const jobSchema = z.strictObject(jobFields).meta({ id: 'Job' });
export const jobWithAttemptsSchema = z
  .strictObject({ ...jobFields, attempts: z.array(attemptSchema) })
  .meta({ id: 'JobWithAttempts' });
export const jobPageSchema = z
  .strictObject({
    jobs: z.array(jobSchema),
    next: z.string().nullable().describe('address of the next page'),
  })
  .meta({ id: 'JobPage' });
