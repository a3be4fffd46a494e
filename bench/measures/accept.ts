import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import { compared, inTurn, type Measure, type Plan } from '../measure.ts';
import { type Lender, openLender } from '../portfolio.ts';
import { type Servers, startChild, startServers } from '../servers.ts';

interface Rate {
  rate: number;
}

const BATCH = 500;
const QUEUE = 'wallets';

/** Accepting over HTTP: in batches, and one by one; against BullMQ's own adds on the same Redis. */
export async function accepting(plan: Plan): Promise<Measure[]> {
  const servers = await startServers();
  const lender = await openLender(servers);
  const api = await startChild('api', { databaseUrl: servers.databaseUrl, redisUrl: servers.redisUrl });
  const url = api.ready.url as string;
  try {
    return [await inBatches(plan, servers, lender, url), await oneByOne(plan, servers, lender, url)];
  } finally {
    await api.stop();
    await lender.close();
    await servers.stop();
  }
}

async function inBatches(plan: Plan, servers: Servers, lender: Lender, url: string): Promise<Measure> {
  const jobs = plan.jobs * 2;
  const token = await lender.token();
  const batches = () =>
    chunks(payloads(jobs)).map((some) =>
      JSON.stringify({ jobs: some.map((payload) => ({ kind: 'wallet.deposit', payload })) }),
    );
  const kist = async () => {
    const dispatched = await watchDispatch(servers.redisUrl!, jobs);
    const load = { url, path: '/v1/jobs', token, bodies: batches(), connections: 4, jobs_per_request: BATCH };
    await answerOf('http-load', load);
    return dispatched();
  };
  const raw = async () => {
    const rates = [];
    for (const in_flight of [1, 4]) {
      const task = { what: 'add-bulk', redisUrl: servers.redisUrl, payloads: payloads(jobs), in_flight };
      rates.push((await answerOf('raw-bullmq', task)).rate);
    }
    return Math.max(...rates);
  };
  await kist();
  const { a, b } = await inTurn(plan.rounds, kist, raw);
  return compared(
    'accept-batches-vs-addbulk',
    'jobs/s',
    a,
    { name: 'BullMQ addBulk of 500, no HTTP', values: b },
    0.7,
  );
}

async function oneByOne(plan: Plan, servers: Servers, lender: Lender, url: string): Promise<Measure> {
  const token = await lender.token();
  const load = async (to: string, path: string) => {
    const bodies = payloads(plan.jobs).map((payload) => JSON.stringify({ payload }));
    return (
      await answerOf('http-load', { url: to, path, token, bodies, connections: 64, jobs_per_request: 1 })
    ).rate;
  };
  const raw = async () => {
    const server = await startChild('raw-bullmq', { what: 'http-add', redisUrl: servers.redisUrl });
    const rate = await load(server.ready.url as string, '/jobs');
    await server.stop();
    return rate;
  };
  const { a, b } = await inTurn(plan.rounds, () => load(url, '/v1/jobs/wallet.deposit'), raw);
  return compared(
    'accept-singly-vs-add',
    'jobs/s',
    a,
    { name: 'BullMQ add behind fastify, no login', values: b },
    0.5,
  );
}

/** Counts what reaches the carrier. @returns the rate from the first job accepted to the last dispatched */
async function watchDispatch(redisUrl: string, jobs: number): Promise<() => Promise<number>> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue(QUEUE, { connection, prefix: `kist:{${QUEUE}}` });
  const before = await queue.getWaitingCount();
  const warm = before + jobs / 10;
  const timing = (async () => {
    let started = { at: 0, count: 0 };
    for (;;) {
      const count = await queue.getWaitingCount();
      if (started.at === 0 && count >= warm) started = { at: performance.now(), count };
      if (count >= before + jobs) return ((count - started.count) / (performance.now() - started.at)) * 1_000;
      await pause(2);
    }
  })();
  return async () => {
    const rate = await timing;
    await queue.close();
    connection.disconnect();
    return rate;
  };
}

async function answerOf(child: string, task: Record<string, unknown>): Promise<Rate> {
  const process = await startChild<Rate & { refused?: number }>(child, task);
  try {
    const answer = await process.answer;
    if (answer.refused) throw new Error(`${answer.refused} requests were refused.`);
    return answer;
  } finally {
    await process.stop();
  }
}

function payloads(count: number) {
  const wallet = uuidv7();
  return Array.from({ length: count }, () => ({
    wallet,
    amount: '100.00',
    currency: 'INR',
    reference: uuidv7(),
  }));
}

function chunks<T>(items: T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );
}
