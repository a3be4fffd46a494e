import { Breaker } from '../../runtime/breaker.ts';
import type { Connection } from '../providers/provider.ts';

/** So many failures in a row, whatever the messages, say that the provider is in trouble. */
const FAILURES_MAX = 10;
const OPEN_MS = 2_000;

/** Of a tenant's connection: what one tenant's account meets says nothing of another's. */
const breakers = new WeakMap<Connection, Breaker>();

export function breakerOf(connection: Connection): Breaker {
  const known = breakers.get(connection) ?? new Breaker({ failures_max: FAILURES_MAX, open_ms: OPEN_MS });
  breakers.set(connection, known);
  return known;
}
