import type { Carrier } from './carrier.ts';
import type { RuntimeEvents } from './events.ts';
import { reach } from './faults.ts';
import type { Route } from './route.ts';

/** Routes waiting to be told to the carrier; beyond this they are left to the sweeper. */
const BACKLOG_MAX = 50_000;
const TELLS_AT_ONCE_MAX = 2;

interface Lane {
  waiting: Route[];
  tells: number;
}

/**
 * Tells the carrier of committed jobs. Callers do not wait and never fail: what cannot be told now is
 * found by the sweeper. Jobs that come while the carrier is being told go together in the next call.
 */
export class Dispatcher {
  readonly #carrier: Carrier;
  readonly #events: RuntimeEvents;
  readonly #lanes = new Map<string, Lane>();
  readonly #inFlight = new Set<Promise<void>>();

  constructor(carrier: Carrier, events: RuntimeEvents) {
    this.#carrier = carrier;
    this.#events = events;
  }

  dispatch(routes: readonly Route[]): void {
    for (const route of routes) {
      const lane = this.#lanes.get(route.queue) ?? { waiting: [], tells: 0 };
      this.#lanes.set(route.queue, lane);
      if (lane.waiting.length < BACKLOG_MAX) lane.waiting.push(route);
    }
    for (const [queue, lane] of this.#lanes) if (lane.waiting.length > 0) this.#pump(queue, lane);
  }

  /** As dispatch, of routes that are still being looked up; `settled` waits for them. */
  dispatchFound(looking: Promise<readonly Route[]>): void {
    const finding = looking
      .then(
        (routes) => this.dispatch(routes),
        (error) => void this.#events.emit('dispatch-failed', { queue: '', count: 1, error: error as Error }),
      )
      .finally(() => this.#inFlight.delete(finding));
    this.#inFlight.add(finding);
  }

  #pump(queue: string, lane: Lane): void {
    if (lane.tells >= TELLS_AT_ONCE_MAX || lane.waiting.length === 0) return;
    const routes = lane.waiting;
    lane.waiting = [];
    lane.tells += 1;
    const telling = this.#tell(queue, routes).then(() => {
      lane.tells -= 1;
      this.#inFlight.delete(telling);
      this.#pump(queue, lane);
    });
    this.#inFlight.add(telling);
  }

  /** Tells the carrier now. @returns false when it could not be told */
  async tell(routes: readonly Route[]): Promise<boolean> {
    const told = [...Map.groupBy(routes, (route) => route.queue)].map(([queue, some]) =>
      this.#tell(queue, some),
    );
    return (await Promise.all(told)).every(Boolean);
  }

  async #tell(queue: string, routes: Route[]): Promise<boolean> {
    try {
      await reach('dispatch.before-carrier');
      await this.#carrier.add(queue, routes);
      this.#events.emit('dispatched', { queue, count: routes.length });
      return true;
    } catch (error) {
      this.#events.emit('dispatch-failed', { queue, count: routes.length, error: error as Error });
      return false;
    }
  }

  /** Resolves when everything dispatched so far has been told, or has failed to be. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }
}
