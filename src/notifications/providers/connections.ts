import { LRUCache } from 'lru-cache';
import type { Transaction } from '../../db/pools.ts';
import type { SecretBox } from '../../secrets/secret-box.ts';
import type { Channel } from '../channels.ts';
import { openSealed, type SealedAccount, sealedAccounts } from './accounts.ts';
import type { Connection, Provider } from './provider.ts';
import type { Providers } from './providers.ts';

const TENANTS_MAX = 200;
const IDLE_MS = 60 * 60_000;
const SWEEP_MS = 60_000;

/** A provider of a tenant's, ready to send. */
export interface Connected<C extends Channel = Channel> {
  provider: Provider<C>;
  connection: Connection<C>;
}

export interface ConnectionsOptions {
  providers: Providers;
  box: SecretBox;
  /** Counts on, whatever the time of day; default performance.now. */
  now_ms?: () => number;
}

interface Kept {
  account: SealedAccount;
  connection: Connection;
}

/**
 * Connections of tenants to their providers, kept in this process for TENANTS_MAX tenants, those who sent last, and
 * while they send: after IDLE_MS the credentials are forgotten.
 *
 * The rows are read for every send, and what is kept counts only while its row is the same: a change counts from
 * the next send on, in every process. Connecting waits for nothing, so those who come at once find one connection.
 */
export class Connections {
  readonly #providers: Providers;
  readonly #box: SecretBox;
  /** By tenant; of each by channel and provider. */
  readonly #kept: LRUCache<string, Map<string, Kept>>;
  readonly #sweeping: NodeJS.Timeout;

  constructor({ providers, box, now_ms = () => performance.now() }: ConnectionsOptions) {
    this.#providers = providers;
    this.#box = box;
    this.#kept = new LRUCache({
      max: TENANTS_MAX,
      ttl: IDLE_MS,
      ttlResolution: 0,
      updateAgeOnGet: true,
      perf: { now: now_ms },
      dispose: closeAll,
    });
    this.#sweeping = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  /**
   * The tenant's providers of a channel in the order in which it wants them tried; none where it has none enabled.
   * @throws Error where credentials were sealed with a key that is not here
   */
  async open<C extends Channel>(tx: Transaction, tenant: string, channel: C): Promise<Connected<C>[]> {
    const accounts = await sealedAccounts(tx, channel);
    const kept = this.#of(tenant);
    const names = new Set(accounts.map(({ provider }) => provider));
    for (const provider of this.#providers[channel].keys()) {
      if (!names.has(provider)) drop(kept, nameOf(channel, provider));
    }
    return accounts.flatMap((account) => {
      const provider = this.#providers[channel].get(account.provider);
      if (!provider) return [];
      return [{ provider, connection: this.#connect(kept, { tenant, channel }, provider, account) }];
    });
  }

  /** Lets go of what was idle for too long. */
  sweep(): void {
    this.#kept.purgeStale();
  }

  /** Lets go of all; sends under way come to their end. */
  close(): void {
    clearInterval(this.#sweeping);
    this.#kept.clear();
  }

  #of(tenant: string): Map<string, Kept> {
    const known = this.#kept.get(tenant);
    if (known) return known;
    const fresh = new Map<string, Kept>();
    this.#kept.set(tenant, fresh);
    return fresh;
  }

  #connect<C extends Channel>(
    kept: Map<string, Kept>,
    owner: { tenant: string; channel: C },
    provider: Provider<C>,
    account: SealedAccount,
  ): Connection<C> {
    const name = nameOf(owner.channel, provider.name);
    const known = kept.get(name);
    if (known && isSame(known.account, account)) return known.connection as Connection<C>;
    drop(kept, name);
    const credentials = provider.credentials.parse(openSealed(this.#box, owner, account));
    const connection = provider.connect(credentials);
    kept.set(name, { account, connection });
    return connection;
  }
}

/** One that was removed and set anew has its first version again: it was sealed anew, too. */
function isSame(one: SealedAccount, other: SealedAccount): boolean {
  return one.version === other.version && one.credentials.equals(other.credentials);
}

function drop(kept: Map<string, Kept>, name: string): void {
  kept.get(name)?.connection.close?.();
  kept.delete(name);
}

function closeAll(kept: Map<string, Kept>): void {
  for (const { connection } of kept.values()) connection.close?.();
}

function nameOf(channel: Channel, provider: string): string {
  return `${channel}/${provider}`;
}
