import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Clock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import { currencyOf } from '../../ledger/accounts.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { BANK_ACCOUNT_STATES } from '../bank-accounts.ts';
import { recordMoves } from '../moves.ts';
import { type AccountCheckRow, type CheckState, checksOf, insertCheck } from './rows.ts';

export const CHECK_KIND = 'payments.check-bank-account';

/** A job's key: one attempt at one account is one check. */
export function checkKey({ bank_account, attempt }: Pick<CheckWish, 'bank_account' | 'attempt'>): string {
  return `${bank_account}/${attempt}`;
}

/** How often an account may be checked over its life; the table holds no more. */
export const CHECKS_MAX = 20;

export interface CheckWish {
  bank_account: string;
  attempt: number;
  gateway: string;
}

export const CHECK_REFUSALS = [
  ...(['unknown-bank-account', 'unusable-bank-account', 'unknown-gateway', 'check-unresolved'] as const),
  ...(['for-people', 'attempt-out-of-order', 'gateway-refused'] as const),
] as const;
export interface RefusedCheck {
  outcome: 'refused';
  code: (typeof CHECK_REFUSALS)[number];
  message: string;
}

export type CheckIntent = { check: string } | { refused: RefusedCheck };

/** Of these the last attempt costs nothing more: another one may follow. */
const ENDED: readonly CheckState[] = ['completed', 'failed', 'rejected', 'unknown'];

/**
 * Writes a check down before the gateway hears of it. The same attempt again is the same check. Each costs money, and
 * the gateway takes no key for it: a second attempt is a person's, once the one before has ended or nobody can
 * tell how.
 */
export async function beginCheck(
  tx: Transaction,
  { tenant, clock, gateways }: { tenant: string; clock: Clock; gateways: ReadonlyMap<string, unknown> },
  asked_by: string,
  { bank_account, attempt, gateway }: CheckWish,
): Promise<CheckIntent> {
  const state = await lockAccount(tx, bank_account);
  if (state === null) return no('unknown-bank-account', `There is no bank account ${bank_account}.`);
  const checks = await checksOf(tx, bank_account);
  const known = checks.find((check) => check.attempt === attempt);
  if (known) return { check: known.id };
  if (state === 'retired') return no('unusable-bank-account', `Bank account ${bank_account} is retired.`);
  if (!gateways.has(gateway)) return no('unknown-gateway', `There is no gateway ${gateway}.`);
  const refusal = attemptRefusal(checks[0], attempt, asked_by);
  if (refusal) return refusal;
  const id = uuidv7();
  const currency = await currencyOf(tx);
  await insertCheck(tx, { id, bank_account, attempt, gateway, currency, asked_by, asked_at: clock.now() });
  await recordMoves(
    tx,
    { clock, evidence: 'machine', detail: { asked_by } },
    await businessDateAt(tx, tenant, clock.now()),
    [{ subject: id, kind: 'account-check', from: null, to: 'asked', journal: null }],
  );
  return { check: id };
}

function attemptRefusal(
  last: AccountCheckRow | undefined,
  attempt: number,
  asked_by: string,
): { refused: RefusedCheck } | null {
  const next = (last?.attempt ?? 0) + 1;
  if (attempt !== next)
    return no('attempt-out-of-order', `The next check of this account is number ${next}.`);
  if (!last) return null;
  if (!asked_by.startsWith('operator:')) {
    return no('for-people', 'It was checked before: a person, not a service, has it checked again.');
  }
  if (ENDED.includes(last.state)) return null;
  return no('check-unresolved', `The last check of this account is ${last.state}.`);
}

/** Locked, so that two who ask at once ask once. */
function lockAccount(tx: Transaction, id: string) {
  return tx.maybeOneFirst(sql.type(z.object({ state: z.enum(BANK_ACCOUNT_STATES) }))`
    SELECT state FROM bank_account WHERE tenant_id = current_tenant() AND id = ${id} FOR NO KEY UPDATE`);
}

function no(code: RefusedCheck['code'], message: string): { refused: RefusedCheck } {
  return { refused: { outcome: 'refused', code, message } };
}
