import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { NAME_FITS } from './account-checks/name-fit.ts';
import { CHECK_STATES } from './account-checks/rows.ts';
import { PaymentError } from './errors.ts';
import { lastFour, maskedVpa } from './masked.ts';

/** A borrower needs a few; more is somebody trying numbers. */
export const BANK_ACCOUNTS_MAX = 20;

/** Where a borrower is paid: an account at a bank, or a UPI address. */
export const bankAccountRequest = z
  .strictObject({
    holder: z
      .string()
      .trim()
      .min(3)
      .max(120)
      .regex(/^[\p{L}\p{M}\p{N} .,'&()/-]+$/u, { error: 'must be a name as the bank has it' }),
    ifsc: z
      .string()
      .trim()
      .toUpperCase()
      .regex(/^[A-Z]{4}0[A-Z0-9]{6}$/, { error: 'must be an IFSC such as "HDFC0000123"' })
      .optional(),
    account_number: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9]{5,35}$/, { error: 'must be 5 to 35 letters and digits' })
      .optional(),
    vpa: z
      .string()
      .trim()
      .max(100)
      .regex(/^[A-Za-z0-9._-]{2,}@[A-Za-z][A-Za-z0-9.-]+$/, {
        error: 'must be a UPI address such as "asha@okbank"',
      })
      .optional(),
  })
  .refine(({ ifsc, account_number }) => (ifsc === undefined) === (account_number === undefined), {
    error: 'an account at a bank has both `ifsc` and `account_number`',
  })
  .refine(({ account_number, vpa }) => (account_number === undefined) !== (vpa === undefined), {
    error: 'name an account at a bank or a UPI address, one of them',
  });
export type BankAccountRequest = z.output<typeof bankAccountRequest>;

export const BANK_ACCOUNT_STATES = ['usable', 'invalid', 'retired'] as const;

/** What the last check said that came to an answer; where none did, how the last one stands. */
const lastCheck = z.object({
  id: z.string(),
  state: z.enum(CHECK_STATES),
  account: z.enum(['active', 'invalid']).nullable(),
  registered_name: z.string().nullable(),
  name_fit: z.enum(NAME_FITS).nullable(),
  name_score: z.number().nullable(),
  checked_at: z.coerce.date().nullable(),
});

const bankAccountRow = z.object({
  id: z.string(),
  borrower_id: z.string(),
  holder: z.string(),
  ifsc: z.string().nullable(),
  account_number: z.string().nullable(),
  vpa: z.string().nullable(),
  state: z.enum(BANK_ACCOUNT_STATES),
  /** Why it cannot be used, in the gateway's word. */
  reason: z.string().nullable(),
  gateway: z.string().nullable(),
  contact: z.string().nullable(),
  fund_account: z.string().nullable(),
  added_by: z.string(),
  added_at: z.date(),
  check: lastCheck.nullable(),
});
/** With its whole number: for the gateway alone. */
export type BankAccount = z.output<typeof bankAccountRow>;

const COLUMNS = sql.fragment`
  id, borrower_id, holder, ifsc, account_number, vpa, state, reason, gateway, contact, fund_account, added_by, added_at,
  (SELECT jsonb_build_object('id', c.id, 'state', c.state, 'account', c.account, 'registered_name', c.registered_name,
     'name_fit', c.name_fit, 'name_score', c.name_score, 'checked_at', c.checked_at)
   FROM bank_account_check c WHERE c.tenant_id = current_tenant() AND c.bank_account_id = bank_account.id
   ORDER BY c.state = 'completed' DESC, c.attempt DESC LIMIT 1) AS check`;

/**
 * Adds an account of the borrower's. The same again is the same row, and makes a retired one usable again; one that
 * the gateway found invalid stays so.
 * @throws PaymentError not-found (no such borrower), already-exists (of another holder's name, or there are
 *   BANK_ACCOUNTS_MAX of them)
 */
export async function addBankAccount(
  tx: Transaction,
  { borrower: reference, actor }: { borrower: string; actor: string },
  request: BankAccountRequest,
): Promise<{ account: BankAccount; added: boolean }> {
  // Locked, so that two who add the same at once add it once.
  const borrower = await borrowerOf(tx, reference, sql.fragment`FOR NO KEY UPDATE`);
  const { holder, ifsc = null, account_number = null, vpa = null } = request;
  const known = await tx.maybeOne(sql.type(bankAccountRow)`
    UPDATE bank_account SET state = CASE state WHEN 'retired' THEN 'usable' ELSE state END
    WHERE tenant_id = current_tenant() AND borrower_id = ${borrower} AND ifsc IS NOT DISTINCT FROM ${ifsc}
      AND account_number IS NOT DISTINCT FROM ${account_number} AND vpa IS NOT DISTINCT FROM ${vpa}
    RETURNING ${COLUMNS}`);
  if (known && known.holder !== holder)
    throw new PaymentError('already-exists', 'This account is there under another holder’s name.');
  if (known) return { account: known, added: false };
  if ((await bankAccounts(tx, borrower)).length >= BANK_ACCOUNTS_MAX)
    throw new PaymentError('already-exists', `A borrower has at most ${BANK_ACCOUNTS_MAX} bank accounts.`);
  const account = await tx.one(sql.type(bankAccountRow)`
    INSERT INTO bank_account (tenant_id, borrower_id, holder, ifsc, account_number, vpa, added_by)
    VALUES (current_tenant(), ${borrower}, ${holder}, ${ifsc}, ${account_number}, ${vpa}, ${actor})
    RETURNING ${COLUMNS}`);
  return { account, added: true };
}

/** A borrower's accounts, newest first. @throws PaymentError not-found (no such borrower) */
export async function bankAccountsOf(tx: Transaction, reference: string): Promise<readonly BankAccount[]> {
  return bankAccounts(tx, await borrowerOf(tx, reference));
}

/** As bankAccountOf, of this borrower's. @throws PaymentError not-found */
export async function bankAccountOfBorrower(
  tx: Transaction,
  { borrower: reference, id }: { borrower: string; id: string },
): Promise<BankAccount> {
  const borrower = await borrowerOf(tx, reference);
  const account = await bankAccountOf(tx, id);
  if (account?.borrower_id !== borrower) throw noSuchAccount(reference, id);
  return account;
}

/** Null where there is no such account. */
export function bankAccountOf(tx: Transaction, id: string): Promise<BankAccount | null> {
  return tx.maybeOne(sql.type(bankAccountRow)`
    SELECT ${COLUMNS} FROM bank_account WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** Nothing new is paid to it; what is on its way stays so. @throws PaymentError not-found */
export async function retireBankAccount(
  tx: Transaction,
  { borrower: reference, id }: { borrower: string; id: string },
): Promise<BankAccount> {
  const borrower = await borrowerOf(tx, reference);
  const account = await tx.maybeOne(sql.type(bankAccountRow)`
    UPDATE bank_account SET state = 'retired'
    WHERE tenant_id = current_tenant() AND borrower_id = ${borrower} AND id = ${id}
    RETURNING ${COLUMNS}`);
  if (!account) throw noSuchAccount(reference, id);
  return account;
}

function noSuchAccount(reference: string, id: string): PaymentError {
  return new PaymentError('not-found', `${reference} has no bank account ${id}.`);
}

/** An account as it may be shown to anybody who may see it: its number masked. */
export function shownBankAccount(account: BankAccount) {
  const { id, holder, ifsc, account_number, vpa, state, reason, added_by, added_at, check } = account;
  return {
    ...{ id, holder, ifsc, state, reason, added_by, added_at, check },
    account_number: account_number && lastFour(account_number),
    vpa: vpa && maskedVpa(vpa),
  };
}

function bankAccounts(tx: Transaction, borrower: string): Promise<readonly BankAccount[]> {
  return tx.any(sql.type(bankAccountRow)`
    SELECT ${COLUMNS} FROM bank_account
    WHERE tenant_id = current_tenant() AND borrower_id = ${borrower}
    ORDER BY id DESC`);
}

async function borrowerOf(tx: Transaction, reference: string, lock = sql.fragment``): Promise<string> {
  const id = await tx.maybeOneFirst(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM borrower WHERE tenant_id = current_tenant() AND reference = ${reference} ${lock}`);
  if (id) return id;
  throw new PaymentError('not-found', `There is no borrower ${reference}.`);
}
