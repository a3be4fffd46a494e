import { type Job as CarrierJob, UnrecoverableError } from 'bullmq';
import type { Carrier } from './carrier.ts';
import type { RuntimeEvents } from './events.ts';
import { carrierId, type Route } from './route.ts';
import type { Wish } from './types.ts';

/** What an operator sees of a dead job on the board. */
export interface DeadLetter {
  tenant: string;
  id: string;
  kind: string;
  key: string;
  attempts: number;
  code: string;
  /** Set once it lies in the failed set; a run after that is somebody's Retry. */
  shown?: true;
  /** The operator who pressed Retry; written onto the entry by the board. */
  asked_by?: string;
}

export type DeadRoute = Route & { attempts: number; code: string; message: string };

const DEAD_LETTER_CONCURRENCY = 10;
const BURY_MAX = 500;

export function deadQueueOf(queue: string): string {
  return `${queue}-dead`;
}

/**
 * The dead-letter queues, made of nothing but BullMQ's own states so that the board's own buttons work
 * on either backend: a dead job is added to `<queue>-dead`, where its worker fails it at once with the
 * job's last error, and there it lies. Pressing Retry (or Retry all) hands it to the same worker a second
 * time, which redrives the job's row.
 */
export class DeadLetters {
  readonly #carrier: Carrier;
  readonly #events: RuntimeEvents;

  constructor(carrier: Carrier, events: RuntimeEvents) {
    this.#carrier = carrier;
    this.#events = events;
  }

  /**
   * Lays dead jobs on their dead-letter queue; those that lie there already are passed over.
   * @returns false when some could not be laid there: the sweeper does it then
   */
  async bury(routes: readonly DeadRoute[]): Promise<boolean> {
    let buried = true;
    for (const [queue, dead] of Map.groupBy(routes, (route) => deadQueueOf(route.queue))) {
      for (let start = 0; start < dead.length; start += BURY_MAX) {
        const entries = dead.slice(start, start + BURY_MAX).map(entryOf);
        try {
          await this.#carrier.queue(queue).addBulk(entries);
        } catch (error) {
          buried = false;
          this.#events.emit('dispatch-failed', { queue, count: entries.length, error: error as Error });
        }
      }
    }
    return buried;
  }

  /** Takes a job's entry away that was redriven or dropped by other means than the board. */
  async unbury(route: Route): Promise<void> {
    await this.#carrier
      .queue(deadQueueOf(route.queue))
      .remove(carrierId(route))
      .catch(() => 0);
  }

  /** @param redrive what a press of Retry does */
  consume(queue: string, redrive: (tenant: string, id: string, actor: string) => Promise<Wish>): void {
    this.#carrier.consume(deadQueueOf(queue), DEAD_LETTER_CONCURRENCY, async (carried) => {
      const job = carried as unknown as CarrierJob<DeadLetter & { message?: string }>;
      // An entry whose worker died before it could fail it comes a second time too, but has never failed.
      if (job.data.shown && job.attemptsMade > 0) {
        const { tenant, id, asked_by = 'operator:board' } = job.data;
        return noteOf(await redrive(tenant, id, asked_by));
      }
      const { message, ...letter } = job.data;
      await job.updateData({ ...letter, shown: true });
      throw new UnrecoverableError(`${letter.code}: ${message ?? ''}`);
    });
  }
}

/** @throws UnrecoverableError where the job stays dead: the entry lies there again, and says what it waits for */
function noteOf(wish: Wish): string {
  if (wish.done) return 'redriven';
  if (wish.code === 'approval-required') throw new UnrecoverableError(`${wish.code}: ${wish.message}`);
  return wish.message;
}

function entryOf(route: DeadRoute) {
  const { tenant, id, kind, key, attempts, code, message } = route;
  return {
    name: kind,
    data: { tenant, id, kind, key, attempts, code, message },
    opts: {
      jobId: carrierId(route),
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: false,
      stackTraceLimit: 0,
    },
  };
}
