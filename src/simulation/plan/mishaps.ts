import type { ScriptedFault } from '../../sandbox/gateway/faults.ts';
import { Dice } from '../dice.ts';
import type { SimulationOptions } from '../options.ts';
import type { Action } from './actions.ts';
import type { PlannedPayment } from './paying.ts';

type Mishap = Omit<ScriptedFault, 'subject'>;

/** How calls to the gateway go wrong, and what it says of payouts. None changes what comes of it all. */
const ANSWERS: readonly Mishap[] = [
  { fault: 'commit-then-500', times: 2 },
  { fault: 'commit-then-hang' },
  { fault: 'commit-then-reset', times: 2 },
  { fault: 'commit-then-garbage' },
  { fault: 'error-500', times: 2 },
  { fault: 'reset', times: 2 },
  { fault: 'rate-limited' },
  { fault: 'rate-limited-bare', times: 2 },
  { fault: 'webhook-first' },
];
/** So often that the repeats are used up, and its list does not show it yet: it comes before people. */
const SILENCE: Mishap = { fault: 'commit-then-500', times: 8 };
const EVENTS = ['duplicate', 'swapped', 'delayed', 'missing', 'forged', 'old-secret'] as const;
const EVENTS_MAX = 3;

/** What befalls the payment of an action, by dice of its own: leaving it out moves nothing else. */
export function planMishaps({ seed, faults }: SimulationOptions, { id, deed }: Action): ScriptedFault[] {
  const payment = 'payment' in deed ? deed.payment : null;
  if (payment === null) return [];
  const mishaps = [
    ...(payment.fate.script ? [payment.fate.script] : []),
    ...(faults.includes('gateway-answers') ? badAnswers(new Dice(`${seed}/answers/${id}`), payment) : []),
    ...(faults.includes('gateway-events') ? badEvents(new Dice(`${seed}/events/${id}`)) : []),
  ];
  return mishaps.map((mishap) => ({ ...mishap, subject: payment.payee }));
}

function badAnswers(dice: Dice, { fate, lasts }: PlannedPayment): Mishap[] {
  const luck = dice.between(1, 10);
  const mishap = dice.one(ANSWERS);
  if (luck <= 4) return [];
  const is_silent = luck === 10 && lasts && !fate.is_taken_back;
  return [{ ...(is_silent ? SILENCE : mishap), call: 'payout.create' }];
}

function badEvents(dice: Dice): Mishap[] {
  return Array.from({ length: dice.between(0, EVENTS_MAX) }, () => ({ fault: dice.one(EVENTS) }));
}
