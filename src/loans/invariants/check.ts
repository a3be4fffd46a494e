import type { Transaction } from '../../db/pools.ts';
import { subLedgers } from '../../ledger/control-totals.ts';
import {
  type Checked,
  type Days,
  type Invariant,
  LEDGER_INVARIANTS,
  verdict,
} from '../../ledger/invariants.ts';
import { forgottenJob } from '../../runtime/invariants.ts';
import { accruals } from './accruals.ts';
import { schedules, suspense } from './standing.ts';

const jobsAtRestOrDue: Invariant = async (tx) => verdict('jobs-at-rest-or-due', await forgottenJob(tx));

const INVARIANTS: readonly Invariant[] = [
  ...LEDGER_INVARIANTS,
  ...[subLedgers, schedules, suspense, ...accruals, jobsAtRestOrDue],
];

/**
 * Checks what must always hold, over the books of the days given. A close of day does so for its own day
 * before it is shut; ALL_DAYS looks at all there is.
 * @returns every invariant by name, with the first bad row of each that is broken
 */
export async function checkInvariants(tx: Transaction, days: Days): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const invariant of INVARIANTS) checked.push(...[await invariant(tx, days)].flat());
  return checked;
}
