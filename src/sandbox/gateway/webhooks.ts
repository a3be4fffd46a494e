import { createHmac } from 'node:crypto';
import type { Accounts } from './accounts.ts';
import { Agenda, type Due } from './agenda.ts';
import type { GatewayClock } from './clock.ts';
import type { Chosen, Faults } from './faults.ts';
import { forgery } from './forgery.ts';
import { identifier } from './identifiers.ts';
import { Ring } from './ring.ts';
import { DAY_MS, type GatewaySettings, type WebhookTarget } from './settings.ts';
import type { Store } from './store.ts';

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

interface Delivery extends Due {
  account: string;
  event_id: string;
  event: string;
  object: string;
  body: string;
  signed: 'current' | 'former' | 'forged';
  created_ms: number;
  attempts: number;
  /** Waits for the object's next event, to come after it. */
  held: boolean;
}

/** One try to deliver an event. */
export interface DeliveryTry {
  event_id: string;
  event: string;
  object: string;
  signed: Delivery['signed'];
  /** The receiver's HTTP status; null where none came. */
  status: number | null;
  /** By the gateway's clock. */
  at: string;
}

const ANSWER_MS_MAX = 5_000;
const MINUTE_MS = 60_000;
/** Minutes between tries; the last one repeats. The real gaps are not published. */
const GAPS_MINUTES = [1, 2, 5, 10, 30, 60, 120, 240];
const GIVEN_UP_AFTER_MS = DAY_MS;
/** A clock that leaps over a day does not make one refusal the end of an event. */
const TRIES_MIN = 3;
const HELD_MS_MAX = 10 * MINUTE_MS;
const DELAYED_MS = 60 * MINUTE_MS;
const LOG_MAX = 100_000;

/** Tells accounts what happened: signed, at least once, and as badly as the fault script asks for. */
export class Webhooks {
  readonly log = new Ring<DeliveryTry>(LOG_MAX);
  readonly #settings: GatewaySettings;
  readonly #clock: GatewayClock;
  readonly #accounts: Accounts;
  readonly #faults: Faults;
  readonly #agenda: Agenda<Delivery>;
  readonly #held = new Map<string, string>();
  readonly #stopped = new AbortController();
  #number = 0;

  constructor(parts: {
    settings: GatewaySettings;
    clock: GatewayClock;
    accounts: Accounts;
    faults: Faults;
    store: Store;
  }) {
    this.#settings = parts.settings;
    this.#clock = parts.clock;
    this.#accounts = parts.accounts;
    this.#faults = parts.faults;
    const table = parts.store.table<Delivery>('delivery');
    for (const { id, object, held } of table.values()) {
      this.#number = Math.max(this.#number, Number(id));
      if (held) this.#held.set(object, id);
    }
    this.#agenda = new Agenda(table);
  }

  /** How many events are still to be delivered. */
  get waiting(): number {
    return this.#agenda.size;
  }

  /** Puts an event on its way; an account is told nothing of what its webhook has not asked for. */
  emit(happening: Happening): void {
    const { account, event, object, subjects } = happening;
    const { webhook } = this.#accounts.get(account);
    if (!webhook || (webhook.events && !webhook.events.includes(event))) return;
    const body = JSON.stringify(this.#envelope(happening));
    const point = `${event}/${object.slice(0, 4)}`;
    const chosen = this.#faults.choose({ group: 'webhook', subjects: [...subjects, object], point, event });
    const made = this.#delivery(happening, body);
    const before = this.#held.get(object);
    this.#send(made, happening, chosen);
    if (before !== undefined) this.#release(object, before);
  }

  /** Delivers what is due by the clock. @returns how many tries it took */
  async deliverDue(): Promise<number> {
    const due = this.#agenda.takeDue(this.#clock.now());
    const lanes = [...Map.groupBy(due, ({ object }) => object).values()];
    const workers = Array.from(
      { length: Math.min(this.#settings.deliveries_max, lanes.length) },
      async () => {
        for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
          for (const delivery of lane) await this.#try(delivery);
        }
      },
    );
    await Promise.all(workers);
    return due.length;
  }

  /** Breaks off what is under way; it is delivered after the next start. */
  stop(): void {
    this.#stopped.abort();
  }

  #envelope({ account, event, payload }: Happening): object {
    const contains = Object.keys(payload);
    const entities = Object.entries(payload).map(([name, entity]) => [name, { entity }]);
    return {
      ...{ entity: 'event', account_id: account, event, contains },
      ...{ payload: Object.fromEntries(entities), created_at: this.#clock.seconds() },
    };
  }

  #delivery(
    { account, event, object }: Pick<Happening, 'account' | 'event' | 'object'>,
    body: string,
  ): Delivery {
    this.#number += 1;
    const now = this.#clock.now();
    return {
      ...{ id: String(this.#number), at_ms: now, created_ms: now, account, event, object, body },
      ...{ event_id: identifier('evt', `${account}/${now}/${this.#number}/${body}`).slice(4) },
      ...{ signed: 'current', attempts: 0, held: false },
    };
  }

  #send(delivery: Delivery, happening: Happening, chosen: Chosen | null): void {
    switch (chosen?.fault) {
      case 'missing':
        return;
      case 'duplicate':
        this.#number += 1;
        this.#agenda.put({ ...delivery, id: String(this.#number) });
        break;
      case 'delayed':
        delivery.at_ms += chosen.days * DELAYED_MS;
        break;
      case 'swapped':
        Object.assign(delivery, { at_ms: delivery.at_ms + HELD_MS_MAX, held: true });
        this.#held.set(delivery.object, delivery.id);
        break;
      case 'old-secret':
        delivery.signed = 'former';
        break;
      case 'forged': {
        const { event, payload } = forgery(happening);
        const body = JSON.stringify(this.#envelope({ ...happening, event, payload }));
        this.#agenda.put({ ...this.#delivery({ ...happening, event }, body), signed: 'forged' });
      }
    }
    this.#agenda.put(delivery);
  }

  #release(object: string, id: string): void {
    if (this.#held.get(object) === id) this.#held.delete(object);
    const delivery = this.#agenda.get(id);
    if (delivery) this.#agenda.put({ ...delivery, at_ms: this.#clock.now(), held: false });
  }

  async #try(delivery: Delivery): Promise<void> {
    const { id, account, event_id, event, object, signed, created_ms } = delivery;
    const { webhook } = this.#accounts.get(account);
    if (delivery.held) this.#held.delete(object);
    if (!webhook) return this.#agenda.remove(id);
    const status = await this.#post(webhook, delivery);
    if (this.#stopped.signal.aborted) return;
    const now = this.#clock.now();
    this.log.push({ event_id, event, object, signed, status, at: new Date(now).toISOString() });
    const attempts = delivery.attempts + 1;
    const is_taken = status !== null && status >= 200 && status < 300;
    // Nobody repeats what nobody sent.
    if (is_taken || signed === 'forged') return this.#agenda.remove(id);
    if (attempts >= TRIES_MIN && now - created_ms >= GIVEN_UP_AFTER_MS) return this.#agenda.remove(id);
    const gap_ms = GAPS_MINUTES[Math.min(attempts, GAPS_MINUTES.length) - 1]! * MINUTE_MS;
    this.#agenda.put({ ...delivery, attempts, at_ms: now + gap_ms, held: false });
  }

  async #post(webhook: WebhookTarget, { body, event_id, signed }: Delivery): Promise<number | null> {
    try {
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-razorpay-event-id': event_id,
          'x-razorpay-signature': signature(body, secretFor(webhook, signed)),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return null;
    }
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
