import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant, sqlState } from '../db/transaction.ts';
import { ROLES, type Role } from './actor.ts';
import { hashPassword } from './password.ts';

const UNIQUE_VIOLATION = '23505';

export interface NewOperator {
  tenant: string;
  email: string;
  name: string;
  role: Role;
  /** 12 to 256 characters. */
  password: string;
}

/** One spelling of an e-mail address, so that it is the same person however it is typed. */
export const normalEmail = (email: string) => email.trim().normalize('NFKC').toLowerCase();

/**
 * Adds a person who may log in.
 * @returns the operator's id
 * @throws RangeError for a bad or taken e-mail address, or a password too short or too long
 */
export async function addOperator(pool: Pool, given: NewOperator): Promise<string> {
  const email = z.email().max(254).safeParse(normalEmail(given.email));
  if (!email.success) throw new RangeError(`Not an e-mail address: ${given.email}`);
  const password_hash = await hashPassword(given.password);
  try {
    return await inTenant(pool, given.tenant, (tx) =>
      tx.oneFirst(sql.type(z.object({ id: z.string() }))`
        INSERT INTO operator (tenant_id, email, name, role, password_hash)
        VALUES (${given.tenant}, ${email.data}, ${given.name}, ${given.role}, ${password_hash})
        RETURNING id`),
    );
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
    throw new RangeError(`Somebody has the e-mail address ${email.data} already.`, { cause: error });
  }
}

const operatorView = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  created_at: z.date(),
  locked_at: z.date().nullable(),
});
export type OperatorView = z.infer<typeof operatorView>;

export function listOperators(pool: Pool, tenant: string): Promise<readonly OperatorView[]> {
  return inTenant(pool, tenant, (tx) =>
    tx.any(sql.type(operatorView)`
      SELECT id, email, name, role, created_at, locked_at
      FROM operator WHERE tenant_id = ${tenant} ORDER BY email`),
  );
}

/** Somebody who may log in for the transaction's tenant, as the address is kept; null where nobody has it. */
export function activeOperator(tx: Transaction, email: string): Promise<string | null> {
  return tx.maybeOneFirst(sql.type(z.object({ email: z.string() }))`
    SELECT email FROM operator
    WHERE tenant_id = current_tenant() AND email = ${normalEmail(email)} AND locked_at IS NULL`);
}

/** Takes effect with the operator's next request. @returns false where there is no such operator. */
export async function setRole(pool: Pool, tenant: string, id: string, role: Role): Promise<boolean> {
  const updated = await inTenant(pool, tenant, (tx) =>
    tx.query(sql.unsafe`UPDATE operator SET role = ${role} WHERE tenant_id = ${tenant} AND id = ${id}`),
  );
  return updated.rowCount === 1;
}

/** A new password ends every session. @returns false where there is no such operator. */
export async function setPassword(
  pool: Pool,
  tenant: string,
  id: string,
  password: string,
): Promise<boolean> {
  const password_hash = await hashPassword(password);
  return inTenant(pool, tenant, async (tx) => {
    const updated = await tx.query(sql.unsafe`
      UPDATE operator SET password_hash = ${password_hash} WHERE tenant_id = ${tenant} AND id = ${id}`);
    await endSessions(tx, tenant, id);
    return updated.rowCount === 1;
  });
}

/** Locks an operator out, every session ended with it, or lets them in again. */
export function setLocked(pool: Pool, tenant: string, id: string, locked: boolean): Promise<boolean> {
  return inTenant(pool, tenant, async (tx) => {
    const updated = await tx.query(sql.unsafe`
      UPDATE operator SET locked_at = CASE WHEN ${locked} THEN coalesce(locked_at, now()) END
      WHERE tenant_id = ${tenant} AND id = ${id}`);
    if (locked) await endSessions(tx, tenant, id);
    return updated.rowCount === 1;
  });
}

/** @returns how many sessions ended */
export async function endSessions(tx: Transaction, tenant: string, operator_id: string): Promise<number> {
  const deleted = await tx.query(sql.unsafe`
    DELETE FROM session WHERE tenant_id = ${tenant} AND operator_id = ${operator_id}`);
  return deleted.rowCount;
}
