import { expect, test } from 'vitest';
import { FAULTS } from '../../src/simulation/options.ts';
import { reportOf, reportText } from '../../src/simulation/report/report.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { carriers } from '../support/carriers.ts';

/** Found something once: 3, a reversal of which half was booked. */
const SEEDS = { postgres: [3], redis: [21] };
const LIFE = { loans: 60, days: 75 };

const lives = carriers().flatMap(({ name, missing }) => SEEDS[name].map((seed) => ({ name, missing, seed })));

test.for(lives)('seed $seed on the $name carrier', async ({ name: carrier, missing, seed }, { skip }) => {
  if (missing) skip(missing);
  const broken = await simulate({ ...LIFE, seed, carrier, faults: FAULTS });
  const plain = await simulate({ ...LIFE, seed, carrier, faults: [] });
  const report = reportOf(broken, plain);
  expect(report.sound, reportText(report)).toBe(true);
});
