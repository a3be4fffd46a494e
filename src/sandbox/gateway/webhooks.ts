import { createHmac } from 'node:crypto';
import type { MovableClock } from '../clock.ts';
import { Deliveries, type Delivery, type DeliveryTry, postTo } from '../deliveries.ts';
import type { Ring } from '../ring.ts';
import type { Store } from '../store.ts';
import type { Accounts } from './accounts.ts';
import type { Faults } from './faults.ts';
import { forgery } from './forgery.ts';
import { identifier } from './identifiers.ts';
import { DAY_MS, type GatewaySettings, type WebhookTarget } from './settings.ts';

/** Something an account is told of. */
export interface Happening {
  account: string;
  event: string;
  /** The object whose events stay in order; its id. */
  object: string;
  /** The names by which a script may mean it. */
  subjects: readonly (string | null | undefined)[];
  /** The objects as they are now, by the name they have in the payload. */
  payload: Record<string, object>;
}

const MINUTE_MS = 60_000;
/** Minutes between tries; the last one repeats. The real gaps are not published. */
const GAPS_MINUTES = [1, 2, 5, 10, 30, 60, 120, 240];
const GIVEN_UP_AFTER_MS = DAY_MS;
/** A clock that leaps over a day does not make one refusal the end of an event. */
const TRIES_MIN = 3;

/** Tells accounts what happened: signed, at least once, and as badly as the fault script asks for. */
export class Webhooks {
  readonly log: Ring<DeliveryTry>;
  readonly #clock: MovableClock;
  readonly #accounts: Accounts;
  readonly #faults: Faults;
  readonly #deliveries: Deliveries;

  constructor(parts: {
    settings: GatewaySettings;
    clock: MovableClock;
    accounts: Accounts;
    faults: Faults;
    store: Store;
  }) {
    this.#clock = parts.clock;
    this.#accounts = parts.accounts;
    this.#faults = parts.faults;
    this.#deliveries = new Deliveries({
      clock: parts.clock,
      table: parts.store.table<Delivery>('delivery'),
      deliveries_max: parts.settings.deliveries_max,
      post: (delivery, signal) => this.#post(delivery, signal),
      gapAfter: (delivery, attempts) => this.#gapAfter(delivery, attempts),
    });
    this.log = this.#deliveries.log;
  }

  /** How many events are still to be delivered. */
  get waiting(): number {
    return this.#deliveries.waiting;
  }

  /** Puts an event on its way; an account is told nothing of what its webhook has not asked for. */
  emit(happening: Happening): void {
    const { account, event, object, subjects } = happening;
    const { webhook } = this.#accounts.get(account);
    if (!webhook || (webhook.events && !webhook.events.includes(event))) return;
    const point = `${event}/${object.slice(0, 4)}`;
    const chosen = this.#faults.choose({ group: 'webhook', subjects: [...subjects, object], point, event });
    this.#deliveries.send(this.#delivery(happening), chosen, () =>
      this.#delivery({ ...happening, ...forgery(happening) }),
    );
  }

  /** Delivers what is due by the clock. @returns how many tries it took */
  deliverDue(): Promise<number> {
    return this.#deliveries.deliverDue();
  }

  /** Breaks off what is under way; it is delivered after the next start. */
  stop(): void {
    this.#deliveries.stop();
  }

  #delivery({ account, event, object, payload }: Happening): Delivery {
    const contains = Object.keys(payload);
    const entities = Object.entries(payload).map(([name, entity]) => [name, { entity }]);
    const body = JSON.stringify({
      ...{ entity: 'event', account_id: account, event, contains },
      ...{ payload: Object.fromEntries(entities), created_at: this.#clock.seconds() },
    });
    const number = this.#deliveries.nextNumber();
    const now = this.#clock.now();
    return {
      ...{ id: String(number), at_ms: now, created_ms: now, account, event, object, body },
      ...{ event_id: identifier('evt', `${account}/${now}/${number}/${body}`).slice(4) },
      ...{ signed: 'current', attempts: 0, held: false },
    };
  }

  #gapAfter({ created_ms }: Delivery, attempts: number): number | null {
    if (attempts >= TRIES_MIN && this.#clock.now() - created_ms >= GIVEN_UP_AFTER_MS) return null;
    return GAPS_MINUTES[Math.min(attempts, GAPS_MINUTES.length) - 1]! * MINUTE_MS;
  }

  async #post(
    { account, body, event_id, signed }: Delivery,
    signal: AbortSignal,
  ): Promise<number | null | undefined> {
    const { webhook } = this.#accounts.get(account);
    if (!webhook) return undefined;
    const headers = {
      'content-type': 'application/json',
      'x-razorpay-event-id': event_id,
      'x-razorpay-signature': signature(body, secretFor(webhook, signed)),
    };
    return postTo(webhook.url, { headers, body, signal });
  }
}

/** Lowercase hex HMAC-SHA256 of the raw body. */
export function signature(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function secretFor({ secret, former_secret }: WebhookTarget, signed: Delivery['signed']): string {
  if (signed === 'forged') return `not ${secret}`;
  return signed === 'former' ? (former_secret ?? secret) : secret;
}
