import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { SteppedClock } from '../../../src/calendar/clock.ts';
import { inTenant } from '../../../src/db/transaction.ts';
import { CHANNELS, type Channel } from '../../../src/notifications/channels.ts';
import { type Category, type Payload, payloadOf } from '../../../src/notifications/payload.ts';
import { type Policy, policySchema, setPolicy } from '../../../src/notifications/policy.ts';
import type { Connected } from '../../../src/notifications/providers/connections.ts';
import { WEEKDAYS } from '../../../src/notifications/rules/hours.ts';
import { takeUpAgain } from '../../../src/notifications/sending/again.ts';
import { beginSending } from '../../../src/notifications/sending/begin.ts';
import { endAttempt } from '../../../src/notifications/sending/rows.ts';
import type { Means, Sending } from '../../../src/notifications/sending/sending.ts';
import type { Job } from '../../../src/runtime/definition.ts';
import { Outcome, Snooze } from '../../../src/runtime/outcomes.ts';
import { testDatabase } from '../../support/database.ts';

/** Messages in any order, by any channel, to people anywhere, while the clock jumps over changes of the clocks. */

const database = await testDatabase();
afterAll(() => database.close());

const ZONES = [
  ...['Asia/Kolkata', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Santiago'],
];
/** Days before clocks change somewhere. */
const STARTS = [
  '2026-03-07T20:00:00Z',
  '2026-04-04T02:00:00Z',
  '2026-10-24T09:00:00Z',
  '2026-10-31T15:00:00Z',
];

const event = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      of: fc.constant('accept' as const),
      channel: fc.constantFrom(...CHANNELS),
      category: fc.constantFrom<Category>('reminder', 'reminder', 'reminder', 'marketing', 'transactional'),
      person: fc.constantFrom('asha', 'asha', 'bina'),
      time_zone: fc.constantFrom(...ZONES),
      hours: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ of: fc.constant('look' as const), newest_first: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ of: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 1_500 }) }),
  },
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

const cap = fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined });
const policies = fc
  .record({
    contact_window: fc.record({
      from: fc.constantFrom('00:30', '02:15', '08:00', '11:45'),
      to: fc.constantFrom('12:00', '19:00', '24:00'),
      days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 4 }),
    }),
    quiet_hours: fc.option(
      fc.record({ from: fc.constantFrom('18:00', '23:00'), to: fc.constantFrom('03:00', '09:15') }),
    ),
    caps: fc.record({ per_day: cap, per_week: cap, all_channels_per_day: cap, all_channels_per_week: cap }),
  })
  .map((policy) => policySchema.parse(policy));

const TRIES_MAX = 3;

interface Tried {
  id: string;
  channel: Channel;
  category: Category;
  person: string;
  time_zone: string;
  at: Date;
}

const stub = {
  provider: { name: 'stub', repeat: 'same', repeats_ms: 1e12 },
  connection: {},
} as unknown as Connected;

/** A worker in short: looks at what is not sent yet, all at once or one by one, and is answered 'not now' by the provider. */
class Worker {
  readonly tried: Tried[] = [];
  #waiting: Job<Payload>[] = [];
  readonly #begun = new Map<string, Sending>();
  readonly #clock: SteppedClock;
  readonly #means: Means;

  constructor(start: string) {
    this.#clock = new SteppedClock(new Date(start));
    const notifications = {
      optOutLink: () => null,
      connections: { open: async () => [stub] },
      pace: { unknown_ms: 1, look_again_ms: 1 },
    };
    this.#means = { clock: this.#clock, services: { notifications } } as unknown as Means;
  }

  async live(run: string, happens: Event): Promise<void> {
    if (happens.of === 'wait') {
      this.#clock.moveTo(new Date(this.#clock.now().getTime() + happens.minutes * 60_000));
    } else if (happens.of === 'accept') {
      this.#waiting.push(jobOf(run, happens, this.#clock.now()));
    } else {
      if (!happens.newest_first) await Promise.all(this.#waiting.map((job) => this.#look(job)));
      else for (const job of this.#waiting.toReversed()) await this.#look(job);
    }
  }

  async #look(job: Job<Payload>): Promise<void> {
    const { id, payload } = job;
    const channel = CHANNELS.find((each) => job.kind.endsWith(each))!;
    try {
      await inTenant(database.app, 'acme', async (tx) => {
        const sending = this.#begun.get(id);
        const answer = sending
          ? await takeUpAgain(tx, sending, this.#means)
          : await beginSending(tx, channel, job, this.#means);
        if (answer instanceof Outcome) throw answer;
        if (!sending) this.#begun.set(id, answer as Sending);
        const number = 'number' in answer ? answer.number : 1;
        const at = this.#clock.now();
        await endAttempt(tx, id, { number, outcome: 'again', code: 'busy', message: 'Not now.', at });
      });
      const { reference, time_zone } = payload.recipient;
      const who = { person: reference!, time_zone: time_zone! };
      this.tried.push({ id, channel, category: payload.category, ...who, at: this.#clock.now() });
      if (this.tried.filter((each) => each.id === id).length === TRIES_MAX) this.#giveUp(job);
    } catch (error) {
      if (!(error instanceof Outcome)) throw error;
      if (!(error instanceof Snooze)) this.#giveUp(job);
    }
  }

  #giveUp(job: Job<Payload>): void {
    this.#waiting = this.#waiting.filter((each) => each !== job);
  }
}

let number = 0;
const ADDRESS = { email: 'someone@example.com', sms: '+919812345678', push: 'token-of-someone' };

function jobOf(run: string, wish: Event & { of: 'accept' }, now: Date): Job<Payload> {
  number += 1;
  const { channel, category, hours } = wish;
  const deadline = hours && new Date(now.getTime() + hours * 3_600_000).toISOString();
  const payload = payloadOf(channel).parse({
    ...{ notification: uuidv7(), type: channel.toUpperCase(), category, ...(deadline && { deadline }) },
    recipient: { reference: `${wish.person}-${run}`, time_zone: wish.time_zone, address: ADDRESS[channel] },
    content: {
      ...(channel === 'email' && { subject: `Message ${number}`, text: `Message ${number}` }),
      ...(channel === 'sms' && { text: `Message ${number}` }),
      ...(channel === 'push' && { title: 'Message', body: `Message ${number}` }),
    },
  });
  return { tenant: 'acme', id: uuidv7(), kind: `notification.${channel}`, payload } as Job<Payload>;
}

/** What clocks and calendars show there, told without what is tried here. */
function there(at: Date, time_zone: string) {
  const [date, time] = at.toLocaleString('sv-SE', { timeZone: time_zone }).split(' ') as [string, string];
  const noon = new Date(`${date}T12:00:00Z`);
  const days = (noon.getUTCDay() + 6) % 7;
  const monday = new Date(noon.getTime() - days * 86_400_000).toISOString().slice(0, 10);
  return { date, week: monday, weekday: WEEKDAYS[days]!, time: time.slice(0, 5) };
}

function withinHours({ category, at, time_zone }: Tried, { contact_window, quiet_hours }: Policy): boolean {
  if (category === 'transactional') return true;
  const { time, weekday } = there(at, time_zone);
  const { from, to, days } = contact_window!;
  const quiet = quiet_hours !== null && (time >= quiet_hours.from || time < quiet_hours.to);
  return days.includes(weekday) && time >= from && time < to && !quiet;
}

/** How many others the recipient had been sent by then, in the same day or week of the message's own wall. */
function others(tries: readonly Tried[], tried: Tried, span: 'date' | 'week', anywhere: boolean): number {
  const own = there(tried.at, tried.time_zone)[span];
  const same = tries
    .slice(0, tries.indexOf(tried))
    .filter(({ person, category }) => person === tried.person && category !== 'transactional')
    .filter(({ channel }) => anywhere || channel === tried.channel)
    .filter(({ at }) => there(at, tried.time_zone)[span] === own);
  return new Set(same.map(({ id }) => id).filter((id) => id !== tried.id)).size;
}

test('nothing is ever sent outside its hours, nor above its caps', { timeout: 60_000 }, async () => {
  let tries = 0;
  let full = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...STARTS),
      policies,
      fc.array(event, { minLength: 20, maxLength: 40 }),
      async (start, policy, events) => {
        const run = uuidv7();
        await inTenant(database.app, 'acme', async (tx) => {
          for (const channel of CHANNELS) await setPolicy(tx, channel, policy, 'service:test');
        });
        const worker = new Worker(start);
        for (const each of events) await worker.live(run, each);
        const { caps } = policy;
        const limits = [
          ['date', false, caps?.per_day],
          ['week', false, caps?.per_week],
          ['date', true, caps?.all_channels_per_day],
          ['week', true, caps?.all_channels_per_week],
        ] as const;
        for (const tried of worker.tried) {
          tries += 1;
          expect(withinHours(tried, policy)).toBe(true);
          if (tried.category === 'transactional') continue;
          for (const [span, anywhere, limit] of limits) {
            const before = others(worker.tried, tried, span, anywhere);
            if (limit === undefined) continue;
            expect(before).toBeLessThan(limit);
            if (before === limit - 1) full += 1;
          }
        }
      },
    ),
    { numRuns: 12 },
  );
  // It was no test of silence.
  expect(tries).toBeGreaterThan(30);
  expect(full).toBeGreaterThan(3);
});
