import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { Cancel, Hold, Refuse, Retry, Snooze } from '../../src/runtime/outcomes.ts';
import { carriers } from '../support/carriers.ts';
import { defineAtomic, mark, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

/**
 * Random lives of jobs, held against a model that fits on a page: the words that handlers end with, what
 * people wish, kill switches, a carrier that forgets, sweeps at any time.
 */
vi.setConfig({ testTimeout: 90_000 });

const RUNS = 40;
const COMMANDS_MAX = 30;
const TIME_LIMIT_MS = 15_000;
const ATTEMPTS = 2;
const KIND = 'fate.live';

const WORDS = ['done', 'retry', 'refuse', 'hold', 'snooze', 'cancel'] as const;
type Word = (typeof WORDS)[number];

/**
 * How often each job snoozed. A run takes the next word of its script, and `done` when there is none: the
 * word after as many as it had failed attempts and snoozes. (Not after as many as it had runs: when the
 * carrier forgets, a twin may repeat an attempt that has been rolled back and is not yet written down.)
 */
const snoozes = new Map<string, number>();

const live = defineAtomic({
  kind: KIND,
  queue: 'fates',
  summary: 'Leaves an effect, then ends as its script says.',
  payload: z.strictObject({ name: z.string(), script: z.array(z.enum(WORDS)) }),
  result: z.null(),
  key: ({ name }) => name,
  group_max: 1,
  concurrency: 4,
  retry: { attempts: ATTEMPTS, backoff_ms: 2, backoff_ms_max: 2 },
  run: async (tx, jobs) => {
    const { name, script } = jobs[0]!.payload;
    const snoozed = snoozes.get(name) ?? 0;
    const word = script[jobs[0]!.attempt + snoozed] ?? 'done';
    if (word === 'snooze') snoozes.set(name, snoozed + 1);
    await mark(tx, [name]);
    endWith(word);
    return [null];
  },
});

function endWith(word: Word): void {
  if (word === 'retry') throw new Retry('again', 'Once more.');
  if (word === 'refuse') throw new Refuse('never', 'No.');
  if (word === 'hold') throw new Hold('ask', 'Ask somebody.');
  if (word === 'snooze') throw new Snooze('later', 'Not now.', 2);
  if (word === 'cancel') throw new Cancel('untrue', 'No longer true.');
}

interface Fate {
  script: Word[];
  runs: number;
  state: 'waiting' | 'done' | 'dead' | 'held' | 'switched-off' | 'cancelled';
  attempts: Word[];
  limit: number;
}

class Model {
  readonly jobs = new Map<string, Fate>();
  switchedOff = false;

  accept(name: string, script: Word[], later: boolean): 'accepted' | 'replayed' | 'refused' {
    const known = this.jobs.get(name);
    if (known) return known.script.join() === script.join() ? 'replayed' : 'refused';
    const job: Fate = { script, runs: 0, state: 'waiting', attempts: [], limit: ATTEMPTS };
    this.jobs.set(name, job);
    if (!later) this.run(job);
    return 'accepted';
  }

  run(job: Fate): void {
    if (this.switchedOff) {
      job.state = 'switched-off';
      return;
    }
    const word = job.script[job.runs] ?? 'done';
    job.runs += 1;
    if (word === 'retry' || word === 'refuse' || word === 'hold') job.attempts.push(word);
    if (word === 'done') job.state = 'done';
    else if (word === 'cancel') job.state = 'cancelled';
    else if (word === 'hold') job.state = 'held';
    else if (word === 'refuse' || (word === 'retry' && job.attempts.length >= job.limit)) job.state = 'dead';
    else this.run(job);
  }

  wish(name: string, wish: Wish): boolean {
    const job = this.jobs.get(name);
    const held = job?.state === 'held' || job?.state === 'switched-off';
    if (!job) return false;
    if (wish === 'cancel' && (held || job.state === 'waiting')) job.state = 'cancelled';
    else if (wish === 'drop' && job.state === 'dead') job.state = 'cancelled';
    else if (wish === 'release' && held) this.run(job);
    else if (wish === 'redrive' && job.state === 'dead') {
      job.limit = job.attempts.length + ATTEMPTS;
      this.run(job);
    } else return false;
    return true;
  }

  clear(): void {
    this.switchedOff = false;
    for (const job of this.jobs.values()) if (job.state === 'switched-off') this.run(job);
  }
}

const WISHES = ['cancel', 'drop', 'release', 'redrive'] as const;
type Wish = (typeof WISHES)[number];

const usable = carriers().findLast(({ missing }) => !missing)!;
const system = await testRuntime([live], {
  redisUrl: usable.redisUrl,
  sweep_interval_ms: 100,
  sweep_after_ms: 300,
});
await system.runtime.startWorkers();
await system.runtime.startClock();
afterAll(() => system.close());

/** The real system, as one life sees it: names are its own. */
class Life {
  readonly #name: string;
  readonly #ids = new Map<string, string>();

  constructor(number: number) {
    this.#name = `life ${number}`;
  }

  full(name: string): string {
    return `${this.#name} ${name}`;
  }

  async accept(name: string, script: Word[], later: boolean): Promise<string> {
    const run_at = later ? { run_at: new Date(Date.now() + 3_600_000) } : {};
    const payload = { name: this.full(name), script };
    const [answer] = await system.runtime.submit('acme', 'service:test', [
      { kind: KIND, payload, ...run_at },
    ]);
    if (answer!.status === 'accepted') this.#ids.set(name, answer!.job.id);
    return answer!.status;
  }

  async wish(name: string, wish: Wish): Promise<boolean> {
    return (await system.runtime[wish]('acme', this.#ids.get(name)!, 'operator:ann')).done;
  }

  /** Waits until nothing of this life can move by itself. */
  async still(): Promise<void> {
    await until('all is still', async () => {
      const { rows } = await system.database.superuser(
        `SELECT count(*)::int AS moving FROM job
         WHERE key LIKE $1 || ' %' AND state = 'pending' AND run_at < now() + interval '10 minutes'`,
        [this.#name],
      );
      return rows[0].moving === 0;
    });
  }

  async look() {
    const { rows } = await system.database.superuser(
      `SELECT key, state, code,
              (SELECT coalesce(array_agg(word ORDER BY ended_at), '{}') FROM job_attempt WHERE job_id = job.id) AS attempts,
              (SELECT count(*)::int FROM effect WHERE name = job.key) AS effects
       FROM job WHERE key LIKE $1 || ' %' ORDER BY key`,
      [this.#name],
    );
    return rows;
  }
}

type Command = fc.AsyncCommand<Model, Life>;
const command = (
  name: string,
  run: (model: Model, real: Life) => Promise<void>,
  check: (model: Model) => boolean = () => true,
): Command => ({ check, run, toString: () => name });

const jobName = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const script = fc.array(fc.constantFrom(...WORDS), { maxLength: 4 });

const commands = [
  fc.tuple(jobName, script, fc.boolean()).map(([name, words, later]) =>
    command(`accept ${name} [${words}]${later ? ' later' : ''}`, async (model, real) => {
      expect(await real.accept(name, words, later)).toBe(model.accept(name, words, later));
    }),
  ),
  fc.tuple(jobName, fc.constantFrom(...WISHES)).map(([name, wish]) =>
    command(
      `${wish} ${name}`,
      async (model, real) => {
        await real.still();
        expect(await real.wish(name, wish)).toBe(model.wish(name, wish));
      },
      (model) => model.jobs.has(name),
    ),
  ),
  fc.constant(
    command(
      'switch off',
      async (model, real) => {
        await real.still();
        await system.runtime.setSwitch('acme', KIND, 'trouble', 'operator:ann');
        model.switchedOff = true;
      },
      (model) => !model.switchedOff,
    ),
  ),
  fc.constant(
    command(
      'switch on',
      async (model, real) => {
        await real.still();
        await system.runtime.clearSwitch('acme', KIND, 'operator:ann');
        model.clear();
      },
      (model) => model.switchedOff,
    ),
  ),
  fc.constant(command('the carrier forgets', () => system.flushCarrier())),
  fc.constant(command('sweep', async () => void (await system.runtime.sweep()))),
];

/** Counts on over a second try, which must not meet the first one's jobs. */
let lives = 0;

test('a job ends in the state, with the attempts and the one effect that its story calls for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: COMMANDS_MAX, size: 'max' }), async (story) => {
      lives += 1;
      await system.runtime.clearSwitch('acme', KIND, 'operator:ann');
      const model = new Model();
      const real = new Life(lives);
      await fc.asyncModelRun(() => ({ model, real }), story);
      await real.still();
      expect(await real.look()).toEqual(
        [...model.jobs]
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([name, job]) => ({
            key: real.full(name),
            ...stored(job),
            attempts: job.attempts,
            effects: job.state === 'done' ? 1 : 0,
          })),
      );
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: false },
  );
});

function stored(job: Fate) {
  if (job.state === 'waiting') return { state: 'pending', code: null };
  if (job.state === 'switched-off') return { state: 'held', code: 'kill-switch' };
  return { state: job.state, code: expect.toSatisfy((code) => code === null || typeof code === 'string') };
}
