import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Clock } from '../calendar/clock.ts';
import type { Transaction } from '../db/pools.ts';
import { type EventDraft, emit } from '../events/emit.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import { formatAmount, toDecimal } from '../ledger/money.ts';
import { type Movement, moveMoney, type RefusedMovement } from './movements.ts';
import { openHeldAccounts, walletCurrencies } from './wallets.ts';

/** The life of a hold: held → released | captured | expired. It ends once. */
export const HOLD_STATES = ['held', 'released', 'captured', 'expired'] as const;
export type HoldState = (typeof HOLD_STATES)[number];

const money = z.string().transform((text) => formatAmount(toDecimal(text)));

const holdRow = z.object({
  /** Also the id of the journal that set the money aside. */
  id: z.string(),
  wallet: z.string(),
  amount: money,
  currency: z.string(),
  reference: z.string(),
  state: z.enum(HOLD_STATES),
  held_at: z.date(),
  /** From then on it cannot be captured, and the close of day gives the money back; null: never. */
  expires_at: z.date().nullable(),
  ended_at: z.date().nullable(),
  /** The journal that ended it. */
  ended_by: z.string().nullable(),
  /** What went elsewhere when it was captured; the rest went back. */
  captured: money.nullable(),
});
export type Hold = z.output<typeof holdRow>;

const COLUMNS = sql.fragment`
  id, wallet_id AS wallet, amount, currency, reference, state, held_at, expires_at, ended_at, ended_by, captured`;

export interface HoldWish extends Pick<Movement, 'amount' | 'currency' | 'reference'> {
  wallet: string;
  expires_at: Date | null;
}

export type Held =
  | { outcome: 'held'; hold: string; business_date: IsoDate }
  | RefusedMovement
  | { outcome: 'refused'; code: 'expiry-passed'; message: string };

/**
 * Sets money aside: it moves from what the wallet may spend to the wallet's held account, in one posting
 * for all. The key of the journal comes from the reference, so that one reference is one hold.
 * @returns one answer per wish, in order.
 */
export async function holdMoney(
  tx: Transaction,
  tenant: string,
  clock: Clock,
  wishes: readonly HoldWish[],
): Promise<Held[]> {
  const now = clock.now();
  const timely = wishes.filter(({ expires_at }) => expires_at === null || expires_at > now);
  await openHeldAccounts(
    tx,
    await walletCurrencies(
      tx,
      timely.map(({ wallet }) => wallet),
    ),
  );
  const moved = await moveMoney(
    tx,
    tenant,
    clock,
    timely.map(({ wallet, amount, currency, reference }) => ({
      ...{ kind: 'wallet.hold', stream: wallet, amount, currency, reference },
      ...{ from: { wallet }, to: { held_in: wallet } },
    })),
  );
  const answers = new Map(timely.map((wish, index) => [wish, moved[index]!]));
  await storeHolds(tx, now, answers);
  return wishes.map((wish) => {
    const answer = answers.get(wish);
    if (!answer) {
      return {
        outcome: 'refused',
        code: 'expiry-passed',
        message: 'The hold would be over before it began.',
      };
    }
    if (answer.outcome === 'refused') return answer;
    return { outcome: 'held', hold: answer.journal, business_date: answer.business_date };
  });
}

async function storeHolds(
  tx: Transaction,
  held_at: Date,
  answers: ReadonlyMap<HoldWish, Awaited<ReturnType<typeof moveMoney>>[number]>,
): Promise<void> {
  const rows = [...answers].flatMap(([{ wallet, amount, currency, reference, expires_at }, answer]) =>
    answer.outcome === 'moved'
      ? [[answer.journal, wallet, amount, currency, reference, expires_at?.toISOString() ?? null]]
      : [],
  );
  if (rows.length === 0) return;
  await tx.query(sql.unsafe`
    INSERT INTO wallet_hold (tenant_id, id, wallet_id, amount, currency, reference, expires_at, held_at)
    SELECT current_tenant(), hold.*, ${held_at.toISOString()}::timestamptz
    FROM ${sql.unnest(rows, ['uuid', 'uuid', 'numeric', 'text', 'text', 'timestamptz'])} AS hold`);
  await emit(
    tx,
    [...answers].flatMap(([wish, answer]) =>
      answer.outcome === 'moved' ? heldEvent(wish, answer, held_at) : [],
    ),
  );
}

function heldEvent(
  { wallet, amount, currency, reference }: HoldWish,
  { journal, business_date }: { journal: string; business_date: IsoDate },
  at: Date,
): EventDraft {
  const data = { wallet, hold: journal, amount, currency, reference };
  return { subject: wallet, type: 'wallet.held', at, business_date, journal, data };
}

/** The hold as it stands; null where there is none. */
export function holdOf(tx: Transaction, id: string): Promise<Hold | null> {
  return tx.maybeOne(sql.type(holdRow)`
    SELECT ${COLUMNS} FROM wallet_hold WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** A wallet's holds, newest first. */
export function holdsOf(
  tx: Transaction,
  wallet: string,
  page: { after?: string | undefined; limit: number },
): Promise<readonly Hold[]> {
  const after = page.after ? sql.fragment`AND id < ${page.after}` : sql.fragment``;
  return tx.any(sql.type(holdRow)`
    SELECT ${COLUMNS} FROM wallet_hold
    WHERE tenant_id = current_tenant() AND wallet_id = ${wallet} ${after}
    ORDER BY id DESC
    LIMIT ${page.limit}`);
}

/** Locks holds, by id, until the transaction ends: whoever ends holds takes these locks before the books'. */
export async function lockHolds(tx: Transaction, ids: readonly string[]): Promise<Map<string, Hold>> {
  const holds = await tx.any(sql.prepared('lock_holds', holdRow)`
    SELECT ${COLUMNS} FROM wallet_hold
    WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...ids], 'uuid')})
    ORDER BY id
    FOR NO KEY UPDATE`);
  return new Map(holds.map((hold) => [hold.id, hold]));
}

/** As lockHolds, those whose time is over; what somebody is ending at this moment is left to them. */
export function lockExpired(tx: Transaction, expired_by: Date, limit: number): Promise<readonly Hold[]> {
  return tx.any(sql.prepared('lock_expired_holds', holdRow)`
    SELECT ${COLUMNS} FROM wallet_hold
    WHERE tenant_id = current_tenant() AND state = 'held' AND expires_at <= ${expired_by.toISOString()}
    ORDER BY expires_at, id
    LIMIT ${limit}
    FOR NO KEY UPDATE SKIP LOCKED`);
}

/** How a hold ended. */
export interface HoldEnd {
  hold: Hold;
  state: Exclude<HoldState, 'held'>;
  journal: string;
  captured: string | null;
}

/** Writes down how holds ended that this transaction has locked. */
export async function storeEnds(tx: Transaction, ends: readonly HoldEnd[], ended_at: Date): Promise<void> {
  if (ends.length === 0) return;
  const rows = ends.map(({ hold, state, journal, captured }) => [hold.id, state, journal, captured]);
  await tx.query(sql.unsafe`
    UPDATE wallet_hold h
    SET state = ended.state, ended_by = ended.journal, captured = ended.captured,
        ended_at = ${ended_at.toISOString()}
    FROM ${sql.unnest(rows, ['uuid', 'text', 'uuid', 'numeric'])} AS ended(id, state, journal, captured)
    WHERE h.tenant_id = current_tenant() AND h.id = ended.id
      AND h.id = ANY (${sql.array(
        ends.map(({ hold }) => hold.id),
        'uuid',
      )})`);
}

/** @returns the business date and instant of what is posted now */
export async function postingTime(
  tx: Transaction,
  tenant: string,
  clock: Clock,
): Promise<{ business_date: IsoDate; posted_at: Date }> {
  const posted_at = clock.now();
  return { business_date: await businessDateAt(tx, tenant, posted_at), posted_at };
}
