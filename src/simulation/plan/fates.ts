import type { ScriptedFault } from '../../sandbox/gateway/faults.ts';
import type { Dice } from '../dice.ts';

type End = 'succeeded' | 'failed' | 'reversed' | 'rejected';

/**
 * What the gateway and the banks make of a payout. It is part of the plan, whatever else breaks: two lives of
 * one plan see the same payments fail and come back.
 */
export interface Fate {
  /** How the gateway's simulator is told; null where all goes well. */
  script: Pick<ScriptedFault, 'fault' | 'days' | 'reason' | 'times'> | null;
  /** What each attempt comes to in the end. */
  ends: readonly End[];
  /** The bank says something of the account itself: nothing more is paid to it. */
  condemns_account?: true;
  /** What people must look at, besides a disbursal that is not paid. */
  exception?: 'paid-twice' | 'paid-after-failure';
  /** A failure is taken back later; whoever has not heard of the failure by then sees another story. */
  is_taken_back?: true;
}

export const GOES_WELL: Fate = { script: null, ends: ['succeeded'] };

const FATES: readonly Fate[] = [
  { script: { fault: 'slow-processed' }, ends: ['succeeded'] },
  { script: { fault: 'queued' }, ends: ['succeeded'] },
  { script: { fault: 'pending' }, ends: ['succeeded'] },
  { script: { fault: 'rejected' }, ends: ['rejected'] },
  { script: { fault: 'processed-reversed' }, ends: ['reversed'], condemns_account: true },
  { script: { fault: 'slow-reversed' }, ends: ['reversed'], condemns_account: true },
  { script: { fault: 'failed', reason: 'bank_account_closed' }, ends: ['failed'], condemns_account: true },
  { script: { fault: 'failed' }, ends: ['failed', 'succeeded'] },
  { script: { fault: 'slow-failed' }, ends: ['failed', 'succeeded'] },
  { script: { fault: 'failed', times: 3 }, ends: ['failed', 'failed', 'failed'] },
  { script: { fault: 'failed-reversed' }, ends: ['reversed', 'succeeded'], is_taken_back: true },
  {
    script: { fault: 'failed-processed', reason: 'bank_account_closed' },
    ends: ['succeeded'],
    ...{ condemns_account: true, exception: 'paid-after-failure', is_taken_back: true },
  },
  {
    script: { fault: 'failed-processed' },
    ends: ['succeeded', 'succeeded'],
    ...{ exception: 'paid-twice', is_taken_back: true },
  },
];

const FATE_DAYS_MAX = 3;
/** Of a hundred payouts, how many go well. */
const GOING_WELL = 45;
/** So long after a payout began all is over: what takes days, a look that comes a day later, one six days after. */
export const FATE_DAYS = 12;

/** What becomes of a payment that has the time for it. @param steady nothing else can come into the wallet by then */
export function drawFate(dice: Dice, { lasts, steady }: { lasts: boolean; steady: boolean }): Fate {
  const goes_well = dice.between(1, 100) <= GOING_WELL;
  const fate = dice.one(FATES);
  const days = dice.between(1, FATE_DAYS_MAX);
  if (goes_well || !lasts || (fate.exception === 'paid-twice' && !steady)) return GOES_WELL;
  return { ...fate, script: { ...fate.script!, days } };
}

/** How often the payee has the money for good. */
export function timesPaid({ ends }: Fate): number {
  return ends.filter((end) => end === 'succeeded').length;
}
