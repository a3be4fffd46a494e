import { Breaker } from '../../runtime/breaker.ts';
import { Snooze } from '../../runtime/outcomes.ts';
import type { Connected } from '../providers/connections.ts';
import type { Connection } from '../providers/provider.ts';
import { LEFT_ALONE } from './rows.ts';

/** So many failures in a row, whatever the messages, say that the provider is in trouble. */
const FAILURES_MAX = 10;
const OPEN_MS = 2_000;
/**
 * What waits comes back ten a second: a hundred a second of one lender whose provider was away took so much of a
 * worker that the p99 of all others went from 101 to 172 ms.
 */
const SPACING_MS = 100;

/** Of a tenant's connection: what one tenant's account meets says nothing of another's. */
const breakers = new WeakMap<Connection, Breaker>();

export function breakerOf(connection: Connection): Breaker {
  const known =
    breakers.get(connection) ??
    new Breaker({ failures_max: FAILURES_MAX, open_ms: OPEN_MS, spacing_ms: SPACING_MS });
  breakers.set(connection, known);
  return known;
}

/**
 * Passes where one of them may be asked at the moment. Costs one look: no message is worded, and no try begun, for
 * providers that are left alone.
 * @throws Snooze until one may be asked
 */
export function passBreakers(lines: readonly Connected[]): void {
  const waits_ms: number[] = [];
  for (const { connection } of lines) {
    const wait_ms = breakerOf(connection).turnAway();
    if (wait_ms === 0) return;
    waits_ms.push(wait_ms);
  }
  if (waits_ms.length === 0) return;
  const names = lines.map(({ provider }) => provider.name).join(' and ');
  throw new Snooze(LEFT_ALONE, `${names} failed too often.`, Math.min(...waits_ms));
}
