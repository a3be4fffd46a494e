import type { Store, Table } from '../store.ts';
import { badRequest, DIFFERENT_BODY } from './errors.ts';
import { fingerprint } from './identifiers.ts';

/** Which idempotency key made what, from which bytes. */
export class Repeats {
  readonly #keys: Table<{ id: string; body: string; made: string }>;

  /** @param table where they are kept */
  constructor(store: Store, table: string) {
    this.#keys = store.table(table);
  }

  /** The id of what the key made; null for a new one. @throws GatewayError 400 where the body was another one */
  madeBy(key: string, raw: string): string | null {
    const known = this.#keys.get(key);
    if (known && known.body !== fingerprint(raw)) throw badRequest(DIFFERENT_BODY);
    return known?.made ?? null;
  }

  keep(key: string, raw: string, made: string): void {
    this.#keys.put({ id: key, body: fingerprint(raw), made });
  }
}
