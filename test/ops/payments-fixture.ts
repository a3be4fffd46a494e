import { v7 as uuidv7 } from 'uuid';
import type { TestDatabase } from '../support/database.ts';

interface PlantedPayout {
  tenant: string;
  state: string;
  amount: string;
  currency?: string;
  /** How long ago it was begun, and since when nobody can tell. */
  begun?: string;
  unknown?: string;
  reason?: string;
}

/** A payout as if it had come to stand so. @returns its id */
export async function plantPayout(database: TestDatabase, payout: PlantedPayout): Promise<string> {
  const { tenant, state, amount, currency = 'INR', begun = '0', unknown = null, reason = null } = payout;
  const id = uuidv7();
  await database.superuser(
    `WITH account AS (
       INSERT INTO bank_account (tenant_id, borrower_id, holder, vpa, added_by)
       VALUES ($1, uuidv7(), 'Asha Rao', 'asha@bank', 'service:test') RETURNING id)
     INSERT INTO payout (tenant_id, id, instruction_id, attempt, purpose, wallet_id, bank_account_id, reference, gateway,
                         mode, amount, currency, state, reason, created_at, business_date, unknown_since)
     SELECT $1, $2::uuid, $2::uuid, 1, 'withdrawal', uuidv7(), account.id, $2::text, 'razorpay', 'UPI', $3, $4, $5, $6,
            now() - $7::interval, current_date, now() - $8::interval
     FROM account`,
    [tenant, id, amount, currency, state, reason, begun, unknown],
  );
  return id;
}

interface PlantedException {
  tenant: string;
  subject: string;
  kind?: string;
  code: string;
  message?: string;
  raised?: string;
  owner?: string;
  resolved?: boolean;
}

export async function plantException(database: TestDatabase, exception: PlantedException): Promise<void> {
  const { tenant, subject, kind = 'payout', code, message = code, raised = '0', owner = null } = exception;
  await database.superuser(
    `INSERT INTO payment_exception (tenant_id, kind, subject, code, message, raised_at, business_date, owner, resolved_at, resolution)
     SELECT $1, $2, $3, $4, $5, now() - $6::interval, (now() - $6::interval)::date, $7,
            CASE WHEN $8 THEN now() END, CASE WHEN $8 THEN 'done' END`,
    [tenant, kind, subject, code, message, raised, owner, exception.resolved === true],
  );
}
