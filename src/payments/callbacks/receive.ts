import { randomBytes } from 'node:crypto';
import { inTenant } from '../../db/transaction.ts';
import { SharedCommits } from '../../runtime/shared-commits.ts';
import type { Runtime } from '../../runtime/types.ts';
import { KnownSecrets, type SecretsOwner } from '../../secrets/known-secrets.ts';
import type { SecretBox } from '../../secrets/secret-box.ts';
import { type WebhookSecrets, webhookSecrets } from '../gateway/accounts.ts';
import type { Gateway, Headers } from '../gateway/gateway.ts';
import { type Stored, storeCallbacks, type Told } from './rows.ts';

/** One request of a gateway's, as it came. */
export interface Callback {
  tenant: string;
  gateway: string;
  body: Buffer;
  headers: Headers;
}

/**
 * - `stored`: it is kept, and the job that applies it accepted.
 * - `known`: it was told before.
 * - `refused`: signed by nobody we know; which part is wrong, nobody is told.
 * - `no-event-id`: signed, but nameless: it could not be told from its repeats.
 */
export type Received = 'stored' | 'known' | 'refused' | 'no-event-id';

declare module '../../runtime/events.ts' {
  interface RuntimeEventMap {
    /** `gateway`: `unknown` where there is none of this name. */
    'callback-received': [{ gateway: string; received: Received }];
  }
}

export const APPLY_KIND = 'payments.apply-callback';
/** Who accepts the jobs. */
const ACTOR = 'callback';
/** Events stored in one transaction. */
const GROUP_MAX = 200;
/** How often the account may change under a callback that comes. */
const TRIES_MAX = 3;
/** Signs nothing: what comes for an account that is not there is checked as well, and takes as long. */
const NOBODY: WebhookSecrets = { version: 0, present: randomBytes(32).toString('hex'), former: null };

/** What may be kept as text, and serve as a name. */
const TYPE = /^[\w.-]{1,100}$/;
const OBJECT = /^[\x21-\x7e]{1,100}$/;
const UNREADABLE = 'unreadable';

/**
 * Takes callbacks: checks their signature, stores each once, and accepts its job in the same transaction.
 * Concurrent ones of a tenant share a transaction.
 */
export class CallbackReceiver {
  readonly #runtime: Runtime;
  readonly #gateways: ReadonlyMap<string, Gateway>;
  readonly #secrets: KnownSecrets<WebhookSecrets>;
  readonly #commits: SharedCommits<Told, Stored>;

  constructor(parts: { runtime: Runtime; gateways: ReadonlyMap<string, Gateway>; box: SecretBox }) {
    this.#runtime = parts.runtime;
    this.#gateways = parts.gateways;
    this.#secrets = new KnownSecrets(({ tenant, party: gateway }) =>
      inTenant(parts.runtime.pool, tenant, (tx) => webhookSecrets(tx, parts.box, { tenant, gateway })),
    );
    this.#commits = new SharedCommits({
      commit: (tenant, told) => this.#commit(tenant, told),
      rows_max: GROUP_MAX,
    });
  }

  /** @throws TooManyReads, or what the database throws: the gateway will tell it again */
  async receive(callback: Callback): Promise<Received> {
    const gateway = this.#gateways.get(callback.gateway);
    const received = gateway ? await this.#take(gateway, callback) : 'refused';
    this.#runtime.events.emit('callback-received', { gateway: gateway?.name ?? 'unknown', received });
    return received;
  }

  async #take(gateway: Gateway, callback: Callback): Promise<Received> {
    for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
      const signer = await this.#signer(gateway, callback);
      if (!signer) return 'refused';
      const event_id = gateway.eventId(callback.headers);
      if (event_id === null) return 'no-event-id';
      const told = { gateway: gateway.name, event_id, body: callback.body, ...signer };
      const { status } = await this.#commits.submit(callback.tenant, {
        ...told,
        ...summaryOf(gateway, callback.body),
      });
      if (status !== 'outdated') return status;
      this.#secrets.forget(ownerOf(callback));
    }
    return 'refused';
  }

  #signer(gateway: Gateway, callback: Callback): Promise<Pick<Told, 'signed_with' | 'version'> | null> {
    return this.#secrets.find(ownerOf(callback), (secrets) =>
      signerAmong(secrets ?? NOBODY, gateway, callback),
    );
  }

  #commit(tenant: string, told: readonly Told[]): Promise<Stored[]> {
    return this.#runtime.transact(tenant, ACTOR, async (tx, accept) => {
      const stored = await storeCallbacks(tx, told);
      const jobs = stored.flatMap((each, place) => {
        if (each.status !== 'stored') return [];
        const { gateway, object } = told[place]!;
        return { kind: APPLY_KIND, payload: { callback: each.id, gateway, object } };
      });
      if (jobs.length > 0) await accept(jobs);
      return stored;
    });
  }
}

function ownerOf({ tenant, gateway }: Callback): SecretsOwner {
  return { tenant, party: gateway };
}

function signerAmong(
  { version, present, former }: WebhookSecrets,
  gateway: Gateway,
  { body, headers }: Callback,
): Pick<Told, 'signed_with' | 'version'> | null {
  if (gateway.isSigned(body, headers, present)) return { signed_with: 'present', version };
  const is_good = former !== null && former.until.getTime() > Date.now();
  if (is_good && gateway.isSigned(body, headers, former.secret)) return { signed_with: 'former', version };
  return null;
}

/** What it is about, as far as that can be read; what cannot is stored all the same, for people. */
function summaryOf(gateway: Gateway, body: Buffer): Pick<Told, 'type' | 'object'> {
  try {
    const { type, pictures } = gateway.readEvent(body.toString());
    const object = pictures[0]?.id ?? null;
    return {
      type: TYPE.test(type) ? type : UNREADABLE,
      object: object !== null && OBJECT.test(object) ? object : null,
    };
  } catch {
    return { type: UNREADABLE, object: null };
  }
}
