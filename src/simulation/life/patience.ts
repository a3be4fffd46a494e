/** So long without any progress, and the run is stuck: that is a finding. */
export const STUCK_MS = 60_000;

/** Nothing moves any more; the message says what is waited for. */
export class Stuck extends Error {
  override name = 'Stuck';
}

const POLL_MS = 15;

/**
 * Asks until the answer is null, for as long as the answers change: an answer says what is still waited for.
 * @throws Stuck with the last answer
 */
export async function waitOut(ask: () => Promise<string | null>): Promise<void> {
  let last: string | null = '';
  let since = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer === null) return;
    if (answer !== last) since = performance.now();
    last = answer;
    if (performance.now() - since > STUCK_MS)
      throw new Stuck(`No progress for ${STUCK_MS / 1_000} s: ${last}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Works on all items, so many at once; ends with the first error. */
export async function together<T>(
  items: readonly T[],
  at_once: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next]!;
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(at_once, items.length) }, lane));
}
