import { sql } from 'slonik';
import { z } from 'zod';
import { canonicalJson, UnstorableValue } from '../db/canonical-json.ts';
import type { Pool, Transaction } from '../db/pools.ts';
import { againAfterConflict, inTenant } from '../db/transaction.ts';
import type { JobRequest } from './definition.ts';
import { fingerprintOf, type Issue, issuesOf } from './payload.ts';
import { jobsByKey } from './queries.ts';
import { type Registry, retryPolicy } from './registry.ts';
import type { Route } from './route.ts';
import type { Acceptance, JobView } from './types.ts';

export const ACCEPT_BATCH_MAX = 1_000;
const KEY_LENGTH_MAX = 200;
const ORDERING_KEY_LENGTH_MAX = 500;
const PRIORITY_MAX = 1_000;
const KEY_PATTERN = /^[^\p{Cc}\p{Cs}]+$/u;

/** A request that fits its kind, ready to become a row. */
export interface PreparedJob {
  readonly kind: string;
  readonly queue: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly version: number;
  readonly payloadJson: string;
  readonly priority: number;
  readonly attempt_limit: number;
  readonly run_at: Date | null;
  readonly ordering_key: string | null;
  readonly ordering_blocks: boolean;
  readonly accepted_by: string;
  readonly trace: string | null;
}

export type RefusedJob = Extract<Acceptance, { status: 'refused' }>;

/** Checks a request against its kind. Touches no database. */
export function prepareJob(
  registry: Registry,
  request: JobRequest,
  accepted_by: string,
  trace: string | null,
): PreparedJob | RefusedJob {
  const definition = registry.get(request.kind);
  if (!definition)
    return { status: 'refused', code: 'unknown-kind', message: `There is no job kind ${request.kind}.` };
  const parsed = definition.payload.safeParse(request.payload);
  if (!parsed.success) return invalid(issuesOf(parsed.error));
  let payloadJson: string;
  try {
    payloadJson = canonicalJson(request.payload);
  } catch (error) {
    if (error instanceof UnstorableValue)
      return invalid([{ pointer: error.pointer, message: error.message }]);
    throw error;
  }
  const { priority = 0 } = request;
  if (!Number.isInteger(priority) || priority < 0 || priority > PRIORITY_MAX)
    return invalid([{ pointer: '/priority', message: `not a whole number from 0 to ${PRIORITY_MAX}` }]);
  if (request.run_at && Number.isNaN(request.run_at.getTime()))
    return invalid([{ pointer: '/run_at', message: 'not an instant' }]);
  const ordering_key = definition.ordering_key?.(parsed.data) ?? null;
  if (ordering_key !== null && ordering_key.length > ORDERING_KEY_LENGTH_MAX)
    return invalid([
      { pointer: '', message: `ordering key longer than ${ORDERING_KEY_LENGTH_MAX} characters` },
    ]);
  const key = request.key ?? definition.key(parsed.data);
  if (key.length === 0 || key.length > KEY_LENGTH_MAX || !KEY_PATTERN.test(key)) {
    const message = `An idempotency key has 1 to ${KEY_LENGTH_MAX} printable characters.`;
    return { status: 'refused', code: 'invalid-key', message };
  }
  return {
    kind: definition.kind,
    queue: definition.queue,
    key,
    fingerprint: fingerprintOf(payloadJson),
    version: definition.version ?? 1,
    payloadJson,
    priority,
    attempt_limit: retryPolicy(definition).attempts,
    run_at: request.run_at ?? null,
    ordering_key,
    ordering_blocks: definition.when_head_rests === 'block',
    accepted_by,
    trace,
  };
}

function invalid(issues: Issue[]): RefusedJob {
  const [first] = issues;
  return {
    status: 'refused',
    code: 'invalid-payload',
    message: `${first!.pointer || 'payload'}: ${first!.message}`,
    issues,
  };
}

export interface AcceptedBatch {
  /** In the order of the jobs given. */
  acceptances: Acceptance[];
  /** What to dispatch once the transaction has committed: jobs of no ordering key. */
  routes: Route[];
  /** Ordering keys whose head may have changed. */
  orderingKeys: string[];
}

const insertedRow = z.object({
  id: z.string(),
  kind: z.string(),
  key: z.string(),
  accepted_at: z.date(),
  run_at: z.date(),
  delay_ms: z.number(),
});

/**
 * Makes rows of 1 … ACCEPT_BATCH_MAX prepared jobs with one statement, in the order given (ids are
 * uuidv7 of the database's clock, so their order is the order of acceptance). A key that was used before,
 * in the table, the archive or earlier in this batch, makes no row: it answers with the first job.
 *
 * @param sweep_after_ms how long after its time the sweeper shall look for a job that does not rest
 */
export async function acceptJobs(
  tx: Transaction,
  tenant: string,
  jobs: readonly PreparedJob[],
  sweep_after_ms: number,
): Promise<AcceptedBatch> {
  const { batch, repeats } = sortOut(tenant, jobs, await insertJobs(tx, tenant, jobs, sweep_after_ms));
  if (repeats.length > 0) await answerRepeats(tx, repeats, batch.acceptances);
  return batch;
}

/**
 * As acceptJobs, by itself: the statement is its own transaction. Against begin, set tenant, insert and
 * commit that is one round trip instead of four, and half of the CPU that accepting one job costs.
 */
export async function acceptJobsAlone(
  pool: Pool,
  tenant: string,
  jobs: readonly PreparedJob[],
  sweep_after_ms: number,
): Promise<AcceptedBatch> {
  const inserted = await againAfterConflict(() => insertJobs(pool, tenant, jobs, sweep_after_ms));
  const { batch, repeats } = sortOut(tenant, jobs, inserted);
  if (repeats.length > 0) await inTenant(pool, tenant, (tx) => answerRepeats(tx, repeats, batch.acceptances));
  return batch;
}

interface Repeat {
  index: number;
  job: PreparedJob;
}

function sortOut(
  tenant: string,
  jobs: readonly PreparedJob[],
  inserted: ReadonlyArray<z.infer<typeof insertedRow>>,
): { batch: AcceptedBatch; repeats: Repeat[] } {
  const fresh = new Map(inserted.map((row) => [`${row.kind} ${row.key}`, row]));
  const batch: AcceptedBatch = { acceptances: [], routes: [], orderingKeys: [] };
  const repeats: Repeat[] = [];
  for (const [index, job] of jobs.entries()) {
    const row = fresh.get(`${job.kind} ${job.key}`);
    if (!row || !fresh.delete(`${job.kind} ${job.key}`)) {
      repeats.push({ index, job });
      continue;
    }
    batch.acceptances[index] = { status: 'accepted', job: viewOf(tenant, job, row) };
    if (job.ordering_key !== null) {
      batch.orderingKeys.push(job.ordering_key);
      continue;
    }
    batch.routes.push({
      tenant,
      id: row.id,
      kind: job.kind,
      queue: job.queue,
      key: job.key,
      dispatch_number: 1,
      priority: job.priority,
      delay_ms: row.delay_ms,
      alone: false,
      trace: job.trace,
    });
  }
  return { batch, repeats };
}

/**
 * The statement sets its own tenant. Whatever row-level security looks at hangs on `input`, which hangs on
 * `tenancy`: the archive is probed row by row (LATERAL), never read before the tenant is set.
 */
function insertJobs(
  connection: Pool | Transaction,
  tenant: string,
  jobs: readonly PreparedJob[],
  sweep_after_ms: number,
) {
  return connection.any(sql.prepared('accept_jobs', insertedRow)`
    WITH tenancy AS MATERIALIZED (
      SELECT set_config('kist.tenant', ${tenant}, true) AS tenant_id
    ), input AS (
      SELECT tenancy.tenant_id, input.* FROM tenancy, ROWS FROM (json_to_recordset(${inputJson(jobs)}::json) AS (
        kind text, queue text, key text, fingerprint text, version smallint, payload jsonb, priority integer,
        attempt_limit smallint, run_at timestamptz, ordering_key text, ordering_blocks boolean,
        accepted_by text, trace text)) WITH ORDINALITY AS input (
        kind, queue, key, fingerprint, version, payload, priority, attempt_limit, run_at, ordering_key,
        ordering_blocks, accepted_by, trace, place)
    )
    INSERT INTO job (tenant_id, kind, queue, key, fingerprint, version, payload, priority, attempt_limit,
                     run_at, sweep_at, ordering_key, ordering_blocks, accepted_by, trace)
    SELECT tenant_id, kind, queue, key, decode(fingerprint, 'hex'), version, payload, priority, attempt_limit,
           coalesce(run_at, now()), coalesce(run_at, now()) + ${sweep_after_ms} * interval '1 millisecond',
           ordering_key, ordering_blocks, accepted_by, trace
    FROM input LEFT JOIN LATERAL (
      SELECT true AS before FROM job_key_archive archived
      WHERE archived.tenant_id = input.tenant_id AND archived.kind = input.kind AND archived.key = input.key
      LIMIT 1) AS used ON true
    WHERE used.before IS NULL
    -- The order of acceptance, and which of two equal keys came first; a join may shuffle them.
    ORDER BY place
    ON CONFLICT ON CONSTRAINT job_key DO NOTHING
    RETURNING id, kind, key, accepted_at, run_at,
              greatest(0, extract(epoch FROM run_at - clock_timestamp()) * 1000)::float8 AS delay_ms`);
}

/** The payloads are JSON already: put together as text, not parsed and written again. */
function inputJson(jobs: readonly PreparedJob[]): string {
  const rows = jobs.map(({ payloadJson, ...columns }) => {
    return `${JSON.stringify(columns).slice(0, -1)},"payload":${payloadJson}}`;
  });
  return `[${rows.join(',')}]`;
}

function viewOf(tenant: string, job: PreparedJob, row: z.infer<typeof insertedRow>): JobView {
  return {
    id: row.id,
    tenant,
    kind: job.kind,
    queue: job.queue,
    key: job.key,
    state: 'pending',
    priority: job.priority,
    attempt: 0,
    attempt_limit: job.attempt_limit,
    code: null,
    message: null,
    result: null,
    accepted_by: job.accepted_by,
    accepted_at: row.accepted_at,
    run_at: row.run_at,
    rested_at: null,
  };
}

async function answerRepeats(tx: Transaction, repeats: Repeat[], acceptances: Acceptance[]): Promise<void> {
  const known = await jobsByKey(
    tx,
    repeats.map(({ job }) => job),
  );
  for (const { index, job } of repeats) {
    const first = known.get(`${job.kind} ${job.key}`);
    if (!first) throw new Error(`Job ${job.kind} ${job.key} was refused as a repeat but is not there.`);
    acceptances[index] =
      first.fingerprint === job.fingerprint
        ? { status: 'replayed', job: first.view }
        : {
            status: 'refused',
            code: 'idempotency-conflict',
            message: `The key ${job.key} was used for another payload of ${job.kind}, by job ${first.view.id}.`,
          };
  }
}
