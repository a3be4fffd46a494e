import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until `check` answers something other than undefined, false or null, and returns it.
 * @throws Error naming what was waited for, when `timeout_ms` has passed.
 */
export async function until<T>(
  what: string,
  check: () => Promise<T> | T,
  timeout_ms = 40_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeout_ms;
  for (;;) {
    const answer = await check();
    if (answer !== undefined && answer !== false && answer !== null) return answer as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`Waited ${timeout_ms} ms in vain until ${what}.`);
    await pause(10);
  }
}
