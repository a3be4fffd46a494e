import { LRUCache } from 'lru-cache';
import type { Pool } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import type { SecretBox } from '../../secrets/secret-box.ts';
import { type WebhookSecrets, webhookSecrets } from '../gateway/accounts.ts';

const ACCOUNTS_MAX = 1_000;
const STRANGERS_MAX = 10_000;
/** Nobody has an account read more often, whatever he sends. */
const READ_AGAIN_MS = 1_000;
const READS_AT_ONCE_MAX = 4;

export interface AccountName {
  tenant: string;
  gateway: string;
}

/** More accounts are asked for at once than are looked up; it passes. */
export class TooManyReads extends Error {
  override name = 'TooManyReads';
}

interface Kept {
  secrets: WebhookSecrets;
  read_at_ms: number;
}

/**
 * The webhook secrets of accounts, kept in this process so that a callback costs no read of its own.
 *
 * What is kept may be old, and does no harm: whoever goes by it stores its callback on condition that the
 * account still has the version it was read at (storeCallbacks), so a disabled account and a secret taken away
 * count at once, in every process. A new secret is unknown here until a signature fits none of those kept: then
 * the account is read again, at most once in READ_AGAIN_MS. That there is no account is kept for so long.
 */
export class KnownSecrets {
  readonly #pool: Pool;
  readonly #box: SecretBox;
  readonly #known = new LRUCache<string, Kept>({ max: ACCOUNTS_MAX });
  readonly #strangers = new LRUCache<string, true>({ max: STRANGERS_MAX, ttl: READ_AGAIN_MS });
  readonly #reads = new Map<string, Promise<WebhookSecrets | null>>();

  constructor({ pool, box }: { pool: Pool; box: SecretBox }) {
    this.#pool = pool;
    this.#box = box;
  }

  /** Null where there is no such account, or a disabled one. @throws TooManyReads */
  async of(account: AccountName): Promise<WebhookSecrets | null> {
    const name = nameOf(account);
    if (this.#strangers.has(name)) return null;
    return this.#known.get(name)?.secrets ?? this.#read(account);
  }

  /**
   * As `of`, after a signature fitted none of those kept; null where they were read a moment ago.
   * @throws TooManyReads
   */
  async newer(account: AccountName): Promise<WebhookSecrets | null> {
    const kept = this.#known.peek(nameOf(account));
    if (kept && performance.now() - kept.read_at_ms < READ_AGAIN_MS) return null;
    return this.#read(account);
  }

  /** They are not what they were. */
  forget(account: AccountName): void {
    this.#known.delete(nameOf(account));
  }

  /** Those who ask for one account at once share one read. */
  #read(account: AccountName): Promise<WebhookSecrets | null> {
    const name = nameOf(account);
    const under_way = this.#reads.get(name);
    if (under_way) return under_way;
    if (this.#reads.size >= READS_AT_ONCE_MAX) return Promise.reject(new TooManyReads());
    const reading = this.#readNow(account).finally(() => this.#reads.delete(name));
    this.#reads.set(name, reading);
    return reading;
  }

  async #readNow(account: AccountName): Promise<WebhookSecrets | null> {
    const read_at_ms = performance.now();
    const secrets = await inTenant(this.#pool, account.tenant, (tx) =>
      webhookSecrets(tx, this.#box, account),
    );
    const name = nameOf(account);
    if (secrets) this.#known.set(name, { secrets, read_at_ms });
    else {
      this.#known.delete(name);
      this.#strangers.set(name, true);
    }
    return secrets;
  }
}

function nameOf({ tenant, gateway }: AccountName): string {
  return `${tenant}/${gateway}`;
}
