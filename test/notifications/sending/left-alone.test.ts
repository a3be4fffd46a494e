import { afterAll, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { openNotifying } from '../notifying.ts';

const world = await openNotifying();
afterAll(() => world.close());
const { notices, accept, story, rested } = world;

const FAILURES = 10;
const content = { email: { subject: 'Due soon', text: 'Your instalment is due on Friday.' } };
const mailTo = (email: string) => accept({ type: 'EMAIL', recipient: { email }, content });

test('a provider that failed ten times is left alone: what is due meanwhile waits, unbegun, and then is sent', async () => {
  await world.setPolicy('email', { retries: 20 });
  notices.script({ subject: notices.account().id, fault: 'error-500', times: FAILURES });
  const first = await mailTo('first@example.com');
  await until('the provider is left alone', async () => {
    return (await story(first))[0]!.job.code === 'provider-left-alone';
  });

  const second = await mailTo('second@example.com');
  const waiting = await until('the second waits', async () => {
    const [each] = await story(second);
    return each!.job.code === 'provider-left-alone' ? each : null;
  });
  expect(waiting).toMatchObject({ state: 'pending', message: null, attempts: [] });

  for (const [id, tries] of [
    [first, FAILURES + 1],
    [second, 1],
  ] as const) {
    const [sent] = await rested(id);
    expect([sent!.state, sent!.attempts.length]).toEqual(['sent', tries]);
  }
});
