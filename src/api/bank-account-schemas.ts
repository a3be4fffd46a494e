import { z } from 'zod';
import { NAME_FITS } from '../payments/account-checks/name-fit.ts';
import { type AccountCheckRow, CHECK_STATES } from '../payments/account-checks/rows.ts';
import { BANK_ACCOUNT_STATES, type BankAccount, shownBankAccount } from '../payments/bank-accounts.ts';
import type { Move } from '../payments/moves.ts';
import { moveResource, moveSchema } from './payment-schemas.ts';
import { text, timestamp, uuid } from './schemas.ts';

const REFERENCE_LENGTH_MAX = 100;
export const borrowerReference = text(REFERENCE_LENGTH_MAX).describe('the lender’s own name for the person');

const answer = {
  id: uuid,
  state: z
    .enum(CHECK_STATES)
    .describe('unknown: people find out whether it was begun; failed: the bank gave no answer'),
  account: z.enum(['active', 'invalid']).nullable(),
  registered_name: z.string().nullable().describe('the holder’s name as the bank has it'),
  name_fit: z.enum(NAME_FITS).nullable().describe('of that name to `holder`'),
  name_score: z.number().nullable().describe('the same by the gateway, 0 to 100'),
  checked_at: timestamp.nullable(),
};

export const bankAccountSchema = z
  .strictObject({
    id: uuid,
    holder: z.string(),
    ifsc: z.string().nullable(),
    account_number: z.string().nullable().describe('its last four'),
    vpa: z.string().nullable().describe('masked'),
    state: z
      .enum(BANK_ACCOUNT_STATES)
      .describe('invalid: the gateway says so; retired: nothing new is paid to it'),
    reason: z.string().nullable(),
    added_by: z.string(),
    added_at: timestamp,
    check: z.strictObject(answer).nullable().describe('the last one that was answered, or the last one'),
  })
  .meta({ id: 'BankAccount' });

export const accountCheckSchema = z
  .strictObject({
    ...answer,
    bank_account: uuid,
    attempt: z.int(),
    gateway: z.string(),
    provider_id: z.string().nullable().describe('what the gateway calls it'),
    utr: z.string().nullable(),
    reason: z.string().nullable(),
    currency: z.string(),
    amount: z.string().nullable().describe('paid into the account, once booked'),
    fees: z.string().nullable().describe('what the gateway took, once its statement shows it'),
    tax: z.string().nullable().describe('a part of `fees`'),
    asked_by: z.string(),
    asked_at: timestamp,
    moves: z.array(moveSchema),
  })
  .meta({ id: 'AccountCheck' });

export function bankAccountResource(account: BankAccount): z.output<typeof bankAccountSchema> {
  const { added_at, check, ...shown } = shownBankAccount(account);
  return {
    ...shown,
    added_at: added_at.toISOString(),
    check: check && { ...check, checked_at: check.checked_at?.toISOString() ?? null },
  };
}

export function accountCheckResource(
  check: AccountCheckRow,
  moves: readonly Move[],
): z.output<typeof accountCheckSchema> {
  const {
    told_amount: _told,
    submitted_at: _submitted,
    looks: _looks,
    asked_at,
    checked_at,
    ...shown
  } = check;
  return {
    ...shown,
    asked_at: asked_at.toISOString(),
    checked_at: checked_at?.toISOString() ?? null,
    moves: moves.map(moveResource),
  };
}
