import { setTimeout as pause } from 'node:timers/promises';
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { systemClock } from '../../src/calendar/clock.ts';
import { openPool } from '../../src/db/pools.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { recordAuditIn } from '../../src/identity/audit.ts';
import { disburseLoans } from '../../src/loans/disbursal.ts';
import { takeRepayments } from '../../src/loans/repayment.ts';
import { auditRow } from './effect.ts';
import { answer, Meter, ready, stopWith, task } from './ipc.ts';

/**
 * graphile-worker at its best batched setting (local queue of 500, completions batched without delay, 24
 * at once), running the same effect: one transaction a job.
 */
const {
  databaseUrl,
  tenant,
  loans,
  effect = 'disburse',
  per_second,
} = await task<{
  databaseUrl: string;
  tenant: string;
  loans: string[];
  /** What is done to each loan. */
  effect?: 'disburse' | 'repay';
  /** Set: jobs arrive at this rate while the worker runs, without local queue, and latencies are answered. */
  per_second?: number;
}>();
const CONCURRENCY = 24;
const batched = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const pool = await openPool(databaseUrl, { role: 'kist_app', connections_max: CONCURRENCY });
const logger = new Logger(() => () => {});
const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger });
await utils.migrate();
if (!per_second) await utils.addJobs(loans.map((loan) => ({ identifier: 'work', payload: { loan } })));

const meter = new Meter(loans.length);
const added = new Map<string, number>();
const latencies_ms: number[] = [];
ready();
const runner = await run({
  connectionString: databaseUrl,
  logger,
  concurrency: CONCURRENCY,
  noHandleSignals: true,
  maxPoolSize: 10,
  preset: { worker: per_second ? {} : batched },
  taskList: { work: (payload) => work((payload as { loan: string }).loan) },
});
runner.events.on('job:success', ({ job }) => {
  const since = added.get((job.payload as { loan: string }).loan);
  if (since !== undefined) latencies_ms.push(performance.now() - since);
  const rate = meter.add(1);
  if (rate !== undefined) answer({ rate, latencies_ms });
});
stopWith(async () => {
  await runner.stop();
  await utils.release();
  await pool.end();
});
if (per_second) await arrive(per_second);

async function work(loan: string): Promise<void> {
  await inTenant(pool, tenant, async (tx) => {
    if (effect === 'disburse') await disburseLoans(tx, tenant, systemClock, [loan]);
    else
      await takeRepayments(tx, tenant, { clock: systemClock, accept: async () => {} }, [repaymentOf(loan)]);
    await recordAuditIn(tx, [auditRow(loan)]);
  });
}

function repaymentOf(loan: string) {
  return { loan, amount: '1000.00', currency: 'INR', reference: loan, source: 'collection' as const };
}

async function arrive(rate: number): Promise<void> {
  const started = performance.now();
  for (const [index, loan] of loans.entries()) {
    const due = started + (index * 1_000) / rate;
    if (due > performance.now()) await pause(due - performance.now());
    added.set(loan, performance.now());
    void utils.addJob('work', { loan });
  }
}
