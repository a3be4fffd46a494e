import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { DEBIT_COLUMNS, type Debit, debitRow } from './debits.ts';
import { money } from './rows.ts';

export const MANDATE_METHODS = ['emandate', 'nach', 'upi', 'card'] as const;

export const mandateRow = z.object({
  id: z.string(),
  loan: z.string(),
  gateway: z.string(),
  customer: z.string(),
  token: z.string(),
  method: z.enum(MANDATE_METHODS),
  max_amount: money,
  currency: z.string(),
  email: z.string(),
  phone: z.string(),
  state: z.enum(['active', 'revoked']),
  added_by: z.string(),
  added_at: z.date(),
});
/** A borrower's standing order to be debited, as the gateway keeps it. */
export type Mandate = z.output<typeof mandateRow>;

const COLUMNS = sql.fragment`
  id, loan_id AS loan, gateway, customer, token, method, max_amount, currency, email, phone, state, added_by, added_at`;

export type NewMandate = Omit<Mandate, 'id' | 'state'>;

/** Writes a mandate down; the same token again is the mandate that stands. @returns null where it is another loan's */
export async function addMandate(
  tx: Transaction,
  given: NewMandate,
): Promise<{ mandate: Mandate; replayed: boolean } | null> {
  const { loan, gateway, customer, token, method, max_amount, currency, email, phone } = given;
  const { rowCount } = await tx.query(sql.type(z.object({}))`
    INSERT INTO mandate (tenant_id, id, loan_id, gateway, customer, token, method, max_amount, currency, email, phone,
                         added_by, added_at)
    VALUES (current_tenant(), ${uuidv7()}, ${loan}, ${gateway}, ${customer}, ${token}, ${method},
            ${max_amount}::text::numeric, ${currency}, ${email}, ${phone}, ${given.added_by},
            ${given.added_at.toISOString()})
    ON CONFLICT (tenant_id, gateway, token) DO NOTHING`);
  const mandate = await tx.one(sql.type(mandateRow)`
    SELECT ${COLUMNS} FROM mandate
    WHERE tenant_id = current_tenant() AND gateway = ${gateway} AND token = ${token}`);
  return mandate.loan === loan ? { mandate, replayed: rowCount === 0 } : null;
}

export function mandateOf(tx: Transaction, id: string): Promise<Mandate | null> {
  return tx.maybeOne(sql.type(mandateRow)`
    SELECT ${COLUMNS} FROM mandate WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** Of a loan, newest first. */
export function mandatesOf(tx: Transaction, loan: string, limit: number): Promise<readonly Mandate[]> {
  return tx.any(sql.type(mandateRow)`
    SELECT ${COLUMNS} FROM mandate
    WHERE tenant_id = current_tenant() AND loan_id = ${loan}
    ORDER BY id DESC LIMIT ${limit}`);
}

/** What was tried with the mandates of a loan, newest first. */
export function debitsOf(tx: Transaction, loan: string, limit: number): Promise<readonly Debit[]> {
  return tx.any(sql.type(debitRow)`
    SELECT ${DEBIT_COLUMNS} FROM mandate_debit
    WHERE tenant_id = current_tenant() AND loan_id = ${loan}
    ORDER BY id DESC LIMIT ${limit}`);
}
