import { Redis } from 'ioredis';
import { inject } from 'vitest';

/** A Redis has sixteen numbered databases unless told otherwise; number 0 is left to whoever owns it. */
const DATABASES = 15;

/**
 * The run's Redis, in a numbered database that no other test file uses at the same time: files run side
 * by side, and one that empties the carrier must not empty another's. Null where there is no Redis.
 */
export function ownRedisUrl(): string | null {
  const server = inject('redisUrl');
  if (server === null) return null;
  const url = new URL(server);
  url.pathname = `/${1 + (Number(process.env.VITEST_POOL_ID ?? 0) % DATABASES)}`;
  return url.toString();
}

/** Empties the numbered database that the address names, and no other. */
export async function emptyRedis(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl);
  await redis.flushdb();
  redis.disconnect();
}
