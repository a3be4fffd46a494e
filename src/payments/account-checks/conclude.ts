import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { raiseException, resolveExceptions } from '../exceptions.ts';
import type { AccountCheck } from '../gateway/gateway.ts';
import { letIn } from '../gateway/lockouts.ts';
import { destinationOf } from '../payouts/destination.ts';
import { CHECK_REFUSALS } from './asking.ts';
import { bookAmount } from './books.ts';
import { type Checked, move } from './calling.ts';
import { NAME_FITS, nameFit } from './name-fit.ts';
import { type AccountCheckRow, lockCheck } from './rows.ts';

/** What a check came to. The name itself stands with the account alone. */
export const checkResult = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('checked'),
    check: z.uuid(),
    account: z.enum(['active', 'invalid']),
    name_fit: z.enum(NAME_FITS).nullable(),
    name_score: z.number().nullable().meta({ description: 'the gateway’s own, 0 to 100' }),
  }),
  z.strictObject({ outcome: z.literal('not-checked'), check: z.uuid(), reason: z.string() }),
  z.strictObject({ outcome: z.literal('refused'), code: z.enum(CHECK_REFUSALS), message: z.string() }),
]);
type CheckResult = z.output<typeof checkResult>;

/** Why an account that a check has found invalid cannot be used. */
const NOT_THERE = 'account-invalid';
const NAME_LENGTH_MAX = 200;

interface Context {
  tenant: string;
  clock: Clock;
}

/** Writes down what became of a check, for the account and for the books. */
export async function concludeCheck(
  tx: Transaction,
  context: Context,
  id: string,
  checked: Checked,
): Promise<CheckResult> {
  const check = await lockCheck(tx, id);
  if ('standing' in checked || check.checked_at !== null) return resultOf(check);
  if ('rejected' in checked) {
    const { code, message } = checked.rejected;
    const change = { checked_at: context.clock.now(), reason: code };
    await move(tx, context, check, 'rejected', { evidence: 'answer', detail: { code }, change });
    return { outcome: 'refused', code: 'gateway-refused', message };
  }
  await settle(tx, context, check, checked);
  const why = { by: 'system:payments', at: context.clock.now(), why: 'The gateway has answered.' };
  await resolveExceptions(tx, { subjects: [id], codes: ['unknown-outcome', 'stuck'] }, why);
  await letIn(tx, context, check.gateway);
  return resultOf(await lockCheck(tx, id));
}

async function settle(
  tx: Transaction,
  context: Context,
  check: AccountCheckRow,
  { picture, evidence }: Extract<Checked, { picture: AccountCheck }>,
): Promise<void> {
  const { account, registered_name, name_match: name_score, utr, amount: told_amount } = picture;
  const now = context.clock.now();
  const known = {
    provider_id: picture.id,
    utr,
    checked_at: now,
    told_amount: told_amount ?? check.told_amount,
  };
  const detail = { check: picture.id, status: picture.status, account, utr };
  if (picture.status !== 'completed' || account === null) {
    const change = { ...known, reason: picture.reason ?? 'no-answer' };
    await move(tx, context, check, 'failed', { evidence, detail, change });
    return;
  }
  const { holder } = await destinationOf(tx, check.bank_account);
  const name_fit = registered_name === null ? null : nameFit(holder, registered_name);
  const journal = account === 'active' ? await book(tx, context, check, known.told_amount) : null;
  const change = {
    ...{
      ...known,
      account,
      name_fit,
      name_score,
      registered_name: registered_name?.slice(0, NAME_LENGTH_MAX) ?? null,
    },
    ...(journal !== null && { amount: known.told_amount }),
  };
  await move(tx, context, check, 'completed', { evidence, detail: { ...detail, name_fit }, change, journal });
  await markAccount(tx, check.bank_account, account);
  if (name_fit === 'different') await tellOtherName(tx, context, check, detail);
}

/** Where the account is not there, nothing was paid into it; what the gateway took for it, the statement shows. */
async function book(
  tx: Transaction,
  { tenant, clock }: Context,
  check: AccountCheckRow,
  amount: string | null,
): Promise<string | null> {
  if (amount === null) return null;
  const now = clock.now();
  return bookAmount(tx, { tenant, now, business_date: await businessDateAt(tx, tenant, now) }, check, amount);
}

/** Nothing is paid to one that is not there. One that is there after all is usable again, if a check had said so. */
async function markAccount(tx: Transaction, id: string, account: 'active' | 'invalid'): Promise<void> {
  if (account === 'invalid') {
    await tx.query(sql.unsafe`
      UPDATE bank_account SET state = 'invalid', reason = ${NOT_THERE}
      WHERE tenant_id = current_tenant() AND id = ${id} AND state <> 'invalid'`);
    return;
  }
  await tx.query(sql.unsafe`
    UPDATE bank_account SET state = 'usable', reason = NULL
    WHERE tenant_id = current_tenant() AND id = ${id} AND state = 'invalid' AND reason = ${NOT_THERE}`);
}

function tellOtherName(
  tx: Transaction,
  context: Context,
  { id, bank_account }: AccountCheckRow,
  detail: Record<string, unknown>,
): Promise<void> {
  return raiseException(
    tx,
    { ...context, evidence: 'answer', detail },
    {
      ...{ kind: 'account-check', subject: id, code: 'other-name' },
      message: `The bank has bank account ${bank_account} under another name than its holder’s.`,
    },
  );
}

function resultOf({ id, state, account, name_fit, name_score, reason }: AccountCheckRow): CheckResult {
  if (account !== null) return { outcome: 'checked', check: id, account, name_fit, name_score };
  if (state === 'rejected') {
    return {
      outcome: 'refused',
      code: 'gateway-refused',
      message: `The gateway refused the check (${reason}).`,
    };
  }
  return { outcome: 'not-checked', check: id, reason: reason ?? state };
}
