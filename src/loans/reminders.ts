import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { emit } from '../events/emit.ts';
import type { Job } from '../runtime/definition.ts';
import { momentAt } from './events.ts';

interface Reminding {
  loan: string;
  instalment: number;
  due_on: string;
  days_after: number;
  owed: string;
  currency: string;
}

/**
 * Tells those who subscribe that borrowers are to be reminded of instalments, of those that are still
 * unpaid. Whoever sends messages takes it from there.
 * @returns the ids of the jobs whose reminder is still true
 */
export async function stillOwed(
  tx: Transaction,
  at: Date,
  jobs: readonly Job<Reminding>[],
): Promise<Set<string>> {
  const rows = jobs.map(({ id, payload }) => [id, payload.loan, payload.instalment]);
  const unpaid = await tx.anyFirst(sql.type(z.object({ id: z.string() }))`
    SELECT given.id FROM ${sql.unnest(rows, ['uuid', 'uuid', 'int2'])} AS given(id, loan, number)
    CROSS JOIN LATERAL (
      SELECT FROM instalment i
      WHERE i.tenant_id = current_tenant() AND i.loan_id = given.loan AND i.number = given.number
        AND i.paid_on IS NULL LIMIT 1) AS owed`);
  const owed = new Set(unpaid);
  const moment = await momentAt(tx, jobs[0]!.tenant, at);
  await emit(
    tx,
    jobs
      .filter(({ id }) => owed.has(id))
      .map(({ payload }) => ({
        ...moment,
        ...{ subject: payload.loan, type: 'loan.reminder-due', data: { ...payload } },
      })),
  );
  return owed;
}
