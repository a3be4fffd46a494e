import { afterAll, expect, test } from 'vitest';
import { holdLane, openLane } from '../../../src/notifications/lanes.ts';
import type { NotificationRequest } from '../../../src/notifications/request.ts';
import { due } from '../../../src/notifications/templates/built-in/due.ts';
import { takeBack } from '../../../src/notifications/templates/reword.ts';
import { addVersion } from '../../../src/notifications/templates/rows.ts';
import { until } from '../../support/until.ts';
import { openNotifying } from '../notifying.ts';

const world = await openNotifying();
afterAll(() => world.close());

const actor = 'operator:asha';
const by = { tenant: 'acme', channel: 'sms', by: actor } as const;
const word = (name: string, text: string) =>
  world.run((tx) =>
    addVersion(tx, {
      ...{ name, locale: 'en-IN', actor },
      wording: { category: 'transactional', parts: { sms: { text } } },
    }),
  );
const takeItBack = (name: string) => world.run((tx) => takeBack(tx, { name, locale: 'en-IN', actor }));
const textTo = (phone: string, template: string) => ({
  ...{ type: 'SMS' as const, recipient: { phone }, template, category: 'transactional' as const },
  data: due.sample as NotificationRequest['data'],
});
const delivered = (phone: string) =>
  world.notices.delivered({ to: phone }).map((notice) => ('text' in notice ? notice.text : null));
const settled = (id: string) =>
  until('it is sent or given up', async () => {
    const [story] = await world.story(id);
    return ['done', 'dead'].includes(story!.job.state) ? story! : null;
  });

test('what was sent names its version; what waits is written in the words that count when it goes out', async () => {
  await word('due', 'Ours: {{ name }}.');
  await word('own', 'Our own: {{ name }}.');
  const sent = await world.accept(textTo('+919812340001', 'due'));
  await world.rested(sent);
  const hold = { channel: 'sms', code: 'asked', message: 'asked', held_by: actor } as const;
  await world.run((tx) => holdLane(tx, 'acme', { ...hold, held_at: world.clock.now() }));
  const waiting = await world.accept(textTo('+919812340002', 'due'));
  const stranded = await world.accept(textTo('+919812340003', 'own'));
  await world.rested(waiting);
  await world.rested(stranded);

  await takeItBack('due');
  await takeItBack('own');
  await world.run((tx) => openLane(tx, { ...by, at: world.clock.now() }));

  expect((await settled(waiting)).message).toMatchObject({ state: 'sent', template: 'kist/due' });
  expect(delivered('+919812340002')).toEqual([expect.stringContaining('EMI Rs.12,481.00')]);
  const dead = await settled(stranded);
  expect(dead.job).toMatchObject({ state: 'dead', code: 'unknown-template' });
  expect(delivered('+919812340003')).toEqual([]);
  expect((await world.story(sent))[0]!.message).toMatchObject({ template: 'due', template_version: 1 });
  expect(delivered('+919812340001')).toEqual(['Ours: Asha Rao.']);

  await word('own', 'Once more: {{ name }}.');
  await world.system.runtime.redrive('acme', dead.job.id, actor);
  await until('it is sent', async () => (await world.story(stranded))[0]!.state === 'sent');
  expect((await world.story(stranded))[0]!.message).toMatchObject({ template: 'own', template_version: 3 });
});
