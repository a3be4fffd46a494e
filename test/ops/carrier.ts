import { createPostgresBackend, Queue, type QueueOptions, UnrecoverableError, Worker } from 'bullmq';
import { createEvents } from '../../src/runtime/events.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { ownRedisUrl } from '../support/redis.ts';

export const REDIS_CARRIER = 'Redis';
export const POSTGRES_CARRIER = "BullMQ's Postgres backend";

/** The carriers that can be had here, by name, for describe.each; a missing Redis is skipped by name. */
export const carriers = [
  { carrier: REDIS_CARRIER, missing: ownRedisUrl() === null },
  { carrier: POSTGRES_CARRIER, missing: false },
];

/** One working queue `payouts` with its dead letters, and a stand-in for the runtime's dead-letter worker. */
export async function openCarrier(carrier: string, databaseUrl: string) {
  const onRedis = carrier === REDIS_CARRIER;
  const options = (
    onRedis
      ? { connection: { url: ownRedisUrl()! }, prefix: `{ops${Math.random().toString(36).slice(2)}}` }
      : { connection: { connectionString: databaseUrl, options: '-c role=kist_carrier', max: 4 } }
  ) as QueueOptions;
  const backend = onRedis ? undefined : createPostgresBackend;
  const payouts = new Queue('payouts', options, backend as never);
  const dead = new Queue('payouts-dead', options, backend as never);
  const redriven: string[] = [];
  const buried = new Worker(
    'payouts-dead',
    async (entry) => {
      if (entry.attemptsStarted <= 1)
        throw new UnrecoverableError(`${entry.data.code}: ${entry.data.message}`);
      redriven.push(`${entry.data.id} by ${entry.data.asked_by}`);
    },
    { ...options, drainDelay: 1 },
    backend as never,
  );
  payouts.on('error', () => {});
  dead.on('error', () => {});
  buried.on('error', () => {});
  const runtime: Pick<Runtime, 'carrierQueues' | 'events'> = {
    events: createEvents(),
    carrierQueues: () => [
      { queue: payouts, definitions: [], dead: false },
      { queue: dead, definitions: [], dead: true },
    ],
  };
  return {
    runtime,
    payouts,
    dead,
    redriven,
    /** Puts a dead job's entry where the runtime would. */
    bury: (id: string, more: Record<string, unknown> = {}) =>
      dead.add(
        'loan.disburse',
        {
          tenant: 'acme',
          id,
          kind: 'loan.disburse',
          key: 'loan-7/disburse',
          attempts: 5,
          code: 'gateway-down',
          message: 'The payment gateway did not answer.',
          ...more,
        },
        { jobId: `${id}-1` },
      ),
    close: async () => {
      await buried.close(true);
      await Promise.all([payouts.close(), dead.close()]);
    },
  };
}
