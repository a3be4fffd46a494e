import { v7 as uuidv7 } from 'uuid';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Clock } from '../calendar/clock.ts';
import type { Transaction } from '../db/pools.ts';
import { type EventDraft, emit } from '../events/emit.ts';
import { type ControlAccounts, controlAccounts } from '../ledger/accounts.ts';
import { frozenAmong } from '../ledger/freeze.ts';
import { type Decimal, formatAmount, toDecimal } from '../ledger/money.ts';
import { type EntryDraft, type JournalDraft, type Posting, post } from '../ledger/post.ts';
import {
  type Hold,
  type HoldEnd,
  type HoldState,
  lockExpired,
  lockHolds,
  postingTime,
  storeEnds,
} from './holds.ts';
import { accountAt, walletRefusal } from './movements.ts';
import { heldAccountOf, walletCurrencies } from './wallets.ts';

/** How one hold shall end. */
export interface EndWish {
  hold: string;
  /** What is captured; undefined gives all of it back. */
  capture?: {
    /** Undefined: all that is held. What is left goes back. */
    amount: string | undefined;
    /** The wallet it goes to; undefined: out to a bank account. */
    to: string | undefined;
  };
}

export type Ended =
  | { outcome: 'ended'; hold: Hold; journal: string; business_date: IsoDate; captured: string | null }
  | { outcome: 'refused'; code: EndRefusal; message: string };

export const END_REFUSALS = [
  ...(['unknown-hold', 'hold-over', 'hold-expired', 'amount-above-hold'] as const),
  ...(['unknown-wallet', 'same-wallet', 'currency-mismatch', 'account-frozen'] as const),
] as const;
export type EndRefusal = (typeof END_REFUSALS)[number];

/** A hold that ends, ready to be posted. */
interface Ending {
  hold: Hold;
  state: Exclude<HoldState, 'held'>;
  captured: Decimal | null;
  to: string | undefined;
}

/**
 * Releases and captures holds, all in one posting. A hold ends once: its row is locked and its state looked
 * at, and all its ends share the key of one journal.
 * @returns one answer per wish, in order.
 */
export async function endHolds(
  tx: Transaction,
  tenant: string,
  clock: Clock,
  wishes: readonly EndWish[],
): Promise<Ended[]> {
  const time = await postingTime(tx, tenant, clock);
  const holds = await lockHolds(
    tx,
    wishes.map(({ hold }) => hold),
  );
  const targets = wishes.flatMap(({ capture }) => (capture?.to ? [capture.to] : []));
  const wallets = await walletCurrencies(tx, targets);
  const frozen = await frozenAmong(tx, walletsCaptured(wishes, holds));
  const ended = new Set<string>();
  const plans = wishes.map((wish): Ending | EndRefused => {
    const hold = holds.get(wish.hold);
    const refusal = refusalOf(wish, hold, { now: time.posted_at, wallets, frozen });
    if (refusal) return refusal;
    if (ended.has(wish.hold)) return refused('hold-over', `Hold ${wish.hold} was ended just before.`);
    ended.add(wish.hold);
    return endingOf(wish, hold!);
  });
  const endings = plans.filter((plan) => 'hold' in plan);
  const ends = new Map(
    (await postEnds(tx, tenant, endings, time)).map((end, index) => [endings[index]!, end]),
  );
  return plans.map((plan): Ended => {
    if (!('hold' in plan)) return plan;
    const { hold, journal, captured } = ends.get(plan)!;
    return { outcome: 'ended', hold, journal, captured, business_date: time.business_date };
  });
}

/** Gives back what is held beyond its time, at most `holds_max` of them. For the close of day. */
export async function releaseExpiredHolds(
  tx: Transaction,
  tenant: string,
  run: { expired_by: Date; business_date: IsoDate; posted_at: Date; holds_max: number },
): Promise<{ released: number; more: boolean }> {
  const holds = await lockExpired(tx, run.expired_by, run.holds_max);
  const endings = holds.map((hold): Ending => ({ hold, state: 'expired', captured: null, to: undefined }));
  await postEnds(tx, tenant, endings, run);
  return { released: holds.length, more: holds.length === run.holds_max };
}

function walletsCaptured(wishes: readonly EndWish[], holds: ReadonlyMap<string, Hold>): string[] {
  return wishes.flatMap(({ hold, capture }) => (capture ? (holds.get(hold)?.wallet ?? []) : []));
}

function refusalOf(
  { hold: id, capture }: EndWish,
  hold: Hold | undefined,
  known: { now: Date; wallets: ReadonlyMap<string, string>; frozen: ReadonlySet<string> },
): EndRefused | null {
  const { now, wallets, frozen } = known;
  if (!hold) return refused('unknown-hold', `There is no hold ${id}.`);
  if (hold.state !== 'held') return refused('hold-over', `Hold ${id} is ${hold.state} already.`);
  if (!capture) return null;
  // The money lies beside the frozen account, not on it.
  if (frozen.has(hold.wallet)) return refused('account-frozen', `Wallet ${hold.wallet} is frozen.`);
  if (hold.expires_at !== null && hold.expires_at <= now) {
    return refused('hold-expired', `Hold ${id} was good until ${hold.expires_at.toISOString()}.`);
  }
  if (capture.amount !== undefined && toDecimal(capture.amount).gt(toDecimal(hold.amount))) {
    return refused('amount-above-hold', `Hold ${id} is of ${hold.amount} ${hold.currency}.`);
  }
  if (capture.to === undefined) return null;
  if (capture.to === hold.wallet) return refused('same-wallet', 'What goes back is released, not captured.');
  const refusal = walletRefusal(capture.to, hold.currency, wallets);
  return refusal && refused(refusal.code, refusal.message);
}

function endingOf({ capture }: EndWish, hold: Hold): Ending {
  if (!capture) return { hold, state: 'released', captured: null, to: undefined };
  return { hold, state: 'captured', captured: toDecimal(capture.amount ?? hold.amount), to: capture.to };
}

async function postEnds(
  tx: Transaction,
  tenant: string,
  endings: readonly Ending[],
  time: { business_date: IsoDate; posted_at: Date },
): Promise<HoldEnd[]> {
  if (endings.length === 0) return [];
  const controls = await controlAccounts(tx, tenant);
  const postings = await post(
    tx,
    endings.map((ending) => ({ ...draftOf(ending, controls), ...time })),
  );
  const ends = endings.map(({ hold, state, captured }, index): HoldEnd => {
    const journal = postedBy(postings[index]!, hold);
    return { hold, state, journal, captured: captured && formatAmount(captured) };
  });
  await storeEnds(tx, ends, time.posted_at);
  await emit(
    tx,
    ends.map((end) => endedEvent(end, time)),
  );
  return ends;
}

const KINDS = { released: 'wallet.release', captured: 'wallet.capture', expired: 'wallet.hold-expire' };

function draftOf(
  { hold, state, captured, to }: Ending,
  controls: ControlAccounts,
): Omit<JournalDraft, 'business_date' | 'posted_at'> {
  const { currency } = hold;
  const held = toDecimal(hold.amount);
  const entries: EntryDraft[] = [
    { account: heldAccountOf(hold.wallet), direction: 'debit', amount: held, currency },
  ];
  if (captured) {
    const account = accountAt(to ? { wallet: to } : { control: 'bank' }, controls);
    entries.push({ account, direction: 'credit', amount: captured, currency });
  }
  const back = captured ? held.minus(captured) : held;
  if (back.gt(0)) entries.push({ account: hold.wallet, direction: 'credit', amount: back, currency });
  return {
    ...{ id: uuidv7(), stream: hold.wallet, kind: KINDS[state], entries },
    key: `wallet.hold-end/${hold.id}`,
  };
}

/** `wallet.captured`, or `wallet.released`, also where its time was over. */
function endedEvent(
  { hold, state, journal, captured }: HoldEnd,
  { business_date, posted_at }: { business_date: IsoDate; posted_at: Date },
): EventDraft {
  const { id, wallet, amount, currency, reference } = hold;
  return {
    ...{ subject: wallet, type: captured ? 'wallet.captured' : 'wallet.released' },
    ...{ at: posted_at, business_date, journal },
    data: { wallet, hold: id, state, amount, currency, reference, ...(captured && { captured }) },
  };
}

/** The money lies on the held account and the hold is locked: anything but posted is a fault of ours. */
function postedBy(posting: Posting, hold: Hold): string {
  if (posting.status !== 'posted') throw new Error(`The end of hold ${hold.id} was ${posting.status}.`);
  return posting.journal;
}

type EndRefused = Extract<Ended, { outcome: 'refused' }>;

function refused(code: EndRefusal, message: string): EndRefused {
  return { outcome: 'refused', code, message };
}
