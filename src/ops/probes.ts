import type { Queue } from 'bullmq';
import { sql } from 'slonik';
import type { Pool } from '../db/pools.ts';

const PROBE_MS_MAX = 2_000;

/** True when the database answers within two seconds. */
export function probeDatabase(pool: Pool): Promise<boolean> {
  return answers(async () => {
    await pool.query(sql.unsafe`SELECT`);
  });
}

/** True when the carrier answers within two seconds, on either backend. */
export function probeCarrier(queue: Queue): Promise<boolean> {
  return answers(() => queue.isPaused());
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, PROBE_MS_MAX, false);
  });
  const answer = ask().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
