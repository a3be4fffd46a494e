import { describe, test, vi } from 'vitest';
import type { FaultPoint } from '../../../src/runtime/faults.ts';
import { carriers } from '../../support/carriers.ts';
import { STORIES, tellUntilKilled } from './crash-matrix.ts';

vi.setConfig({ testTimeout: 60_000 });

/** One point of two stories, on one carrier or the other; crash.*.slow.test.ts has all of them on both. */
const SOME: Record<string, [doing: string, point: FaultPoint][]> = {
  postgres: [['begins a new attempt', 'payout.begun']],
  redis: [['sends it, and the answer is lost (commit-then-500)', 'payout.sent']],
};

describe.each(carriers())('on the $name carrier', ({ name: carrier, missing }) => {
  test.skipIf(missing).each(SOME[carrier]!)(
    'a worker that %s, killed at %s: it is paid once, and the books know',
    async (doing, point) => {
      await tellUntilKilled(STORIES.find((story) => story.doing === doing)!, point, carrier);
    },
  );
});
