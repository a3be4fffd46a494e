import type { Transaction } from '../../db/pools.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { reach } from '../../runtime/faults.ts';
import { Hold, Snooze } from '../../runtime/outcomes.ts';
import { raiseException } from '../exceptions.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { AccountCheck, Gateway, GatewayCall } from '../gateway/gateway.ts';
import { tellLockedOut } from '../gateway/lockouts.ts';
import { type Calling, laterOn, reachGateway } from '../gateway/reaching.ts';
import { recordMoves } from '../moves.ts';
import { destinationOf } from '../payouts/destination.ts';
import {
  type AccountCheckRow,
  type CheckChange,
  type CheckState,
  checkOf,
  lockCheck,
  updateCheck,
} from './rows.ts';

/** What became of a check: the gateway's last word, its refusal, or nothing that is left to be said. */
export type Checked =
  | { picture: AccountCheck; evidence: 'answer' | 'poll' }
  | { rejected: { code: string; message: string } }
  | { standing: true };

/**
 * Has the gateway check an account, once, and waits for its answer. That it is about to be asked is stored first:
 * whoever finds it so stored does not know what the gateway heard, looks the check up by our reference, and asks
 * for none.
 * @throws Snooze where there is nothing to tell yet, Hold where people must find out
 */
export async function callCheck(id: string, calling: Calling): Promise<Checked> {
  const check = (await calling.transact((tx) => checkOf(tx, id)))!;
  if (check.checked_at !== null) return { standing: true };
  const { gateway, call } = await reachGateway(calling, check.gateway);
  const isMine = check.submitted_at === null && (await submit(calling, check));
  if (isMine) return ask(calling, check, gateway, call);
  return look(calling, (await calling.transact((tx) => checkOf(tx, id)))!, gateway, call);
}

/** @returns whether it is for us to ask; somebody else may have been faster */
function submit({ transact, clock }: Calling, { id }: AccountCheckRow): Promise<boolean> {
  return transact(async (tx) => {
    const check = await lockCheck(tx, id);
    if (check.submitted_at !== null || check.state !== 'asked') return false;
    await updateCheck(tx, id, { submitted_at: clock.now() });
    return true;
  });
}

async function ask(
  calling: Calling,
  check: AccountCheckRow,
  gateway: Gateway,
  call: GatewayCall,
): Promise<Checked> {
  const { transact, signal } = calling;
  const account = await transact((tx) => destinationOf(tx, check.bank_account));
  await reach('check.stored');
  let picture: AccountCheck;
  try {
    picture = await gateway.checkAccount(account, check.id, call);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (error.kind === 'rejected') return { rejected: { code: error.code, message: error.message } };
    if (error.kind === 'unknown' || error.kind === 'key-conflict') {
      signal.throwIfAborted();
      throw await lookLater(calling, check.id, error);
    }
    // It has provably begun nothing, and is asked once it can be reached.
    await transact((tx) => updateCheck(tx, check.id, { submitted_at: null }));
    throw await laterOn(error, calling, check.gateway);
  }
  await reach('check.sent');
  return heard(calling, check.id, picture, 'answer');
}

async function look(
  calling: Calling,
  check: AccountCheckRow,
  gateway: Gateway,
  call: GatewayCall,
): Promise<Checked> {
  const { id, provider_id, submitted_at } = check;
  if (check.checked_at !== null) return { standing: true };
  try {
    const picture =
      provider_id === null
        ? await gateway.accountCheckByReference({ reference: id, begun_at: submitted_at! }, call)
        : await gateway.accountCheck(provider_id, call);
    if (picture) return await heard(calling, id, picture, 'poll');
  } catch (error) {
    calling.signal.throwIfAborted();
    if (!(error instanceof GatewayError)) throw error;
    if (error.kind === 'locked-out') {
      await calling.transact((tx) => tellLockedOut(tx, calling, check.gateway, error));
    }
    throw await lookLater(calling, id, error);
  }
  const unknown = new GatewayError('unknown', 'not-found', 'The gateway knows no such check, or not yet.');
  throw await lookLater(calling, id, unknown);
}

/** @throws Snooze where the bank has not answered yet, Hold where it has not for too long */
async function heard(
  calling: Calling,
  id: string,
  picture: AccountCheck,
  evidence: 'answer' | 'poll',
): Promise<Checked> {
  if (picture.status !== 'created') return { picture, evidence };
  const detail = { check: picture.id, status: picture.status };
  await calling.transact(async (tx) => {
    const check = await lockCheck(tx, id);
    if (check.state !== 'asked' && check.state !== 'unknown') return;
    const change = { provider_id: picture.id, told_amount: picture.amount, looks: 0 };
    await move(tx, calling, check, 'pending', { evidence, detail, change });
  });
  const waiting = new GatewayError('busy', 'pending', 'The bank has not answered yet.');
  throw await lookLater(calling, id, waiting);
}

/**
 * What the job does until the next look, or that people take over: then nobody can tell whether the check was begun, or
 * the bank does not answer. No look costs the job an attempt.
 */
async function lookLater(calling: Calling, id: string, error: GatewayError): Promise<Snooze | Hold> {
  const { transact, services } = calling;
  const { checks_ms, lookups_ms } = services.payments.pace;
  return transact(async (tx) => {
    const check = await lockCheck(tx, id);
    const waits_ms = check.state === 'pending' ? checks_ms : lookups_ms;
    const wait_ms = check.state === 'unknown' ? undefined : waits_ms[check.looks];
    if (check.checked_at !== null) return new Snooze('standing', 'It was settled meanwhile.', 0);
    if (wait_ms !== undefined) {
      await updateCheck(tx, id, { looks: check.looks + 1 });
      return new Snooze(error.code, error.message, Math.max(wait_ms, error.after_ms ?? 0));
    }
    return leaveToPeople(tx, calling, check, error);
  });
}

async function leaveToPeople(
  tx: Transaction,
  calling: Calling,
  check: AccountCheckRow,
  { code, status, message }: GatewayError,
): Promise<Hold> {
  const detail = { code, status };
  const account = `bank account ${check.bank_account}`;
  const why =
    check.state === 'pending'
      ? { code: 'stuck', message: `The bank has not answered for a day whether ${account} is there.` }
      : {
          code: 'unknown-outcome',
          message: `The check of ${account} may have been begun, and nobody can say: ${message}`,
        };
  if (check.state === 'asked') await move(tx, calling, check, 'unknown', { evidence: 'machine', detail });
  const occasion = { ...calling, evidence: 'machine' as const, detail };
  await raiseException(tx, occasion, { kind: 'account-check', subject: check.id, ...why });
  return new Hold(why.code, why.message);
}

/** Moves a locked check, with what showed it. */
export async function move(
  tx: Transaction,
  { tenant, clock }: Pick<Calling, 'tenant' | 'clock'>,
  { id, state }: AccountCheckRow,
  to: CheckState,
  {
    evidence,
    detail,
    change = {},
    journal = null,
  }: {
    evidence: 'answer' | 'poll' | 'machine';
    detail: Record<string, unknown>;
    change?: CheckChange;
    journal?: string | null;
  },
): Promise<void> {
  await updateCheck(tx, id, { ...change, state: to });
  const business_date = await businessDateAt(tx, tenant, clock.now());
  await recordMoves(tx, { clock, evidence, detail }, business_date, [
    { subject: id, kind: 'account-check', from: state, to, journal },
  ]);
}
