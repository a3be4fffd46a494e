import { disburseOn } from '../aged.ts';
import { compared, inTurn, type Measure, type Plan } from '../measure.ts';
import { acceptJobs, type Lender, openLender, TENANT } from '../portfolio.ts';
import { type Servers, startChild, startServers } from '../servers.ts';

const PRODUCT = 'personal-loan';
const BATCH = 500;
const AMOUNT = '1000.00';

/** Loans paid out today, by the clock that the workers go by, to be repaid in part. */
async function loansToRepay(lender: Lender, count: number): Promise<string[]> {
  const loans: string[] = [];
  const today = new Date().toISOString().slice(0, 10);
  while (loans.length < count) {
    const size = Math.min(BATCH, count - loans.length);
    loans.push(...(await disburseOn(lender.pool, today, { count: size, product: PRODUCT, months: 12 })));
  }
  return loans;
}

async function rateOf(child: string, task: Record<string, unknown>): Promise<number> {
  const process = await startChild<{ rate: number }>(child, task);
  try {
    return (await process.answer).rate;
  } finally {
    await process.stop();
  }
}

async function kistRepays(servers: Servers, lender: Lender, count: number): Promise<number> {
  const { databaseUrl, redisUrl } = servers;
  const loans = await loansToRepay(lender, count);
  const requests = loans.map((loan) => ({
    kind: 'loan.repay',
    payload: { loan, amount: AMOUNT, currency: 'INR', reference: loan, source: 'collection' },
  }));
  await acceptJobs(servers, redisUrl, requests);
  return rateOf('worker', { databaseUrl, redisUrl, expected: count, queue: 'repayments' });
}

/** Repayments from the queue, the score moving behind them, against one transaction a job. */
export async function repayOnRedis(plan: Plan): Promise<Measure[]> {
  const servers = await startServers();
  const lender = await openLender(servers);
  try {
    const kist = () => kistRepays(servers, lender, plan.jobs);
    const rival = async () =>
      rateOf('graphile', {
        ...{ databaseUrl: servers.databaseUrl, tenant: TENANT, effect: 'repay' },
        loans: await loansToRepay(lender, plan.jobs),
      });
    await kistRepays(servers, lender, BATCH);
    const { a, b } = await inTurn(plan.rounds, kist, rival);
    const against = { name: 'graphile-worker, batched local queue', values: b };
    return [compared('repay-redis-vs-graphile', 'jobs/s', a, against, 2)];
  } finally {
    await lender.close();
    await servers.stop();
  }
}
