import type { Transaction } from '../../db/pools.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import type { CallContext } from '../../runtime/definition.ts';
import { reach } from '../../runtime/faults.ts';
import { Hold, Retry, Snooze } from '../../runtime/outcomes.ts';
import { raiseException } from '../exceptions.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { Gateway, GatewayCall, PayoutOrder, PayoutPicture } from '../gateway/gateway.ts';
import { noAccountWith, tellLockedOut } from '../gateway/lockouts.ts';
import { recordMoves } from '../moves.ts';
import type { Pace } from '../services.ts';
import type { PayoutState } from '../states.ts';
import { movePayout } from './apply.ts';
import { type Calling, type PayoutRead, payoutAtGateway } from './at-gateway.ts';
import { destinationOf, knowFundAccount } from './destination.ts';
import { rivalOf } from './rivals.ts';
import { lockPayout, type Payout, payoutOf, updatePayout } from './rows.ts';

/** What became of one call: what the gateway said, its refusal, or nothing that is left to be said. */
export type Sent =
  | { picture: PayoutPicture; asked?: PayoutState; detail: Record<string, unknown> }
  | { rejected: { code: string; message: string } }
  /** It stood settled already. */
  | { standing: true }
  /** Nothing was sent, and nothing shall be: another attempt has paid, or may have. */
  | { unwanted: true };

/** Razorpay forgets keys after seven days: the same bytes would then be another payment. */
const KEY_KEPT_MS = 6 * 24 * 3_600_000;

type Sending = Calling & Pick<CallContext, 'clock' | 'resumed'>;

/**
 * Stores what will be sent, where the gateway knows the beneficiary already, in the transaction that takes the
 * job: it saves the call two transactions of its own. Otherwise the call does it.
 * @returns what the call need not read again
 */
export async function prepareSending(
  tx: Transaction,
  context: Pick<Sending, 'tenant' | 'clock' | 'services'>,
  payout: Payout,
): Promise<PayoutRead | undefined> {
  const { payments } = context.services;
  if (payout.state !== 'approved' || (!isFirst(payout) && (await rivalOf(tx, payout)))) return undefined;
  const destination = await destinationOf(tx, payout.bank_account);
  const gateway = payments.gateways.get(payout.gateway);
  if (!gateway || destination.fund_account === null || destination.gateway !== payout.gateway)
    return undefined;
  const account = await payments.account(tx, context.tenant, payout.gateway);
  if (!account) return undefined;
  const { fund_account } = destination;
  const body = gateway.payoutBody(orderOf(payout, fund_account), account);
  return { payout: await noteSubmitting(tx, context, payout, body), account };
}

/**
 * Brings a payout to its gateway, or finds out what became of it. Body and key are stored before the
 * gateway hears of them, and every repeat sends the same bytes under the same key. Nothing here makes a
 * second payment: what may have happened is `unknown`, is repeated with the same key, then looked up, then
 * left to people.
 * @throws Retry or Snooze where it is to be tried again, Hold where people must find out
 */
export async function sendPayout(id: string, context: Sending, just_read?: PayoutRead): Promise<Sent> {
  const { payout, at } = await payoutAtGateway(id, context, just_read);
  if (!isSending(payout)) return { standing: true };
  const rival = isFirst(payout) ? null : await context.transact((tx) => rivalOf(tx, payout));
  if (rival && !mayHaveHappened(payout, context)) return { unwanted: true };
  try {
    if (!at) throw noAccountWith(payout.gateway);
    const { gateway, call } = at;
    if (mayHaveHappened(payout, context) && (rival || isLookedUp(payout, context))) {
      return await lookUp(payout, gateway, call);
    }
    return await send(context, payout, gateway, call);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof GatewayError)) throw error;
    return failed(context, payout, error);
  }
}

function isSending({ state }: Payout): boolean {
  return ['approved', 'submitting', 'unknown', 'suspense'].includes(state);
}

/** No other attempt begins before the first one has failed. */
function isFirst({ attempt }: Payout): boolean {
  return attempt === 1;
}

/** Of an earlier try it is not known how it ended. */
function mayHaveHappened({ state, submitted_at }: Payout, { resumed }: Pick<Sending, 'resumed'>): boolean {
  return state === 'unknown' || state === 'suspense' || (submitted_at !== null && resumed);
}

/** Whether the time to send the same again is over. */
function isLookedUp(
  { state, looks, submitted_at }: Payout,
  { clock, services }: Pick<Sending, 'clock' | 'services'>,
): boolean {
  if (state === 'suspense') return true;
  if (clock.now().getTime() - (submitted_at?.getTime() ?? 0) > KEY_KEPT_MS) return true;
  return state === 'unknown' && looks > services.payments.pace.replays_ms.length;
}

async function send(context: Sending, payout: Payout, gateway: Gateway, call: GatewayCall): Promise<Sent> {
  let body = payout.request_body ?? (await compose(context, payout, gateway, call));
  if (payout.submitted_at === null) {
    const locked = await context.transact(async (tx) => {
      const found = (await lockPayout(tx, payout.id))!;
      if (isSending(found)) await noteSubmitting(tx, context, found, found.request_body ?? body);
      return found;
    });
    // Taken back or settled meanwhile: then nobody hears of it.
    if (!isSending(locked)) return { standing: true };
    body = locked.request_body ?? body;
  }
  await reach('payout.stored');
  const picture = await gateway.sendPayout({ key: payout.id, body }, call);
  await reach('payout.sent');
  return { picture, detail: { status: picture.status } };
}

/** The beneficiary made known, where it is not yet, and the body that will be sent every time. */
async function compose(
  { transact }: Sending,
  payout: Payout,
  gateway: Gateway,
  call: GatewayCall,
): Promise<string> {
  const destination = await transact((tx) => destinationOf(tx, payout.bank_account));
  let { fund_account } = destination;
  if (fund_account === null || destination.gateway !== payout.gateway) {
    const known = await gateway.register(destination, call);
    await reach('payout.registered');
    await transact((tx) => knowFundAccount(tx, destination.id, { gateway: payout.gateway, ...known }));
    fund_account = known.fund_account;
  }
  return gateway.payoutBody(orderOf(payout, fund_account), call.account);
}

function orderOf({ id, amount, currency, mode, purpose }: Payout, fund_account: string): PayoutOrder {
  const narration = purpose === 'disbursal' ? 'Loan disbursal' : 'Wallet withdrawal';
  return { id, fund_account, amount, currency, mode, purpose, narration };
}

/** From here on the gateway may have heard of it, whatever happens to this process. */
async function noteSubmitting(
  tx: Transaction,
  { tenant, clock }: Pick<Sending, 'tenant' | 'clock'>,
  payout: Payout,
  body: string,
): Promise<Payout> {
  const state = payout.state === 'approved' ? 'submitting' : payout.state;
  const change = { state, request_body: body, submitted_at: clock.now() };
  await updatePayout(tx, payout, change);
  const noted: Payout = { ...payout, ...change };
  if (state === payout.state) return noted;
  const business_date = await businessDateAt(tx, tenant, clock.now());
  await recordMoves(tx, { clock, evidence: 'machine', detail: {} }, business_date, [
    { subject: payout.id, kind: 'payout', from: payout.state, to: state, journal: null },
  ]);
  return noted;
}

async function lookUp(payout: Payout, gateway: Gateway, call: GatewayCall): Promise<Sent> {
  const picture =
    payout.provider_id === null
      ? await gateway.payoutByReference(payout.id, call)
      : await gateway.payout(payout.provider_id, call);
  if (picture) return { picture, asked: payout.state, detail: { status: picture.status } };
  throw new GatewayError('unknown', 'not-found', 'The gateway knows no such payment, or not yet.');
}

/** What is to be done after a call that brought no picture: the kind of the error decides. */
async function failed(context: Sending, before: Payout, error: GatewayError): Promise<Sent> {
  const { pace } = context.services.payments;
  // No refusal of this try says that an earlier one made nothing; nor does one that still runs (409).
  const may_have_happened = mayHaveHappened(before, context) || error.status === 409;
  if (error.kind === 'locked-out') {
    await context.transact((tx) => tellLockedOut(tx, context, before.gateway, error));
  }
  switch (error.kind) {
    case 'busy':
    case 'unreachable':
    case 'locked-out':
      // A gateway that is away cannot say either: after an hour people must find out.
      if (may_have_happened) break;
      await notMade(context, before);
      throw new Snooze(error.code, error.message, error.after_ms ?? pauseAfter(error, pace));
    case 'rejected':
      if (!may_have_happened) return { rejected: { code: error.code, message: error.message } };
      break;
    case 'key-conflict':
      return leaveToPeople(context, before, error, error);
    case 'unknown':
      // Nothing has been sent yet but the beneficiary's name, which is safe to repeat.
      if (before.state === 'approved' && !(await wasSubmitted(context, before))) {
        throw new Snooze(error.code, error.message, pace.away_ms);
      }
  }
  const tries = await context.transact((tx) => noteUnknown(tx, context, before, error));
  await reach('payout.unknown');
  if (tries === null) return { standing: true };
  const wait_ms = [...pace.replays_ms, ...pace.lookups_ms][tries - 1];
  if (wait_ms === undefined) {
    const message = `It may have been paid, and nobody can say: ${error.message}`;
    return leaveToPeople(context, before, error, { code: 'unknown-outcome', message });
  }
  throw new Retry(error.code, error.message, { after_ms: Math.max(wait_ms, error.after_ms ?? 0) });
}

function pauseAfter({ kind }: GatewayError, { away_ms, locked_out_ms }: Pace): number {
  return kind === 'locked-out' ? locked_out_ms : away_ms;
}

async function wasSubmitted({ transact }: Sending, { id }: Payout): Promise<boolean> {
  return (await transact((tx) => payoutOf(tx, id)))!.submitted_at !== null;
}

/** The gateway has proved that it made nothing of this try, and no earlier one is open. */
async function notMade({ transact }: Sending, { id }: Payout): Promise<void> {
  await transact(async (tx) => {
    const payout = (await lockPayout(tx, id))!;
    if (payout.state === 'submitting') await updatePayout(tx, payout, { submitted_at: null });
  });
}

/** @returns how often it was unknown, this time included; null where something else has settled it */
async function noteUnknown(
  tx: Transaction,
  { tenant, clock }: Sending,
  { id }: Payout,
  error: GatewayError,
): Promise<number | null> {
  const payout = (await lockPayout(tx, id))!;
  if (!isSending(payout)) return null;
  if (payout.state === 'suspense') return Number.POSITIVE_INFINITY;
  const looks = payout.looks + 1;
  const unknown_since = payout.unknown_since ?? clock.now();
  await updatePayout(tx, payout, { state: 'unknown', looks, unknown_since, reason: error.code });
  if (payout.state === 'unknown') return looks;
  const business_date = await businessDateAt(tx, tenant, clock.now());
  const detail = { code: error.code, status: error.status };
  await recordMoves(tx, { clock, evidence: 'answer', detail }, business_date, [
    { subject: id, kind: 'payout', from: payout.state, to: 'unknown', journal: null },
  ]);
  return looks;
}

/**
 * The payout is settled by people, or by a picture that comes later; with it the job.
 * @throws Hold unless something else has settled it
 */
async function leaveToPeople(
  context: Sending,
  payout: Payout,
  error: GatewayError,
  why: { code: string; message: string },
): Promise<Sent> {
  const is_suspended = await context.transact((tx) => suspend(tx, context, payout, error));
  await reach('payout.suspended');
  if (!is_suspended) return { standing: true };
  throw new Hold(why.code, why.message);
}

/**
 * Puts it before people, the money on suspense: from here no machine pays.
 * @returns whether it stands so; something else may have settled it
 */
async function suspend(
  tx: Transaction,
  { tenant, clock }: Sending,
  { id }: Payout,
  error: GatewayError,
): Promise<boolean> {
  const occasion = {
    ...{ tenant, clock, evidence: 'machine' as const, detail: { code: error.code, status: error.status } },
    accept: async () => {},
  };
  let payout = (await lockPayout(tx, id))!;
  if (!isSending(payout)) return false;
  if (payout.state === 'suspense') return true;
  if (payout.state !== 'unknown') payout = await movePayout(tx, occasion, payout, 'unknown', null);
  await movePayout(tx, occasion, payout, 'suspense', null, error);
  await raiseException(tx, occasion, {
    ...{ kind: 'payout', subject: id, code: 'unknown-outcome' },
    message: `It may have been paid, and nobody can say: ${error.message}`,
  });
  return true;
}
