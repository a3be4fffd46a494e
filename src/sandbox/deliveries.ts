import { Agenda, type Due } from './agenda.ts';
import type { MovableClock } from './clock.ts';
import { Ring } from './ring.ts';
import type { Table } from './store.ts';

/** An event on its way to whoever wants to know of it. */
export interface Delivery extends Due {
  account: string;
  event_id: string;
  event: string;
  /** Events of one object never overtake each other. */
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
  /** By the sandbox's clock. */
  at: string;
}

/** What goes wrong with an event on its way. */
export interface Mishap {
  fault: string;
  days: number;
}

interface Parts<Kind extends Delivery> {
  clock: MovableClock;
  table: Table<Kind>;
  /** Under way at once. */
  deliveries_max: number;
  /** @returns the receiver's status, null where none came, undefined where nobody wants to know any more */
  post(delivery: Kind, signal: AbortSignal): Promise<number | null | undefined>;
  /** How long until the next try, after so many; null: there is none. */
  gapAfter(delivery: Kind, attempts: number, status: number | null): number | null;
}

const ANSWER_MS_MAX = 5_000;
const MINUTE_MS = 60_000;
const HELD_MS_MAX = 10 * MINUTE_MS;
const DELAYED_MS = 60 * MINUTE_MS;
const LOG_MAX = 100_000;

/** Brings events to their receivers: in the order of each object, at least once, and as badly as asked for. */
export class Deliveries<Kind extends Delivery = Delivery> {
  readonly log = new Ring<DeliveryTry>(LOG_MAX);
  readonly #parts: Parts<Kind>;
  readonly #agenda: Agenda<Kind>;
  readonly #held = new Map<string, string>();
  readonly #stopped = new AbortController();
  #number = 0;

  constructor(parts: Parts<Kind>) {
    this.#parts = parts;
    for (const { id, object, held } of parts.table.values()) {
      this.#number = Math.max(this.#number, Number(id));
      if (held) this.#held.set(object, id);
    }
    this.#agenda = new Agenda(parts.table);
  }

  /** How many events are still to be delivered. */
  get waiting(): number {
    return this.#agenda.size;
  }

  /** The number of the next delivery; ids are made of it. */
  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  /**
   * Puts an event on its way.
   * @param forged a false claim that comes as well, under the fault `forged`
   */
  send(delivery: Kind, mishap: Mishap | null, forged: () => Kind): void {
    const { object, at_ms } = delivery;
    const before = this.#held.get(object);
    this.#putDown(delivery, mishap, forged);
    if (before !== undefined) this.#release(object, before, at_ms);
  }

  /** Delivers what is due by the clock. @returns how many tries it took */
  async deliverDue(): Promise<number> {
    const due = this.#agenda.takeDue(this.#parts.clock.now());
    const lanes = [...Map.groupBy(due, ({ object }) => object).values()];
    const workers = Array.from({ length: Math.min(this.#parts.deliveries_max, lanes.length) }, async () => {
      for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
        for (const delivery of lane) await this.#try(delivery);
      }
    });
    await Promise.all(workers);
    return due.length;
  }

  /** Breaks off what is under way; it is delivered after the next start. */
  stop(): void {
    this.#stopped.abort();
  }

  #putDown(delivery: Kind, mishap: Mishap | null, forged: () => Kind): void {
    switch (mishap?.fault) {
      case 'missing':
        return;
      case 'duplicate':
        this.#agenda.put({ ...delivery, id: String(this.nextNumber()) });
        break;
      case 'delayed':
        delivery.at_ms += mishap.days * DELAYED_MS;
        break;
      case 'swapped':
        Object.assign(delivery, { at_ms: delivery.at_ms + HELD_MS_MAX, held: true });
        this.#held.set(delivery.object, delivery.id);
        break;
      case 'old-secret':
        delivery.signed = 'former';
        break;
      case 'forged':
        this.#agenda.put({ ...forged(), signed: 'forged' });
    }
    this.#agenda.put(delivery);
  }

  #release(object: string, id: string, at_ms: number): void {
    if (this.#held.get(object) === id) this.#held.delete(object);
    const delivery = this.#agenda.get(id);
    if (delivery) this.#agenda.put({ ...delivery, at_ms, held: false });
  }

  async #try(delivery: Kind): Promise<void> {
    const { id, event_id, event, object, signed } = delivery;
    if (delivery.held) this.#held.delete(object);
    const status = await this.#parts.post(delivery, this.#stopped.signal);
    if (this.#stopped.signal.aborted) return;
    if (status === undefined) return this.#agenda.remove(id);
    const now = this.#parts.clock.now();
    this.log.push({ event_id, event, object, signed, status, at: new Date(now).toISOString() });
    const attempts = delivery.attempts + 1;
    const is_taken = status !== null && status >= 200 && status < 300;
    // Nobody repeats what nobody sent.
    if (is_taken || signed === 'forged') return this.#agenda.remove(id);
    const gap_ms = this.#parts.gapAfter(delivery, attempts, status);
    if (gap_ms === null) return this.#agenda.remove(id);
    this.#agenda.put({ ...delivery, attempts, at_ms: now + gap_ms, held: false });
  }
}

/** @returns the receiver's status; null where none came in time */
export async function postTo(
  url: string,
  { headers, body, signal }: { headers: Record<string, string>; body: string; signal: AbortSignal },
): Promise<number | null> {
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', headers, body, redirect: 'manual' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}
