import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant, isDatabaseAway } from '../db/transaction.ts';
import { type EventDraft, emit } from '../events/emit.ts';
import { reach } from '../runtime/faults.ts';

/** One pass takes so many at most; no single row of the queue holds more (post_journals takes 1,000 drafts). */
export const JOURNALS_PER_PASS_MAX = 5_000;
/** What followers cannot digest is tried again after a minute, then two, four, … */
const SET_ASIDE_MS = 60_000;
const SET_ASIDE_MS_MAX = 3_600_000;

export interface FollowedJournal {
  id: string;
  /** The chain it stands in: a loan's id or a wallet's. */
  stream: string;
  seq: bigint;
  kind: string;
  key: string;
  business_date: IsoDate;
  posted_at: Date;
  /** The journal that this one undoes. */
  reverses: string | null;
  /** 64 hexadecimal digits. */
  hash: string;
}

/** Somebody who does something about what was posted, behind the books. */
export interface Follower {
  name: string;
  /**
   * Gets each journal once, those of one stream in their order, and writes its effects in the transaction that
   * takes them off the queue. Set-based: one call stands for up to JOURNALS_PER_PASS_MAX journals, and each
   * lookup is a LATERAL probe with a LIMIT: joined plainly, the planner reads the whole ledger instead. Locks are
   * taken in the order accounts, scores, whatever comes after.
   * @returns what is to be told of it
   */
  follow(
    tx: Transaction,
    tenant: string,
    journals: readonly FollowedJournal[],
  ): Promise<readonly EventDraft[]>;
}

const journalRow = z.object({
  id: z.string(),
  stream: z.string(),
  seq: z.bigint(),
  kind: z.string(),
  key: z.string(),
  business_date: z.string(),
  posted_at: z.date(),
  reverses: z.string().nullable(),
  hash: z.string(),
});

export interface Pass {
  journals: number;
  /** Why rows were set aside, to be tried again later. Their neighbours were followed. */
  failures: Error[];
}

/**
 * Hands the journals that wait to the followers: one transaction, so that each is followed once or not yet.
 * Where followers fail, the rows are taken one by one and the one that fails alone is set aside.
 * @returns null where another process is at this tenant's
 */
export async function follow(
  pool: Pool,
  tenant: string,
  followers: readonly Follower[],
  journals_max = JOURNALS_PER_PASS_MAX,
): Promise<Pass | null> {
  try {
    const journals = await inTenant(pool, tenant, (tx) => pass(tx, tenant, followers, journals_max));
    return journals === null ? null : { journals, failures: [] };
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    return followOneByOne(pool, tenant, followers, journals_max);
  }
}

async function followOneByOne(
  pool: Pool,
  tenant: string,
  followers: readonly Follower[],
  journals_max: number,
): Promise<Pass | null> {
  let journals = 0;
  while (journals < journals_max) {
    let row: bigint | null = null;
    try {
      const taken = await inTenant(pool, tenant, (tx) =>
        pass(tx, tenant, followers, 1, (number) => {
          row = number;
        }),
      );
      if (taken === null) return null;
      if (taken === 0) break;
      journals += taken;
    } catch (error) {
      if (row === null || isDatabaseAway(error)) throw error;
      await inTenant(pool, tenant, (tx) => setAside(tx, row!, error as Error));
      return { journals, failures: [error as Error] };
    }
  }
  return { journals, failures: [] };
}

async function pass(
  tx: Transaction,
  tenant: string,
  followers: readonly Follower[],
  journals_max: number,
  onTaken?: (number: bigint) => void,
): Promise<number | null> {
  if (!(await hasTurn(tx))) return null;
  const rows = await rowsThatWait(tx, journals_max);
  if (rows.length === 0) return 0;
  onTaken?.(rows[0]!);
  const journals = await take(tx, rows);
  const events: EventDraft[] = [];
  for (const follower of followers) events.push(...(await follower.follow(tx, tenant, journals)));
  await emit(tx, events);
  await reach('follow.before-commit');
  return journals.length;
}

/** One process at a time follows a tenant: the order of a stream and of a borrower's moves comes for nothing. */
function hasTurn(tx: Transaction): Promise<boolean> {
  return tx.oneFirst(sql.prepared('follow_turn', z.object({ turn: z.boolean() }))`
    SELECT pg_try_advisory_xact_lock(hashtextextended('kist follow ' || current_tenant(), 0)) AS turn`);
}

/** The first rows that hold `journals_max` between them, or the first alone where it holds more. */
async function rowsThatWait(tx: Transaction, journals_max: number): Promise<bigint[]> {
  const rows = await tx.anyFirst(sql.prepared('rows_to_follow', z.object({ number: z.bigint() }))`
    SELECT number FROM (
      SELECT number, row_number() OVER taken AS place, sum(cardinality(journals)) OVER taken AS journals
      FROM (
        SELECT number, journals FROM unfollowed
        WHERE tenant_id = current_tenant() AND not_before <= now()
        ORDER BY number LIMIT ${journals_max}) AS first
      WINDOW taken AS (ORDER BY number)) AS counted
    WHERE place = 1 OR journals <= ${journals_max}
    ORDER BY number`);
  return [...rows];
}

async function take(tx: Transaction, rows: readonly bigint[]): Promise<readonly FollowedJournal[]> {
  return tx.any(sql.prepared('take_unfollowed', journalRow)`
    WITH taken AS (
      DELETE FROM unfollowed
      WHERE tenant_id = current_tenant() AND number = ANY (${sql.array([...rows], 'int8')})
      RETURNING number, journals
    )
    SELECT j.id, j.stream_id AS stream, j.seq, j.kind, j.key, j.business_date, j.posted_at, j.reverses,
           encode(j.hash, 'hex') AS hash
    FROM taken
    CROSS JOIN LATERAL unnest(taken.journals) AS posted(id)
    CROSS JOIN LATERAL (
      SELECT * FROM journal WHERE tenant_id = current_tenant() AND id = posted.id LIMIT 1) AS j
    ORDER BY taken.number, j.posted_at, j.stream_id, j.seq`);
}

async function setAside(tx: Transaction, row: bigint, error: Error): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE unfollowed
    SET failures = failures + 1, error = ${error.message.slice(0, 1_000)},
        not_before = now() + least(${SET_ASIDE_MS}::float8 * 2 ^ least(failures, 20), ${SET_ASIDE_MS_MAX}) * interval '1 ms'
    WHERE tenant_id = current_tenant() AND number = ${row}`);
}

/** Tenants with journals that wait and may be followed now. @param carrierPool acts as kist_carrier */
export async function tenantsBehind(carrierPool: Pool): Promise<readonly string[]> {
  return carrierPool.anyFirst(sql.prepared('tenants_behind', z.object({ tenant_id: z.string() }))`
    SELECT tenant_id FROM tenant
    WHERE EXISTS (SELECT FROM unfollowed u WHERE u.tenant_id = tenant.tenant_id AND u.not_before <= now())
    ORDER BY random()`);
}

/** How far the followers are behind the books. */
export interface Lag {
  journals: number;
  /** Of these, how many followers failed at: they are tried again by and by. */
  set_aside: number;
  oldest_seconds: number;
}

/** Over all tenants. @param carrierPool acts as kist_carrier */
export function followersLag(carrierPool: Pool): Promise<Lag> {
  const row = z.object({ journals: z.number(), set_aside: z.number(), oldest_seconds: z.number() });
  return carrierPool.one(sql.type(row)`
    SELECT coalesce(sum(cardinality(journals)), 0)::float8 AS journals,
           coalesce(sum(cardinality(journals)) FILTER (WHERE failures > 0), 0)::float8 AS set_aside,
           coalesce(extract(epoch FROM now() - min(posted_at)), 0)::float8 AS oldest_seconds
    FROM unfollowed`);
}
