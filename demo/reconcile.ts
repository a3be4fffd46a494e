import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../src/calendar/clock.ts';
import type { Pool, Transaction } from '../src/db/pools.ts';
import { inTenant } from '../src/db/transaction.ts';
import { type Break, breakRow } from '../src/payments/reconciliation/breaks.ts';
import type { Tally } from '../src/payments/reconciliation/matching.ts';
import { reconcile } from '../src/payments/reconciliation/reconcile.ts';
import { reconcileFiles } from '../src/payments/reconciliation/reconcile-files.ts';
import type { GatewayFault } from '../src/sandbox/gateway/faults.ts';
import type { Gateway } from '../src/sandbox/gateway/gateway.ts';
import { TENANT } from './identities.ts';

const RUN_BY = 'service:treasury';

/** What a planted fault looks like to who compares: the line itself, its settlement, and the bank's credit. */
const SEEN_AS: Partial<Record<GatewayFault, readonly Break['result'][]>> = {
  'row-missing': ['missing-there', 'missing-here', 'amount'],
  'row-extra': ['missing-here', 'amount'],
  'fee-off': ['fee', 'amount'],
};

/** The lender's accountant: reads the bank's statements, and finds out what is behind the breaks. */
export interface Accountant {
  pool: Pool;
  gateway: Gateway;
  clock: Clock;
  /** Where statements are kept. */
  folder: string;
}

/** Reads the bank's statement of some days, both included, as `kist reconcile FILE` does. */
export async function readBankStatement(
  { pool, gateway, clock, folder }: Accountant,
  from: string,
  to: string,
): Promise<void> {
  const file = path.join(folder, `bank-${from}-${to}.csv`);
  await writeFile(file, gateway.bankStatement(from, to));
  await reconcileFiles(pool, TENANT, {
    ...{ files: [file], kind: 'bank', loaded_by: RUN_BY, now: clock.now(), dry_run: false },
  });
}

/**
 * Holds the books against all that gateway and bank have stated, and explains the breaks by what was planted.
 * @returns lines to print; and what is wrong: breaks that nothing explains, faults that nobody found
 */
export async function reconciled({
  pool,
  gateway,
  clock,
}: Accountant): Promise<{ lines: string[]; wrong: string[] }> {
  const { results, breaks } = await inTenant(pool, TENANT, async (tx) => {
    const loads = await tx.anyFirst(sql.type(z.object({ id: z.string() }))`
      SELECT id FROM statement_load WHERE tenant_id = current_tenant() AND loaded_at IS NOT NULL`);
    const compared = await reconcile(tx, { tenant: TENANT, now: clock.now(), loads, run_by: RUN_BY });
    return { results: compared.results as readonly Tally[], breaks: await standingBreaks(tx) };
  });
  const planted = plantedFaults(gateway);
  const explained = breaks.map((each) => ({ ...each, why: each.why ?? whyOf(each, planted) }));
  const found = new Set(explained.flatMap(({ names }) => names));
  return {
    lines: [
      ...results.map(
        ({ subject, result, number }) => `${subject.padEnd(12)}${String(number).padStart(5)} ${result}`,
      ),
      ...explained.map((each) => `${inWords(each)}: ${each.why ?? 'NOT EXPLAINED'}`),
    ],
    wrong: [
      ...explained.filter(({ why }) => why === null).map((each) => `break not explained: ${inWords(each)}`),
      ...planted
        .filter(({ fault, name }) => SEEN_AS[fault] && !found.has(name))
        .map(({ fault, name }) => `nobody found ${fault} of ${name}`),
    ],
  };
}

const standingBreak = breakRow
  .pick({ subject_kind: true, subject: true, result: true, here: true, there: true, why: true })
  .extend({ happened_on: z.string(), names: z.array(z.string()) });
type StandingBreak = z.output<typeof standingBreak>;

/** What does not agree, with every name that the gateway or the bank has for it. */
function standingBreaks(tx: Transaction): Promise<readonly StandingBreak[]> {
  return tx.any(sql.type(standingBreak)`
    SELECT b.subject_kind, b.subject, b.result, b.here::numeric(30, 2)::text AS here,
           b.there::numeric(30, 2)::text AS there, b.why, b.happened_on,
           array_remove(ARRAY[b.subject, c.provider_id, p.provider_id], NULL) AS names
    FROM reconciliation_break b
    LEFT JOIN collection c ON c.tenant_id = b.tenant_id AND b.subject_kind = 'collection' AND c.id::text = b.subject
    LEFT JOIN payout p ON p.tenant_id = b.tenant_id AND b.subject_kind = 'payout' AND p.id::text = b.subject
    WHERE b.tenant_id = current_tenant() AND b.state <> 'resolved'
    ORDER BY b.happened_on, b.subject_kind, b.id`);
}

interface Planted {
  fault: GatewayFault;
  /** Of the line that is wrong. */
  name: string;
  settlement: string;
  /** The names of the settlement itself, at the gateway and at the bank. */
  within: string[];
}

/** What is truly wrong with the settlements: the gateway keeps the truth beside what it tells. */
function plantedFaults(gateway: Gateway): Planted[] {
  return gateway.settlements().flatMap(({ id, day, settlement, faults }) =>
    faults.map(({ entity_id, fault }) => ({
      ...{ fault, name: entity_id, settlement: `the settlement of ${day}`, within: [id, settlement.utr] },
    })),
  );
}

function whyOf({ names, result }: StandingBreak, planted: readonly Planted[]): string | null {
  const behind = planted.find(
    ({ fault, name, within }) =>
      SEEN_AS[fault]?.includes(result) && [name, ...within].some((each) => names.includes(each)),
  );
  return behind ? `planted, ${behind.fault} of ${behind.name} in ${behind.settlement}` : null;
}

function inWords({ subject_kind, names, result, here, there, happened_on }: StandingBreak): string {
  const sums = `${here ?? 'nothing'} here, ${there ?? 'nothing'} there`;
  return `${happened_on} ${subject_kind} ${names.at(-1)} ${result} (${sums})`;
}
