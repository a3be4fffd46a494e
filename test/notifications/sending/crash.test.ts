import { describe, test, vi } from 'vitest';
import { carriers } from '../../support/carriers.ts';
import { POINTS, sendWhileKilled, WAYS } from './crash-matrix.ts';

vi.setConfig({ testTimeout: 60_000 });

/** One point of one way on each carrier; crash.*.slow.test.ts has all of them on both. */
const SOME = {
  postgres: { by: '2Factor', point: 'notification.sent' },
  redis: { by: 'Brevo', point: 'staged.called' },
} as const;

describe.each(carriers())('on the $name carrier', ({ name: carrier, missing }) => {
  const { by, point } = SOME[carrier];
  test.skipIf(missing)(`a worker that sends by ${by}, killed at ${point}: nothing is lost`, async () => {
    const way = WAYS.find((each) => each.by === by)!;
    await sendWhileKilled(way, POINTS.find((each) => each.point === point)!, carrier);
  });
});
