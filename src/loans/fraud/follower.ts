import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import type { EventDraft } from '../../events/emit.ts';
import type { FollowedJournal, Follower } from '../../following/follow.ts';
import { freezeAccounts } from '../../ledger/freeze.ts';
import { ENTRIES_PER_JOURNAL_MAX } from '../../ledger/post.ts';
import { fraudRules } from '../product-rules.ts';
import { rulesOfWallets } from '../rules-of.ts';
import { type Burst, burstsOf, type Transacted } from './bursts.ts';
import { frozenEvent } from './freezing.ts';
import { lockWatches, storeAlerts, storeWatches } from './watches.ts';

/** What loans' days bring is no customer's doing: a pass of nothing else, as in a close of day, is not looked at. */
const OWN_DAYS = 'loan.day';
const WHY = 'a fraud alert';
/** Clocks of machines may differ by so much, and a journal's id be so much older than its instant. */
const SKEW_MS = 10_000;
/** Of one account, in one look; far more than a pass brings. */
const TRANSACTIONS_MAX = 20_000;

/**
 * Watches customers' wallets for bursts of transactions, one transaction being one journal that touches the
 * wallet. What is counted are the books themselves, not what this process saw, so a burst is found however
 * many processes post and follow it. Most passes end after one index range per wallet: it holds too few.
 */
export const fraudFollower: Follower = {
  name: 'fraud',
  async follow(tx, _tenant, journals) {
    if (journals.every(({ kind }) => kind === OWN_DAYS)) return [];
    const limits = await widestLimits(tx);
    const since = idFloor(journals, limits.window_ms + SKEW_MS);
    const busy = await busyWallets(tx, journals, since, limits.transactions_max);
    return busy.length === 0 ? [] : lookAt(tx, busy, since);
  },
};

/** The least and the longest that any product asks for: what passes neither passes no product's limit. */
async function widestLimits(tx: Transaction): Promise<{ transactions_max: number; window_ms: number }> {
  const chosen = await tx.anyFirst(sql.prepared('fraud_rules', z.object({ rules: fraudRules }))`
    SELECT DISTINCT coalesce(rules->'fraud', '{}') AS rules FROM product WHERE tenant_id = current_tenant()`);
  const rules = [...chosen, fraudRules.parse({})];
  return {
    transactions_max: Math.min(...rules.map(({ transactions_max }) => transactions_max)),
    window_ms: Math.max(...rules.map(({ window_s }) => window_s)) * 1_000,
  };
}

/** The least UUID, version 7, of an instant so long before the oldest of the journals' ids. */
function idFloor(journals: readonly FollowedJournal[], before_ms: number): string {
  const oldest = journals.reduce((least, { id }) => (id < least ? id : least), journals[0]!.id);
  const made_ms = Number.parseInt(oldest.replaceAll('-', '').slice(0, 12), 16);
  const hex = Math.max(0, made_ms - before_ms)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** Of the wallets that the journals touch, those with more than `transactions_max` journals since an id. */
async function busyWallets(
  tx: Transaction,
  journals: readonly FollowedJournal[],
  since: string,
  transactions_max: number,
): Promise<readonly string[]> {
  return tx.anyFirst(sql.prepared('busy_wallets', z.object({ id: z.string() }))`
    WITH touched AS MATERIALIZED (
      SELECT DISTINCT line.account_id AS id
      FROM unnest(${sql.array(
        journals.map(({ id }) => id),
        'uuid',
      )}) AS followed(id)
      CROSS JOIN LATERAL (
        SELECT account_id FROM entry WHERE tenant_id = current_tenant() AND journal_id = followed.id
        ORDER BY line LIMIT ${ENTRIES_PER_JOURNAL_MAX}) AS line
    ), wallets AS MATERIALIZED (
      SELECT touched.id FROM touched CROSS JOIN LATERAL (
        SELECT FROM wallet WHERE tenant_id = current_tenant() AND id = touched.id LIMIT 1) AS known
    )
    SELECT wallets.id FROM wallets CROSS JOIN LATERAL (
      SELECT count(*) AS journals FROM (
        SELECT DISTINCT journal_id FROM entry
        WHERE tenant_id = current_tenant() AND account_id = wallets.id AND journal_id >= ${since}
        LIMIT ${transactions_max + 1}) AS recent) AS counted
    WHERE counted.journals > ${transactions_max}
    ORDER BY wallets.id`);
}

async function lookAt(tx: Transaction, wallets: readonly string[], since: string): Promise<EventDraft[]> {
  const watches = await lockWatches(tx, wallets);
  const rules = await rulesOfWallets(tx, wallets);
  const transactions = await transactionsOf(tx, wallets, since);
  const found = wallets.map((wallet) => {
    const { fraud } = rules.get(wallet)!;
    return { wallet, fraud, ...burstsOf(transactions.get(wallet) ?? [], fraud, watches.get(wallet)!) };
  });
  const alerted = found.filter(({ bursts }) => bursts.length > 0);
  await storeWatches(
    tx,
    found.flatMap(({ wallet, over_until }) => (over_until ? [{ wallet, over_until }] : [])),
  );
  const frozen = await freeze(tx, alerted);
  const alerts = alerted.flatMap(({ wallet, fraud, bursts }) =>
    bursts.map((burst, index) => ({
      ...{
        id: uuidv7(),
        account: wallet,
        window_s: fraud.window_s,
        froze: index === 0 && frozen.has(wallet),
      },
      ...burst,
    })),
  );
  await storeAlerts(tx, alerts);
  const dates = new Map([...transactions.values()].flat().map((each) => [each.journal, each.business_date]));
  return alerts.flatMap((alert) => eventsOf(alert, dates.get(alert.journal)!));
}

/** One statement for all whose rules ask for it, as of the latest of their bursts. @returns whom it froze */
async function freeze(
  tx: Transaction,
  alerted: readonly { wallet: string; fraud: { freeze: boolean }; bursts: readonly Burst[] }[],
): Promise<Set<string>> {
  const freezing = alerted.filter(({ fraud }) => fraud.freeze);
  if (freezing.length === 0) return new Set();
  const at = new Date(Math.max(...freezing.map(({ bursts }) => bursts[0]!.at.getTime())));
  const wallets = freezing.map(({ wallet }) => wallet);
  return new Set(await freezeAccounts(tx, wallets, at, WHY));
}

const transactionRow = z.object({
  wallet: z.string(),
  journal: z.string(),
  at: z.date(),
  business_date: z.string(),
});

async function transactionsOf(
  tx: Transaction,
  wallets: readonly string[],
  since: string,
): Promise<Map<string, (Transacted & { business_date: IsoDate })[]>> {
  const rows = await tx.any(sql.prepared('recent_transactions', transactionRow)`
    SELECT asked.id AS wallet, j.id AS journal, j.posted_at AS at, j.business_date
    FROM unnest(${sql.array([...wallets], 'uuid')}) AS asked(id)
    CROSS JOIN LATERAL (
      SELECT DISTINCT journal_id FROM entry
      WHERE tenant_id = current_tenant() AND account_id = asked.id AND journal_id >= ${since}
      ORDER BY journal_id LIMIT ${TRANSACTIONS_MAX}) AS recent
    CROSS JOIN LATERAL (
      SELECT id, posted_at, business_date FROM journal
      WHERE tenant_id = current_tenant() AND id = recent.journal_id LIMIT 1) AS j
    ORDER BY asked.id, j.posted_at, j.id`);
  const byWallet = new Map<string, (Transacted & { business_date: IsoDate })[]>();
  for (const { wallet, ...transaction } of rows) {
    const known = byWallet.get(wallet);
    if (known) known.push(transaction);
    else byWallet.set(wallet, [transaction]);
  }
  return byWallet;
}

function eventsOf(
  alert: Burst & { id: string; account: string; window_s: number; froze: boolean },
  business_date: IsoDate,
): EventDraft[] {
  const { id, account, journal, transactions, window_s, since, at, froze } = alert;
  const told: EventDraft = {
    ...{ subject: account, type: 'fraud.alert', at, business_date, journal },
    data: { alert: id, account, transactions, window_s, since: since.toISOString(), froze },
  };
  return froze ? [told, frozenEvent(account, { at, business_date }, WHY)] : [told];
}
