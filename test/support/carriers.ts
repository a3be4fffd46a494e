import { ownRedisUrl } from './redis.ts';

export interface CarrierUnderTest {
  name: 'redis' | 'postgres';
  redisUrl: string | undefined;
  /** Why it cannot be tested here, or undefined. */
  missing: string | undefined;
}

/** Both carriers, so that one suite runs over each; a carrier that is not to be had is skipped by name. */
export function carriers(): CarrierUnderTest[] {
  const redisUrl = ownRedisUrl();
  return [
    { name: 'postgres', redisUrl: undefined, missing: undefined },
    {
      name: 'redis',
      redisUrl: redisUrl ?? undefined,
      missing: redisUrl ? undefined : 'no redis-server on PATH, REDIS_URL unset',
    },
  ];
}
