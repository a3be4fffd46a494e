import type { Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import { type Claimed, type Claims, claimJobs } from './claim.ts';
import type { AtomicDefinition } from './definition.ts';
import {
  announceDone,
  announceUnwanted,
  auditLine,
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
import { lookAfterMissed } from './missed.ts';
import { Outcome } from './outcomes.ts';
import { GivenBack } from './running.ts';
import { settleDone, settleUnwanted } from './settle.ts';

interface Ran {
  done: Claimed[];
  /** Ids that the claim did not get. */
  missed: string[];
  failed: { job: Claimed; outcome: Outcome }[];
}

/** A handler's failure, with the jobs that were claimed when it came. */
class RunFailed extends Error {
  override name = 'RunFailed';
  readonly jobs: readonly Claimed[];

  constructor(jobs: readonly Claimed[], cause: unknown) {
    super('A run failed.', { cause });
    this.jobs = jobs;
  }
}

/**
 * Runs jobs of one atomic kind and tenant: claim, effects, results and audit are one transaction. When a
 * group fails as a whole, nothing of it has happened, and each of its jobs runs again by itself.
 */
export async function runAtomic(
  execution: Execution,
  definition: AtomicDefinition,
  tenant: string,
  tickets: readonly Ticket[],
): Promise<void> {
  const ids = tickets.map(({ id }) => id);
  const started_at = new Date();
  try {
    const ran = await whileDatabaseReturns(() => runTogether(execution, definition, tenant, ids));
    const notes = new Map(ran.done.map(({ id }) => [id, 'done']));
    for (const { job, outcome } of ran.failed) {
      notes.set(job.id, await fail(execution, definition, job, outcome, started_at));
    }
    const locked =
      ran.missed.length > 0 ? await lookAfterMissed(execution, tenant, ran.missed) : new Set<string>();
    for (const id of locked) notes.set(id, LOCKED);
    for (const ticket of tickets) ticket.resolve(notes.get(ticket.id) ?? 'gone');
  } catch (error) {
    const cause = error instanceof RunFailed ? error.cause : error;
    if (cause instanceof GivenBack) for (const ticket of tickets) ticket.resolve('given back');
    else if (tickets.length > 1)
      for (const ticket of tickets) await runAtomic(execution, definition, tenant, [ticket]);
    else await failAlone(execution, definition, tickets[0]!, error, started_at);
  }
}

async function failAlone(
  execution: Execution,
  definition: AtomicDefinition,
  ticket: Ticket,
  error: unknown,
  started_at: Date,
): Promise<void> {
  const [job] = error instanceof RunFailed ? error.jobs : [];
  if (!job) return ticket.reject(error);
  try {
    ticket.resolve(await fail(execution, definition, job, (error as RunFailed).cause, started_at));
  } catch (failure) {
    ticket.reject(failure);
  }
}

async function runTogether(
  execution: Execution,
  definition: AtomicDefinition,
  tenant: string,
  ids: string[],
): Promise<Ran> {
  const started = performance.now();
  const outbox = new Outbox(execution, tenant, `job:${definition.kind}`, null);
  let claims: Claims | undefined;
  let ran: Ran;
  try {
    ran = await inTenant(
      execution.pool,
      tenant,
      async (tx) => {
        outbox.clear();
        claims = await claimJobs(tx, tenant, definition, ids);
        await reach('claim.locked');
        const answered = await handle(execution, definition, tx, ids, claims, outbox);
        await reach('group.midway');
        await conclude(execution, tx, claims, answered, performance.now() - started);
        await reach('commit.before');
        return answered;
      },
      transactionLimit(definition),
    );
  } catch (error) {
    throw claims ? new RunFailed(claims.jobs, error) : error;
  }
  await reach('commit.after');
  outbox.committed();
  const jobs = ran.done.length + ran.failed.length;
  if (jobs > 0)
    execution.events.emit('ran', {
      kind: definition.kind,
      jobs,
      seconds: (performance.now() - started) / 1_000,
    });
  announceDone(execution, ran.done);
  announceUnwanted(execution, claims!);
  dispatchHeads(execution, tenant, orderingKeys([...ran.done, ...claims!.cancelled, ...claims!.switchedOff]));
  return ran;
}

/** Lets the handler answer the claimed jobs; sorts results from outcomes. */
async function handle(
  execution: Execution,
  definition: AtomicDefinition,
  tx: Transaction,
  wanted: readonly string[],
  claims: Claims,
  outbox: Outbox,
): Promise<Ran & { results: Map<string, unknown> }> {
  const answered = {
    done: [] as Claimed[],
    missed: missedOf(wanted, claims),
    failed: [...claims.outcomes],
    results: new Map<string, unknown>(),
  };
  const { jobs } = claims;
  if (jobs.length === 0) return answered;
  const ids = jobs.map(({ id }) => id);
  const answers = await execution.running.within(jobs[0]!.tenant, ids, timeLimit(definition), (signal) =>
    definition.run(tx, jobs, transactionContext(execution, definition, tx, outbox, signal)),
  );
  if (answers.length !== jobs.length) {
    throw new Error(`${definition.kind} answered ${answers.length} of ${jobs.length} jobs.`);
  }
  for (const [index, job] of jobs.entries()) {
    const answer = answers[index];
    if (answer instanceof Outcome) answered.failed.push({ job, outcome: answer });
    else {
      answered.results.set(job.id, definition.result.parse(answer));
      answered.done.push(job);
    }
  }
  return answered;
}

/** Writes down, in the same transaction, what became of every job claimed. */
async function conclude(
  execution: Execution,
  tx: Transaction,
  claims: Claims,
  answered: { done: Claimed[]; results: Map<string, unknown> },
  duration_ms: number,
): Promise<void> {
  await settleUnwanted(tx, claims);
  if (answered.done.length === 0) return;
  await settleDone(
    tx,
    answered.done.map(({ id }) => ({ id, result: answered.results.get(id) })),
  );
  await execution.audit(
    tx,
    answered.done.map((job) => auditLine(job, duration_ms, null)),
  );
}

function missedOf(wanted: readonly string[], claims: Claims): string[] {
  const { jobs, outcomes, switchedOff, cancelled } = claims;
  const got = [...jobs, ...outcomes.map(({ job }) => job), ...switchedOff, ...cancelled];
  const ids = new Set(got.map(({ id }) => id));
  return wanted.filter((id) => !ids.has(id));
}

function orderingKeys(jobs: readonly Claimed[]): string[] {
  return jobs.flatMap(({ ordering_key }) => (ordering_key === null ? [] : [ordering_key]));
}
