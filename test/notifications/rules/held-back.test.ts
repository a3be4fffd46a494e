import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Policy, policySchema } from '../../../src/notifications/policy.ts';
import type { NotificationRequest } from '../../../src/notifications/request.ts';
import { suppress } from '../../../src/notifications/rules/suppression.ts';
import { until } from '../../support/until.ts';
import { openNotifying, textTo } from '../notifying.ts';

const world = await openNotifying();
afterAll(() => world.close());
const { notices, clock, accept, notify, rested, run } = world;

/** The wall in India. */
const at = (text: string) => new Date(`${text}:00+05:30`);
let stories = 0;
/** Every story begins on a Monday of its own. */
beforeEach(async () => {
  stories += 1;
  clock.moveTo(new Date(at('2026-11-30T07:00').getTime() + stories * 14 * 86_400_000));
  await rules({});
});

/** Moves the clock to a time of the day it is, or of a later one. */
function moveTo(time: string, days = 0): void {
  const local = new Date(clock.now().getTime() + 5.5 * 3_600_000 + days * 86_400_000);
  clock.moveTo(at(`${local.toISOString().slice(0, 10)}T${time}`));
}

async function rules(policy: Parameters<typeof policySchema.parse>[0]): Promise<void> {
  for (const channel of ['email', 'sms', 'push'] as const) {
    await world.setPolicy(channel, policySchema.parse(policy) as Partial<Policy>);
  }
}

let people = 0;
function somebody() {
  people += 1;
  const number = String(people).padStart(4, '0');
  return {
    reference: `person-${number}`,
    phone: `+91982234${number}`,
    email: `person-${number}@example.com`,
  };
}
type Somebody = ReturnType<typeof somebody>;

const remind = ({ phone, reference }: Somebody, text: string, more: Partial<NotificationRequest> = {}) =>
  accept(textTo(phone, text, { category: 'reminder', recipient: { phone, reference }, ...more }));

const textsTo = ({ phone }: Somebody): string[] =>
  notices.delivered({ to: phone }).map((notice) => ('text' in notice ? String(notice.text) : ''));

const waitsFor = (id: string, code: string) =>
  until(`it waits: ${code}`, async () => {
    const job = (await world.story(id))[0]!.job;
    return job.state === 'pending' && job.code === code;
  });
const endOf = async (id: string) => {
  const { state, job } = (await rested(id))[0]!;
  return state === 'sent' ? 'sent' : job.code;
};

describe('the hours', () => {
  test('hold a reminder until the morning; what must be told goes out at once, even from behind it', async () => {
    const asha = somebody();
    const reminder = await remind(asha, 'Due tomorrow.');
    await waitsFor(reminder, 'outside-hours');
    const paid = await accept(textTo(asha.phone, 'Thank you.', { recipient: asha }));
    expect(await endOf(paid)).toBe('sent');
    moveTo('07:59');
    await waitsFor(reminder, 'outside-hours');
    expect(textsTo(asha)).toEqual(['Thank you.']);
    moveTo('08:00');
    expect(await endOf(reminder)).toBe('sent');
  });

  test('are those of the place where the borrower is', async () => {
    moveTo('12:00');
    const inLondon = somebody();
    const wish = { recipient: { ...inLondon, time_zone: 'Europe/London' } };
    const reminder = await remind(inLondon, 'Due tomorrow.', wish);
    await waitsFor(reminder, 'outside-hours');
    moveTo('13:30');
    expect(await endOf(reminder)).toBe('sent');
  });

  test('end at once what nobody wants any more by the time that they open', async () => {
    const deadline = at(`${new Date(clock.now()).toISOString().slice(0, 10)}T07:45`).toISOString();
    expect(await endOf(await remind(somebody(), 'Due today.', { deadline }))).toBe('expired');
  });

  test('hold for a later try as for the first', async () => {
    moveTo('18:59');
    const asha = somebody();
    notices.script({ subject: asha.phone, fault: 'rate-limited', times: 3 });
    await rules({ wait_ms: 200 });
    const reminder = await remind(asha, 'Due tomorrow.');
    await until('it was tried', async () => (await world.story(reminder))[0]!.attempts.length > 0);
    moveTo('19:00');
    await waitsFor(reminder, 'outside-hours');
    const tried = (await world.story(reminder))[0]!.attempts.length;
    moveTo('08:00', 1);
    expect(await endOf(reminder)).toBe('sent');
    const attempts = (await world.story(reminder))[0]!.attempts;
    expect(attempts.slice(tried).every(({ began_at }) => began_at >= clock.now())).toBe(true);
  });

  test('may be changed while something waits', async () => {
    const reminder = await remind(somebody(), 'Due tomorrow.');
    await waitsFor(reminder, 'outside-hours');
    await rules({ contact_window: null });
    expect(await endOf(reminder)).toBe('sent');
  });
});

describe('the caps', () => {
  test('let what is too much for a day go out on the next, of several sent at once too', async () => {
    await rules({ caps: { per_day: 2, per_week: 5 } });
    moveTo('09:00');
    const asha = somebody();
    const ids = await Promise.all(
      [1, 2, 3, 4].map((number) => remind(asha, `Reminder ${number}`, { ordering: 'none' })),
    );
    await until('two are out', () => textsTo(asha).length === 2);
    moveTo('18:00');
    expect(textsTo(asha)).toHaveLength(2);
    moveTo('08:00', 1);
    for (const id of ids) expect(await endOf(id)).toBe('sent');
    const fifth = await remind(asha, 'Reminder 5');
    const sixth = await remind(asha, 'Reminder 6');
    await waitsFor(fifth, 'capped');
    moveTo('08:00', 1);
    expect(await endOf(fifth)).toBe('sent');
    moveTo('08:00', 1);
    await waitsFor(sixth, 'capped');
    moveTo('07:59', 4);
    expect(textsTo(asha)).toHaveLength(5);
    moveTo('08:00');
    expect(await endOf(sixth)).toBe('sent');
  });

  test('give up what would come too late, and count no marketing against what must be told', async () => {
    await rules({ caps: { per_day: 1 } });
    moveTo('09:00');
    const asha = somebody();
    expect(await endOf(await remind(asha, 'First'))).toBe('sent');
    const deadline = new Date(clock.now().getTime() + 3_600_000).toISOString();
    expect(await endOf(await remind(asha, 'Second', { deadline }))).toBe('capped');
    const told = await accept(textTo(asha.phone, 'Paid.', { recipient: asha }));
    expect(await endOf(told)).toBe('sent');
  });

  test('may hold for all channels together', async () => {
    await rules({ caps: { all_channels_per_day: 1 } });
    moveTo('09:00');
    const asha = somebody();
    const [mail] = await notify({
      ...{ type: 'EMAIL', category: 'reminder', recipient: asha },
      content: { email: { subject: 'Due', text: 'Due tomorrow.' } },
    });
    expect(mail!.state).toBe('sent');
    const text = await remind(asha, 'Due tomorrow.');
    await waitsFor(text, 'capped');
    moveTo('08:00', 1);
    expect(await endOf(text)).toBe('sent');
  });

  test('count what failed only where it may have arrived', async () => {
    await rules({ caps: { per_day: 1 }, retries: 0 });
    moveTo('09:00');
    const asha = somebody();
    notices.script({ subject: asha.phone, fault: 'rate-limited', times: 1 });
    expect(await endOf(await remind(asha, 'First'))).toContain('two-factor');
    expect(await endOf(await remind(asha, 'Second'))).toBe('sent');
    const bina = somebody();
    notices.script({ subject: bina.phone, fault: 'commit-then-500', times: 1 });
    expect(await endOf(await remind(bina, 'First'))).toContain('two-factor');
    await waitsFor(await remind(bina, 'Second'), 'capped');
  });
});

test('the same is not sent twice in a short while, but again after it, and to others', async () => {
  await rules({ dedupe: { minutes: 60 } });
  moveTo('09:00');
  const [asha, bina] = [somebody(), somebody()];
  const twins = await Promise.all([1, 2].map(() => remind(asha, 'Due tomorrow.', { ordering: 'none' })));
  const ends = await Promise.all(twins.map(endOf));
  expect(ends.sort()).toEqual(['duplicate', 'sent']);
  expect(await endOf(await remind(bina, 'Due tomorrow.'))).toBe('sent');
  expect(await endOf(await remind(asha, 'Due today.'))).toBe('sent');
  moveTo('10:00');
  expect(await endOf(await remind(asha, 'Due tomorrow.'))).toBe('sent');
});

test('who opted out gets what must be told, whoever is dead nothing', async () => {
  moveTo('09:00');
  const [asha, bina] = [somebody(), somebody()];
  const since = clock.now();
  await run(async (tx) => {
    const common = { channel: 'sms', detail: null, since } as const;
    await suppress(tx, { ...common, address: asha.phone, reason: 'opted-out' });
    await suppress(tx, { ...common, address: bina.phone, reason: 'asked', stops: 'marketing' });
  });
  const tell = (who: Somebody) => accept(textTo(who.phone, 'Key facts.', { recipient: who }));
  expect(await endOf(await remind(asha, 'Due.'))).toBe('suppressed');
  expect(await endOf(await tell(asha))).toBe('sent');
  expect(await endOf(await remind(bina, 'Due.'))).toBe('sent');
  expect(await endOf(await remind(bina, 'A loan for you!', { category: 'marketing' }))).toBe('suppressed');
  await run((tx) =>
    suppress(tx, { channel: 'sms', address: asha.phone, reason: 'bounced', detail: null, since }),
  );
  expect(await endOf(await tell(asha))).toBe('suppressed');
});
