import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test, vi } from 'vitest';
import { until } from '../support/until.ts';
import { openSending } from './sending.ts';
import { happened } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const sending = await openSending({ connections_max: 8 });
const { receiver } = sending;
afterAll(() => sending.close());

const LOANS = 12;
const EVENTS_PER_LOAN = 8;

test('two workers bring every loan’s events in order, whatever fails, while many tell of them at once', async () => {
  await (await sending.another()).startWorkers();
  await sending.endpoint(['loan.*']);
  const loans = Array.from({ length: LOANS }, () => uuidv7());
  const tries = new Map<string, number>();
  receiver.answer = ({ event }) => {
    const count = (tries.get(event.id) ?? 0) + 1;
    tries.set(event.id, count);
    // Every third event is refused once.
    return count === 1 && event.sequence % 3 === 0 ? 503 : 200;
  };
  const tellings = Array.from({ length: EVENTS_PER_LOAN }, (_, round) =>
    [loans, loans.toReversed()][round % 2]!.map((loan) => happened(loan)),
  );
  await Promise.all(tellings.map((drafts) => sending.tell(...drafts)));
  await until(
    'all have come',
    () => new Set(receiver.received.map(({ event }) => event.id)).size === LOANS * EVENTS_PER_LOAN,
  );
  for (const loan of loans) {
    const taken = receiver.of(loan).map(({ event }) => event.sequence);
    expect(taken).toEqual([1, 2, 3, 3, 4, 5, 6, 6, 7, 8]);
  }
});
