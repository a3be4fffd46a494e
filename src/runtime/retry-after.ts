/** What an HTTP answer's Retry-After asks for: seconds or a date, in ms from now, never more than the bound. */
export function retryAfterMs(header: string | null | undefined, after_ms_max: number): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), after_ms_max);
}
