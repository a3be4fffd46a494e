/**
 * One process of a simulated installation: api, worker or clock, as production starts them, but for its
 * clock, which its parent moves. It ends with its parent, and leaves Ctrl-C to it.
 */
import { SteppedClock } from '../../calendar/clock.ts';
import { readConfig } from '../../config.ts';
import type { Pace } from '../../payments/services.ts';
import { type Part, startSystem } from '../../system.ts';

export interface Orders {
  part: Part;
  /** What the environment holds in production. */
  environment: Record<string, string>;
  /** The instant at which the clock stands. */
  now: string;
}

/** What the parent sends, besides the orders. */
export type Message = { move: string; number: number } | { stop: true };
/** What it hears. */
export type Answer = { ready: { url: string | null } } | { moved: number };

/** What takes minutes outside takes moments here. */
const PAYMENT_PACE: Pace = {
  ...{ replays_ms: [30, 30, 30], lookups_ms: [30, 30, 30, 30] },
  ...{
    away_ms: 50,
    locked_out_ms: 50,
    again_ms: 30,
    checks_ms: [100, 300, 1_000],
    strangers_ms: [30, 100, 300, 1_000],
  },
};
const RETRY_PART = 1 / 40;
const RECOVERY = {
  ...{ carrier_lock_ms: 1_500, lease_ms_max: 5_000 },
  random: () => Math.random() * RETRY_PART,
};

process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
process.once('message', (orders: Orders) => void run(orders));

async function run({ part, environment, now }: Orders): Promise<void> {
  const clock = new SteppedClock(new Date(now));
  const starting = startSystem(readConfig(environment), {
    ...{ parts: [part], clock, recovery: RECOVERY, payment_pace: PAYMENT_PACE },
  });
  process.on('message', async (message: Message) => {
    if ('stop' in message) {
      await (await starting).stop();
      process.exit(0);
    }
    clock.moveTo(new Date(message.move));
    if (part === 'clock') {
      const { runtime } = await starting;
      // What goes wrong is made good by the next tick.
      await runtime.runSchedules().catch((error) => console.error(error));
    }
    tell({ moved: message.number });
  });
  tell({ ready: { url: (await starting).url ?? null } });
}

function tell(answer: Answer): void {
  process.send!(answer);
}
