import { z } from 'zod';
import { ageDays, type PaymentException } from '../payments/exceptions.ts';
import { PAYOUT_MODES } from '../payments/gateway/gateway.ts';
import { type Move, shownMove } from '../payments/moves.ts';
import type { PayoutStory, ShownPayout } from '../payments/payouts/story.ts';
import { PAYOUT_STATES } from '../payments/states.ts';
import { businessDate, text, timestamp, uuid } from './schemas.ts';

const payoutFields = {
  id: uuid.describe('also the key and the reference under which the gateway knows it'),
  instruction: uuid.describe('the first attempt to pay the same'),
  attempt: z.int(),
  previous: uuid.nullable().describe('the attempt that ended without paying'),
  purpose: z.enum(['disbursal', 'withdrawal']),
  loan: uuid.nullable(),
  wallet: uuid,
  bank_account: uuid,
  reference: z.string(),
  gateway: z.string(),
  mode: z.enum(PAYOUT_MODES),
  amount: z.string(),
  currency: z.string(),
  state: z
    .enum(PAYOUT_STATES)
    .describe('unknown: it may have been paid; suspense: two people say what became of it'),
  contradicts: z.boolean().describe('it succeeded after all, beside another attempt'),
  provider_id: z.string().nullable(),
  utr: z.string().nullable().describe('the banks’ own reference'),
  fees: z.string().nullable(),
  tax: z.string().nullable().describe('a part of the fees'),
  reason: z.string().nullable().describe('why it stands so, where it did not pay or nobody knows'),
  created_at: timestamp,
  business_date: businessDate,
  submitted_at: timestamp.nullable(),
  unknown_since: timestamp.nullable(),
  settled_at: timestamp.nullable(),
  closed_at: timestamp.nullable(),
};
export const payoutSchema = z.strictObject(payoutFields).meta({ id: 'Payout' });

const OWNER_LENGTH_MAX = 200;
export const ownerName = text(OWNER_LENGTH_MAX);
export const ownerBody = z.strictObject({
  owner: ownerName.nullable().describe('e-mail address of an operator of the tenant; null: nobody'),
});

export const exceptionSchema = z
  .strictObject({
    id: uuid,
    kind: z.string(),
    subject: uuid.describe('the payment that it is about, or the loan where there is none'),
    code: z.string(),
    message: z.string(),
    raised_at: timestamp,
    business_date: businessDate,
    age_days: z
      .int()
      .nullable()
      .describe('days from the business date it was raised on to the present one; null once resolved'),
    owner: z.string().nullable().describe('who looks after it'),
    resolved_at: timestamp.nullable(),
    resolved_by: z.string().nullable(),
    resolution: z.string().nullable(),
  })
  .meta({ id: 'PaymentException' });

export const moveSchema = z
  .strictObject({
    seq: z.int(),
    from: z.string().nullable(),
    to: z.string(),
    evidence: z.string().describe('answer, event, poll, statement, person or machine'),
    detail: z.unknown().describe('which answer, event, line or approval'),
    journal: uuid.nullable().describe('null where the books stayed as they were'),
    at: timestamp,
    business_date: businessDate,
  })
  .meta({ id: 'PaymentMove' });

export const payoutStorySchema = z
  .strictObject({
    ...payoutFields,
    to: z.strictObject({
      holder: z.string(),
      ifsc: z.string().nullable(),
      account_number: z.string().nullable().describe('its last four'),
      vpa: z.string().nullable().describe('masked'),
    }),
    moves: z.array(moveSchema),
    attempts: z.array(payoutSchema).describe('the other attempts to pay the same'),
    exceptions: z.array(exceptionSchema),
  })
  .meta({ id: 'PayoutStory' });

export function payoutResource(payout: ShownPayout): z.output<typeof payoutSchema> {
  const text = (at: Date | null) => at?.toISOString() ?? null;
  return {
    ...payout,
    created_at: payout.created_at.toISOString(),
    submitted_at: text(payout.submitted_at),
    unknown_since: text(payout.unknown_since),
    settled_at: text(payout.settled_at),
    closed_at: text(payout.closed_at),
  };
}

export function moveResource(move: Move): z.output<typeof moveSchema> {
  return { ...shownMove(move), at: move.at.toISOString() };
}

export function payoutStoryResource(story: PayoutStory): z.output<typeof payoutStorySchema> {
  const { payout, to, moves, attempts, exceptions, today } = story;
  return {
    ...payoutResource(payout),
    to,
    moves: moves.map(moveResource),
    attempts: attempts.map(payoutResource),
    exceptions: exceptions.map((each) => exceptionResource(each, today)),
  };
}

/** @param today the tenant's present business date */
export function exceptionResource(
  exception: PaymentException,
  today: string,
): z.output<typeof exceptionSchema> {
  const { raised_at, resolved_at } = exception;
  return {
    ...exception,
    raised_at: raised_at.toISOString(),
    resolved_at: resolved_at?.toISOString() ?? null,
    age_days: ageDays(exception, today),
  };
}
