import { timingSafeEqual } from 'node:crypto';
import { GatewayError } from './errors.ts';
import type { GatewayAccount, WebhookTarget } from './settings.ts';

/** The lenders' accounts with the gateway. */
export class Accounts {
  readonly #byId = new Map<string, GatewayAccount>();
  readonly #byKey = new Map<string, GatewayAccount>();

  constructor(accounts: readonly GatewayAccount[]) {
    for (const account of accounts) this.add(account);
  }

  /** @throws RangeError where the id or the key is another account's */
  add(account: GatewayAccount): void {
    if (this.#byId.has(account.id) || this.#byKey.has(account.key_id))
      throw new RangeError(`There is an account ${account.id} or a key ${account.key_id} already.`);
    const own = { ...account };
    this.#byId.set(own.id, own);
    this.#byKey.set(own.key_id, own);
  }

  all(): GatewayAccount[] {
    return [...this.#byId.values()];
  }

  /** @throws RangeError where there is none */
  get(id: string): GatewayAccount {
    const account = this.#byId.get(id);
    if (!account) throw new RangeError(`There is no account ${id}.`);
    return account;
  }

  /** The only account, or the one of the id. @throws RangeError where there is none, or no single one */
  theOne(id?: string): GatewayAccount {
    if (id !== undefined) return this.get(id);
    const [account, another] = this.#byId.values();
    if (!account || another) throw new RangeError('Say which account.');
    return account;
  }

  setWebhook(id: string, webhook: WebhookTarget | null): void {
    const account = this.get(id);
    if (webhook) account.webhook = webhook;
    else delete account.webhook;
  }

  /** Whose credentials these are. @throws GatewayError 401 */
  authenticated(authorization: string | undefined): GatewayAccount {
    const [scheme, encoded] = (authorization ?? '').split(' ');
    const [key_id, ...secret] = Buffer.from(encoded ?? '', 'base64')
      .toString()
      .split(':');
    const account = this.#byKey.get(key_id!);
    if (scheme?.toLowerCase() === 'basic' && account && isSame(account.key_secret, secret.join(':')))
      return account;
    throw new GatewayError(401, {
      ...{ code: 'BAD_REQUEST_AUTHENTICATION_ERROR', description: 'Authentication failed', source: 'NA' },
      ...{ step: 'NA', reason: 'authentication_failed' },
    });
  }
}

function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
