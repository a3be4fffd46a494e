import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { fastify } from 'fastify';
import { Redis } from 'ioredis';
import { answer, Meter, ready, stopWith, task } from './ipc.ts';

/** BullMQ alone, as its users would write it, to compare with. */
const given = await task<{
  what: 'add-bulk' | 'http-add' | 'postgres-noop';
  redisUrl: string;
  databaseUrl: string;
  payloads: object[];
  in_flight?: number;
  count?: number;
}>();
const BULK = 500;
const forgotten = { removeOnComplete: true, removeOnFail: true };

if (given.what === 'add-bulk') await addBulk();
else if (given.what === 'http-add') await httpAdd();
else await postgresNoop();

async function addBulk(): Promise<void> {
  const { payloads, in_flight = 1 } = given;
  const queue = new Queue('raw', { connection: new Redis(given.redisUrl, { maxRetriesPerRequest: null }) });
  await queue.waitUntilReady();
  await queue.obliterate({ force: true });
  stopWith(() => queue.close());
  ready();
  const meter = new Meter(payloads.length);
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < payloads.length) {
      const some = payloads.slice(next, next + BULK);
      next += BULK;
      await queue.addBulk(some.map((data) => ({ name: 'wallet.deposit', data, opts: forgotten })));
      const rate = meter.add(some.length);
      if (rate !== undefined) answer({ rate });
    }
  };
  await Promise.all(Array.from({ length: in_flight }, loop));
}

async function httpAdd(): Promise<void> {
  const connection = new Redis(given.redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('raw-http', { connection });
  await queue.waitUntilReady();
  const app = fastify();
  app.post('/jobs', async (request, reply) => {
    const job = await queue.add('wallet.deposit', request.body as object, forgotten);
    return reply.code(202).send({ id: job.id });
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  stopWith(() => app.close());
  ready({ url });
}

async function postgresNoop(): Promise<void> {
  const connection = { connectionString: given.databaseUrl, max: 20 };
  const queue = new Queue('noop', { connection }, createPostgresBackend);
  const count = given.count!;
  for (let start = 0; start < count; start += BULK) {
    const some = Math.min(BULK, count - start);
    await queue.addBulk(Array.from({ length: some }, () => ({ name: 'noop', data: {}, opts: forgotten })));
  }
  const meter = new Meter(count);
  ready();
  const worker = new Worker(
    'noop',
    async () => null,
    { connection, concurrency: 100 },
    createPostgresBackend,
  );
  worker.on('completed', () => {
    const rate = meter.add(1);
    if (rate !== undefined) answer({ rate });
  });
  stopWith(async () => {
    await worker.close();
    await queue.close();
  });
}
