import { LRUCache } from 'lru-cache';

const TENANT = /^[a-z][a-z0-9-]{0,30}$/;
const OWNERS_MAX = 1_000;
const STRANGERS_MAX = 10_000;
/** Nobody has secrets read more often, whatever he sends. */
const READ_AGAIN_MS = 1_000;
const READS_AT_ONCE_MAX = 4;

/** Whose secrets: a tenant's with one that tells it something. */
export interface SecretsOwner {
  tenant: string;
  party: string;
}

/** More secrets are asked for at once than are looked up; it passes. */
export class TooManyReads extends Error {
  override name = 'TooManyReads';
}

interface Kept<Secrets> {
  secrets: Secrets;
  read_at_ms: number;
}

/**
 * The secrets that callers from outside prove themselves by, kept in this process so that a call costs no read of
 * its own.
 *
 * What is kept may be old, and does no harm: whoever goes by it stores what came on condition that the secrets
 * still have the version they were read at, so secrets taken away count at once, in every process. A new secret is
 * unknown here until what came fits none of those kept: then they are read again, at most once in READ_AGAIN_MS.
 * That there are none is kept for so long.
 */
export class KnownSecrets<Secrets extends object> {
  readonly #readFrom: (owner: SecretsOwner) => Promise<Secrets | null>;
  readonly #known = new LRUCache<string, Kept<Secrets>>({ max: OWNERS_MAX });
  readonly #strangers = new LRUCache<string, true>({ max: STRANGERS_MAX, ttl: READ_AGAIN_MS });
  readonly #reads = new Map<string, Promise<Secrets | null>>();

  /** @param readFrom null where there are none */
  constructor(readFrom: (owner: SecretsOwner) => Promise<Secrets | null>) {
    this.#readFrom = readFrom;
  }

  /**
   * What `fits` finds in an owner's secrets; where it finds nothing in those kept, in newer ones. It is asked where
   * there are none as well (null): whoever comes for an owner that is not there waits as long.
   * @throws TooManyReads
   */
  async find<Found>(
    owner: SecretsOwner,
    fits: (secrets: Secrets | null) => Found | null,
  ): Promise<Found | null> {
    const kept = TENANT.test(owner.tenant) ? await this.#of(owner) : null;
    const found = fits(kept);
    if (found !== null || kept === null) return found;
    const newer = await this.#newer(owner);
    return newer && fits(newer);
  }

  /** They are not what they were. */
  forget(owner: SecretsOwner): void {
    this.#known.delete(nameOf(owner));
  }

  async #of(owner: SecretsOwner): Promise<Secrets | null> {
    const name = nameOf(owner);
    if (this.#strangers.has(name)) return null;
    return this.#known.get(name)?.secrets ?? this.#read(owner);
  }

  /** Null where they were read a moment ago. */
  async #newer(owner: SecretsOwner): Promise<Secrets | null> {
    const kept = this.#known.peek(nameOf(owner));
    if (kept && performance.now() - kept.read_at_ms < READ_AGAIN_MS) return null;
    return this.#read(owner);
  }

  /** Those who ask for the same at once share one read. */
  #read(owner: SecretsOwner): Promise<Secrets | null> {
    const name = nameOf(owner);
    const under_way = this.#reads.get(name);
    if (under_way) return under_way;
    if (this.#reads.size >= READS_AT_ONCE_MAX) return Promise.reject(new TooManyReads());
    const reading = this.#readNow(owner).finally(() => this.#reads.delete(name));
    this.#reads.set(name, reading);
    return reading;
  }

  async #readNow(owner: SecretsOwner): Promise<Secrets | null> {
    const read_at_ms = performance.now();
    const secrets = await this.#readFrom(owner);
    const name = nameOf(owner);
    if (secrets) this.#known.set(name, { secrets, read_at_ms });
    else {
      this.#known.delete(name);
      this.#strangers.set(name, true);
    }
    return secrets;
  }
}

function nameOf({ tenant, party }: SecretsOwner): string {
  return `${tenant}/${party}`;
}
