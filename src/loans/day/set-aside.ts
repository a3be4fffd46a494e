import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import { sqlState } from '../../db/transaction.ts';
import type { Desk } from '../servicing/book.ts';

const MESSAGE_LENGTH_MAX = 500;

/** A loan that could not be carried, and why. */
export interface SetAside {
  loan: string;
  code: string;
  message: string;
}

/** Not the loan's fault: the whole transaction has to be run again. */
export function isLost(error: unknown): boolean {
  const state = sqlState(error);
  return (
    state !== undefined && (state.startsWith('08') || ['40001', '40P01', '57P01', 'KI015'].includes(state))
  );
}

export function reasonOf(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? deepest(error).message : String(error);
  return { code: sqlState(error) ?? 'cannot-be-carried', message: message.slice(0, MESSAGE_LENGTH_MAX) };
}

function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error;
}

/** Notes loans that could not be carried. */
export async function setAside(
  tx: Transaction,
  { posted_at }: Desk,
  business_date: string,
  loans: readonly SetAside[],
): Promise<void> {
  if (loans.length === 0) return;
  await tx.query(sql.unsafe`
    INSERT INTO loan_set_aside (tenant_id, loan_id, business_date, code, message, since)
    SELECT current_tenant(), row.loan, ${business_date}, row.code, row.message, ${posted_at.toISOString()}
    FROM ${sql.unnest(
      loans.map(({ loan, code, message }) => [loan, code, message]),
      ['uuid', 'text', 'text'],
    )} AS row(loan, code, message)
    ON CONFLICT (tenant_id, loan_id) DO UPDATE SET code = excluded.code, message = excluded.message`);
}
