import { expect, test } from 'vitest';
import { FAULTS } from '../../src/simulation/options.ts';
import { reportOf, reportText } from '../../src/simulation/report/report.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { carriers } from '../support/carriers.ts';

/** In both lives every fate of a payout comes, and every fault of the gateway's answers and events. */
const SEEDS = { postgres: [28], redis: [34] };
const LIFE = { loans: 45, days: 60 };
/** Two lives: two minutes on a machine of its own, ten on one whose memory is slow. */
const TIMEOUT_MS = 1_200_000;

const lives = carriers().flatMap(({ name, missing }) => SEEDS[name].map((seed) => ({ name, missing, seed })));

test.for(lives)(
  'seed $seed on the $name carrier',
  { timeout: TIMEOUT_MS },
  async ({ name: carrier, missing, seed }, { skip }) => {
    if (missing) skip(missing);
    const broken = await simulate({ ...LIFE, seed, carrier, faults: FAULTS });
    const plain = await simulate({ ...LIFE, seed, carrier, faults: [] });
    const report = reportOf(broken, plain);
    expect(report.sound, reportText(report)).toBe(true);
  },
);
