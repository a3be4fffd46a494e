import { afterAll, expect, test } from 'vitest';
import type { ScriptedNoticeFault } from '../../../src/sandbox/notices/faults.ts';
import { openNotifying } from '../notifying.ts';

const world = await openNotifying({ mails: ['brevo', 'smtp'] });
afterAll(() => world.close());
const { notices } = world;

let people = 0;
async function mailWith(...faults: Omit<ScriptedNoticeFault, 'subject'>[]) {
  people += 1;
  const email = `borrower-${people}@example.com`;
  notices.script(...faults.map((fault) => ({ subject: email, ...fault }) as ScriptedNoticeFault));
  const content = { email: { subject: 'Due soon', text: 'Your instalment is due on Friday.' } };
  const [story] = await world.notify({ type: 'EMAIL', recipient: { email }, content });
  const asked = story!.attempts.map(({ provider, outcome }) => `${provider}: ${outcome}`);
  return { story: story!, asked, arrived: notices.delivered({ to: email }).length };
}

test('what the first provider certainly did not take, the second one sends at once', async () => {
  const { story, asked, arrived } = await mailWith({ fault: 'rate-limited', call: 'brevo.send' });
  expect(asked).toEqual(['brevo: again', 'smtp: sent']);
  expect([story.state, story.message!.provider, arrived]).toEqual(['sent', 'smtp', 1]);
});

test('where the first knows the lender no more, the second sends, and the lane stays open', async () => {
  const { story, asked, arrived } = await mailWith({ fault: 'unauthorized', call: 'brevo.send' });
  expect(asked).toEqual(['brevo: locked-out', 'smtp: sent']);
  expect([story.state, arrived]).toEqual(['sent', 1]);
  expect((await mailWith()).asked).toEqual(['brevo: sent']);
});

test('what the first may have sent, nobody else is asked to send', async () => {
  const { asked, arrived } = await mailWith({ fault: 'commit-then-reset', call: 'brevo.send' });
  expect(asked).toEqual(['brevo: unknown', 'brevo: sent']);
  expect(arrived).toBe(1);
});

test('what can never be sent is not tried elsewhere', async () => {
  const { story, asked, arrived } = await mailWith({ fault: 'refused', call: 'brevo.send' });
  expect(asked).toEqual(['brevo: rejected']);
  expect([story.state, story.job.state, arrived]).toEqual(['failed', 'dead', 0]);
});
