import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { NAME_FITS } from './name-fit.ts';

/**
 * How a check stands:
 *
 *   asked      to be brought to the gateway; once `submitted_at` is set, it may have heard of it
 *   pending    the gateway has it, and waits for the bank
 *   unknown    nobody can tell whether it was begun: people find out
 *   completed  the bank has answered
 *   failed     the gateway could not find out
 *   rejected   the gateway took no such request: nothing was begun
 */
export const CHECK_STATES = ['asked', 'pending', 'unknown', 'completed', 'failed', 'rejected'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

const checkRow = z.object({
  id: z.string(),
  bank_account: z.string(),
  attempt: z.number(),
  gateway: z.string(),
  state: z.enum(CHECK_STATES),
  provider_id: z.string().nullable(),
  account: z.enum(['active', 'invalid']).nullable(),
  registered_name: z.string().nullable(),
  name_fit: z.enum(NAME_FITS).nullable(),
  name_score: z.coerce.number().nullable(),
  utr: z.string().nullable(),
  reason: z.string().nullable(),
  currency: z.string(),
  told_amount: z.string().nullable(),
  amount: z.string().nullable(),
  fees: z.string().nullable(),
  tax: z.string().nullable(),
  asked_by: z.string(),
  asked_at: z.date(),
  submitted_at: z.date().nullable(),
  checked_at: z.date().nullable(),
  looks: z.number(),
});
/** One check of a bank account. */
export type AccountCheckRow = z.output<typeof checkRow>;

const COLUMNS = sql.fragment`
  id, bank_account_id AS bank_account, attempt, gateway, state, provider_id, account, registered_name, name_fit,
  name_score, utr, reason, currency, told_amount::numeric(30, 2)::text AS told_amount,
  amount::numeric(30, 2)::text AS amount, fees::numeric(30, 2)::text AS fees, tax::numeric(30, 2)::text AS tax,
  asked_by, asked_at, submitted_at, checked_at, looks`;

/** The check; null where there is none. */
export function checkOf(tx: Transaction, id: string): Promise<AccountCheckRow | null> {
  return tx.maybeOne(sql.type(checkRow)`
    SELECT ${COLUMNS} FROM bank_account_check WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** As checkOf, of one that there is, locked until the transaction ends: whoever moves a check holds this lock. */
export function lockCheck(tx: Transaction, id: string): Promise<AccountCheckRow> {
  return tx.one(sql.type(checkRow)`
    SELECT ${COLUMNS} FROM bank_account_check
    WHERE tenant_id = current_tenant() AND id = ${id} FOR NO KEY UPDATE`);
}

/** All checks of an account, the newest first; they are few. */
export function checksOf(tx: Transaction, bank_account: string): Promise<readonly AccountCheckRow[]> {
  return tx.any(sql.type(checkRow)`
    SELECT ${COLUMNS} FROM bank_account_check
    WHERE tenant_id = current_tenant() AND bank_account_id = ${bank_account}
    ORDER BY attempt DESC`);
}

export async function insertCheck(
  tx: Transaction,
  check: Pick<
    AccountCheckRow,
    'id' | 'bank_account' | 'attempt' | 'gateway' | 'currency' | 'asked_by' | 'asked_at'
  >,
): Promise<void> {
  const { id, bank_account, attempt, gateway, currency, asked_by, asked_at } = check;
  await tx.query(sql.unsafe`
    INSERT INTO bank_account_check (tenant_id, id, bank_account_id, attempt, gateway, state, currency, asked_by, asked_at)
    VALUES (current_tenant(), ${id}, ${bank_account}, ${attempt}, ${gateway}, 'asked', ${currency}, ${asked_by},
            ${asked_at.toISOString()})`);
}

/** What may change of a check. */
export type CheckChange = Partial<
  Omit<
    AccountCheckRow,
    'id' | 'bank_account' | 'attempt' | 'gateway' | 'currency' | 'asked_by' | 'asked_at' | 'fees' | 'tax'
  >
>;

/** Writes what changed of a locked check; what is not named stays. */
export async function updateCheck(tx: Transaction, id: string, change: CheckChange): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE bank_account_check SET (state, provider_id, account, registered_name, name_fit, name_score, utr, reason,
                                   told_amount, amount, submitted_at, checked_at, looks) = (
      SELECT state, provider_id, account, registered_name, name_fit, name_score, utr, reason, told_amount, amount,
             submitted_at, checked_at, looks
      FROM jsonb_populate_record(bank_account_check, ${JSON.stringify(change)}::jsonb))
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}
