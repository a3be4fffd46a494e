/** The counts are at least this fresh … */
const FRESH_MS = 5_000;
/** … unless counting is slow: it may take up at most a twentieth of one connection's time. */
const REST_FACTOR = 20;

/** Counts again when the last count has grown old; a database that is away gives no numbers, not old ones. */
export function rested<Row>(count: () => Promise<readonly Row[]>): () => Promise<readonly Row[]> {
  let latest: Promise<readonly Row[]> | undefined;
  let fresh_until = 0;
  return () => {
    if (latest && performance.now() < fresh_until) return latest;
    const started = performance.now();
    fresh_until = Number.POSITIVE_INFINITY;
    latest = count()
      .catch(() => [])
      .finally(() => {
        const ended = performance.now();
        fresh_until = ended + Math.max(FRESH_MS, (ended - started) * REST_FACTOR);
      });
    return latest;
  };
}
