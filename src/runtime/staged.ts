import { randomUUID } from 'node:crypto';
import type { Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import { type Claimed, type Claims, claimJobs } from './claim.ts';
import { Finished, type StagedDefinition } from './definition.ts';
import {
  announceDone,
  announceUnwanted,
  auditLine,
  context,
  dispatchHeads,
  type Execution,
  fail,
  Outbox,
  timeLimit,
  transactionContext,
  transactionLimit,
  whileDatabaseReturns,
} from './execution.ts';
import { reach } from './faults.ts';
import { LOCKED, type Ticket } from './lanes.ts';
import { holdsLease, takeLease } from './lease.ts';
import { lookAfterMissed } from './missed.ts';
import { Outcome } from './outcomes.ts';
import { timeoutOf } from './registry.ts';
import { GivenBack } from './running.ts';
import { settleDone, settleUnwanted } from './settle.ts';

interface Prepared {
  job: Claimed;
  intent: unknown;
  /** The intent is an earlier attempt's: the provider may have heard of it. */
  resumed: boolean;
  /** With which prepare ended the attempt: nobody is called. */
  outcome?: Outcome;
  /** It was done while it was prepared: nobody is asked. */
  finished: boolean;
}

/**
 * Runs one staged job: prepare (a transaction that stores the intent and takes a lease), call (no
 * transaction open), settle (a transaction with effects, result and done). A crash in between is found by
 * the sweeper when the lease is over; the next worker resumes with the stored intent and the same
 * provider key, which is the job's id.
 */
export async function runStaged(
  execution: Execution,
  definition: StagedDefinition,
  tenant: string,
  ticket: Ticket,
): Promise<void> {
  const started_at = new Date();
  let prepared: Prepared | undefined;
  const remember = (job: Claimed): void => {
    prepared = { job, intent: job.intent, resumed: job.intent !== null, finished: false };
  };
  try {
    prepared = await whileDatabaseReturns(() =>
      prepare(execution, definition, tenant, ticket.id, remember, started_at),
    );
    if (!prepared) {
      const locked = await lookAfterMissed(execution, tenant, [ticket.id]);
      return ticket.resolve(locked.size > 0 ? LOCKED : 'gone');
    }
    if (prepared.outcome) throw prepared.outcome;
    const { job } = prepared;
    const settled = prepared.finished || (await callAndSettle(execution, definition, prepared, started_at));
    if (!settled) return ticket.resolve('moved on');
    execution.events.emit('ran', {
      kind: definition.kind,
      jobs: 1,
      seconds: (Date.now() - started_at.getTime()) / 1_000,
    });
    announceDone(execution, [job]);
    if (job.ordering_key !== null) dispatchHeads(execution, tenant, [job.ordering_key]);
    ticket.resolve('done');
  } catch (error) {
    if (!prepared || error instanceof GivenBack) return ticket.reject(error);
    await fail(execution, definition, prepared.job, error, started_at).then(ticket.resolve, ticket.reject);
  }
}

async function callAndSettle(
  execution: Execution,
  definition: StagedDefinition,
  prepared: Prepared,
  started_at: Date,
): Promise<boolean> {
  await reach('staged.prepared');
  const answer = await call(execution, definition, prepared);
  await reach('staged.called');
  return whileDatabaseReturns(() => settle(execution, definition, prepared, answer, started_at));
}

async function prepare(
  execution: Execution,
  definition: StagedDefinition,
  tenant: string,
  id: string,
  remember: (job: Claimed) => void,
  started_at: Date,
): Promise<Prepared | undefined> {
  const outbox = new Outbox(execution, tenant, `job:${definition.kind}`, null);
  let unwanted: Claims | undefined;
  const prepared = await inTenant(
    execution.pool,
    tenant,
    async (tx) => {
      outbox.clear();
      const claims = await claimJobs(tx, tenant, definition, [id]);
      await settleUnwanted(tx, claims);
      unwanted = claims;
      const [unfit] = claims.outcomes;
      if (unfit) {
        remember(unfit.job);
        throw unfit.outcome;
      }
      const [job] = claims.jobs;
      if (!job) return undefined;
      remember(job);
      const resumed = job.intent !== null;
      const intent = resumed
        ? job.intent
        : await execution.running.within(tenant, [id], timeLimit(definition), (signal) =>
            definition.prepare(tx, job, transactionContext(execution, definition, tx, outbox, signal)),
          );
      if (intent instanceof Outcome) return { job, intent: null, resumed, finished: false, outcome: intent };
      if (intent instanceof Finished) {
        await finish(execution, definition, tx, job, intent.result, started_at);
        return { job, intent: null, resumed, finished: true };
      }
      const token = randomUUID();
      await takeLease(tx, id, { token, intent, lease_ms: leaseOf(execution, definition) });
      await reach('staged.preparing');
      return { job: { ...job, lease_token: token }, intent, resumed, finished: false };
    },
    transactionLimit(definition),
  );
  if (prepared?.finished) await reach('commit.after');
  outbox.committed();
  if (unwanted) announceUnwanted(execution, unwanted);
  return prepared;
}

function leaseOf({ lease_margin_ms, lease_ms_max }: Execution, definition: StagedDefinition): number {
  return Math.min(timeoutOf(definition) + lease_margin_ms, lease_ms_max);
}

function call(execution: Execution, definition: StagedDefinition, prepared: Prepared): Promise<unknown> {
  const { job, intent, resumed } = prepared;
  const limit = { ...timeLimit(definition), heedsCancel: true };
  const { tenant, id: provider_key, attempt } = job;
  return execution.running.within(tenant, [job.id], limit, (signal) =>
    definition.call(intent, {
      ...context(execution, definition, signal),
      ...{ provider_key, resumed, attempt },
      transact: (work) => inTenant(execution.pool, tenant, work),
    }),
  );
}

async function settle(
  execution: Execution,
  definition: StagedDefinition,
  prepared: Prepared,
  answer: unknown,
  started_at: Date,
): Promise<boolean> {
  const { job, intent } = prepared;
  const outbox = new Outbox(execution, job.tenant, `job:${definition.kind}`, job.trace);
  const held = await inTenant(
    execution.pool,
    job.tenant,
    async (tx) => {
      outbox.clear();
      if (!(await holdsLease(tx, job.id, job.lease_token!))) return false;
      const result = await execution.running.within(job.tenant, [job.id], timeLimit(definition), (signal) =>
        definition.settle(tx, job, answer, {
          ...transactionContext(execution, definition, tx, outbox, signal),
          intent,
        }),
      );
      await finish(execution, definition, tx, job, result, started_at);
      return true;
    },
    transactionLimit(definition),
  );
  await reach('commit.after');
  outbox.committed();
  return held;
}

/** Result, audit and done, in the transaction of the effects. */
async function finish(
  execution: Execution,
  definition: StagedDefinition,
  tx: Transaction,
  job: Claimed,
  result: unknown,
  started_at: Date,
): Promise<void> {
  await settleDone(tx, [{ id: job.id, result: definition.result.parse(result) }]);
  await execution.audit(tx, [auditLine(job, Date.now() - started_at.getTime(), null)]);
  await reach('commit.before');
}
