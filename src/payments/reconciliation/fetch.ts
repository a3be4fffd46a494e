import { createHash } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import { addDays, type IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { calendarOf } from '../../ledger/business-day.ts';
import type { CallContext } from '../../runtime/definition.ts';
import { Hold, Retry } from '../../runtime/outcomes.ts';
import { type FoundCheck, findChecks } from '../account-checks/finding.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { Gateway, GatewayCall, PayoutPicture, SettlementRow } from '../gateway/gateway.ts';
import { laterOn } from '../gateway/reaching.ts';
import { businessDaysBefore } from './coverage.ts';
import { lineOfRow, type StatementKind } from './lines.ts';
import { addLines, beginLoad, finishLoad, forgetLoad, unfinishedLoads } from './loads.ts';

const ROWS_AT_ONCE = 2_000;
/** Business days before the one asked for that are read again: what came late that evening, and on a weekend. */
const DAYS_AGAIN = 2;
/** Lines about payouts that nobody here knows, of which the gateway is asked what they are. */
const STRANGERS_MAX = 100;

export interface FetchWish {
  tenant: string;
  gateway: string;
  on: IsoDate;
  job: string;
}

export interface Fetched {
  /** Statements that were read, or had been. */
  loads: string[];
  /** What payouts are that the account shows and nobody here knew by the gateway's id. */
  pictures: PayoutPicture[];
  /** Checks of bank accounts that nobody could tell of. */
  checks: FoundCheck[];
}

interface Days {
  from: IsoDate;
  to: IsoDate;
}

type Means = Pick<CallContext, 'transact' | 'services' | 'signal' | 'clock'>;

/**
 * Reads what the gateway settled on a day, and its account's statement, in bounded batches.
 * @throws Hold where the tenant has no account with it, Retry while it is away, Snooze while it locks us out
 */
export async function fetchStatements(wish: FetchWish, means: Means): Promise<Fetched> {
  const { tenant, gateway: name, on } = wish;
  const gateway = means.services.payments.gateways.get(name);
  const { account, calendar } = await means.transact(async (tx) => {
    // What an earlier try did not live to finish.
    for (const load of await unfinishedLoads(tx, loadedBy(wish))) await forgetLoad(tx, load);
    return {
      account: await means.services.payments.account(tx, tenant, name),
      calendar: await calendarOf(tx, tenant),
    };
  });
  if (!gateway || !account)
    throw new Hold('no-gateway', `There is no account with ${name}, or it is disabled.`);
  const call: GatewayCall = { account, signal: means.signal };
  try {
    const days = { from: businessDaysBefore(on, DAYS_AGAIN, calendar), to: on };
    // Both at once: most of it is waiting. Neither is left behind when the other one fails.
    const loads = await Promise.allSettled([
      readAll(wish, means, 'settlement', days, settlementRows(gateway, days, call)),
      readAll(wish, means, 'account', days, gateway.accountRows(days, call)),
    ]);
    const [settlement, statement] = loads.map(fulfilled);
    return {
      loads: [settlement!, statement!],
      pictures: await strangers(means, gateway, call, statement!),
      checks: await findChecks(means, gateway, call),
    };
  } catch (error) {
    means.signal.throwIfAborted();
    if (!(error instanceof GatewayError)) throw error;
    if (error.kind === 'locked-out') throw await laterOn(error, { ...means, tenant }, name);
    // Hours are no matter here: where the gateway does not say when, the job's own growing pauses do.
    const { after_ms } = error;
    throw new Retry(`gateway-${error.code}`, error.message, {
      cause: error,
      ...(after_ms === undefined ? {} : { after_ms }),
    });
  }
}

/** @throws why there is none */
function fulfilled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function* settlementRows(
  gateway: Gateway,
  { from, to }: Days,
  call: GatewayCall,
): AsyncGenerator<SettlementRow> {
  for (let day = from; day <= to; day = addDays(day, 1)) yield* gateway.settlementRows(day, call);
}

function loadedBy({ job, gateway }: FetchWish): string {
  return `job:${job}/${gateway}`;
}

async function readAll(
  wish: FetchWish,
  { transact, clock }: Means,
  kind: StatementKind,
  days: Days,
  rows: AsyncIterable<SettlementRow>,
): Promise<string> {
  const source = { source: 'gateway', loaded_by: loadedBy(wish) };
  const load = await transact((tx) => beginLoad(tx, { kind, gateway: wish.gateway }, source));
  // The days belong to the content: an empty day is another one than the day before.
  const hash = createHash('sha256').update(JSON.stringify(days));
  let lines = 0;
  let batch: SettlementRow[] = [];
  const store = async () => {
    const stored = batch.map(lineOfRow);
    hash.update(JSON.stringify(stored));
    await transact((tx) => addLines(tx, load, stored, lines + 1));
    lines += stored.length;
    batch = [];
  };
  for await (const row of rows) {
    batch.push(row);
    if (batch.length === ROWS_AT_ONCE) await store();
  }
  if (batch.length > 0) await store();
  const finish = { content_hash: hash.digest(), lines, days, now: clock.now() };
  return (await transact((tx) => finishLoad(tx, load, finish))).id;
}

/** A payout whose answer never came has no id of the gateway's here; the gateway knows our reference. */
async function strangers(
  { transact }: Means,
  gateway: Gateway,
  call: GatewayCall,
  load: string,
): Promise<PayoutPicture[]> {
  const ids = await transact((tx) =>
    tx.anyFirst(sql.type(z.object({ about: z.string() }))`
      SELECT DISTINCT l.about FROM gateway_line l
      WHERE l.tenant_id = current_tenant() AND l.load_id = ${load} AND l.kind = 'payout' AND NOT EXISTS (
        SELECT FROM payout p WHERE p.tenant_id = l.tenant_id AND p.gateway = l.gateway AND p.provider_id = l.about)
      ORDER BY 1 LIMIT ${STRANGERS_MAX}`),
  );
  const pictures: PayoutPicture[] = [];
  for (const id of ids) pictures.push(await gateway.payout(id, call));
  return pictures;
}

/** Names of the gateways that the tenant uses. */
export async function enabledGateways(tx: Transaction): Promise<string[]> {
  const names = await tx.anyFirst(sql.type(z.object({ gateway: z.string() }))`
    SELECT gateway FROM payment_gateway WHERE tenant_id = current_tenant() AND state = 'enabled' ORDER BY gateway`);
  return [...names];
}
