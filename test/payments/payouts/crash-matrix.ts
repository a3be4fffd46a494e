import { describe, test } from 'vitest';
import type { Payout } from '../../../src/payments/payouts/rows.ts';
import type { FaultPoint } from '../../../src/runtime/faults.ts';
import type { ScriptedFault } from '../../../src/sandbox/gateway/faults.ts';
import { type CarrierUnderTest, carriers } from '../../support/carriers.ts';
import { type Beginning, type Crashing, DAY, MIN, openCrashing } from './crashing.ts';
import type { PayerOrders } from './payer-process.ts';

/** What a worker does when it is killed, and how it came to that. */
export interface Story extends Omit<Beginning, 'carrier'> {
  doing: string;
  points: readonly FaultPoint[];
  /** What happened before, to workers that nobody killed or to others. */
  before?(payout: Crashing): Promise<void>;
  /** What the one that is killed works at. */
  queues: string[];
  /** What people have found out, and it writes down. */
  as?: NonNullable<PayerOrders['settle']>['as'];
  /** How it ends all the same; `succeeded` by default. */
  ends?: Payout['state'];
}

const PREPARING: readonly FaultPoint[] = ['staged.preparing', 'staged.prepared'];
const SETTLING: readonly FaultPoint[] = ['staged.called', 'payout.moved', 'commit.before', 'commit.after'];
const SENDING: readonly FaultPoint[] = [
  ...(['staged.preparing', 'payout.contact-made', 'payout.registered', 'staged.prepared'] as const),
  ...(['payout.stored', 'payout.sent'] as const),
  ...SETTLING,
];

const MOVING: readonly FaultPoint[] = ['payout.moved', 'commit.before', 'commit.after'];

const LOST_ANSWERS = ['commit-then-500', 'commit-then-hang'] as const;
/** Every repeat is lost, and then every look: nobody can say. */
const LOST_FOR_AN_HOUR: ScriptedFault[] = [
  { subject: '*', fault: 'commit-then-500', call: 'payout.create', times: 4 },
  { subject: '*', fault: 'error-500', call: 'payout.list', times: 4 },
];
/** It fails for a reason that passes. */
const PASSES: ScriptedFault = { subject: '*', fault: 'failed', reason: 'beneficiary_bank_offline' };

/** Every point of a payout at which its worker can be killed. */
export const STORIES: readonly Story[] = [
  {
    doing: 'takes the money out of the wallet',
    is_wish: true,
    queues: ['wallets'],
    points: [
      ...(['claim.locked', 'payout.begun', 'group.midway', 'commit.before', 'commit.after'] as const),
      'dispatch.before-carrier',
    ],
  },
  { doing: 'sends it', queues: ['payouts'], points: SENDING },
  {
    doing: 'sends it to a beneficiary whom the gateway knows',
    is_known: true,
    queues: ['payouts'],
    points: [...PREPARING, 'payout.stored', 'payout.sent'],
  },
  ...LOST_ANSWERS.map((fault) => ({
    doing: `sends it, and the answer is lost (${fault})`,
    script: [{ subject: '*', fault, call: 'payout.create' }],
    queues: ['payouts'],
    points: [...SENDING, 'payout.unknown'] as const,
  })),
  {
    doing: 'goes by an event that was faster than the answer',
    queues: ['callbacks'],
    // The event says enough: nobody is asked, and it is one transaction.
    points: MOVING,
    async before(payout) {
      await payout.hear();
      await payout.kill('payout.sent', { queues: ['payouts'] });
      await payout.heard();
    },
  },
  {
    doing: 'concludes a look',
    queues: ['payment-looks'],
    points: ['dispatch.before-carrier', ...PREPARING, ...SETTLING],
    async before(payout) {
      await payout.work(['payouts'], 'processing');
      payout.passes(30 * MIN);
    },
  },
  {
    doing: 'hears that it failed',
    script: [PASSES],
    queues: ['payment-looks'],
    points: MOVING,
    async before(payout) {
      await payout.work(['payouts'], 'processing');
      payout.passes(30 * MIN);
    },
  },
  {
    doing: 'begins a new attempt',
    script: [PASSES],
    queues: ['payouts'],
    points: [...PREPARING, 'staged.called', 'payout.begun', 'commit.before', 'commit.after'],
    async before(payout) {
      await payout.work(['payouts'], 'processing');
      payout.passes(30 * MIN);
      await payout.work(['payment-looks'], 'failed');
    },
  },
  {
    doing: 'hears that the bank sent it back',
    script: [{ subject: '*', fault: 'processed-reversed', days: 2 }],
    queues: ['payment-looks'],
    points: MOVING,
    ends: 'reversed',
    async before(payout) {
      await payout.work(['payouts'], 'processing');
      payout.passes(DAY);
      await payout.work(['payment-looks'], 'succeeded');
      payout.passes(7 * DAY);
    },
  },
  {
    doing: 'has the gateway cancel it',
    script: [{ subject: '*', fault: 'queued' }],
    queues: ['payouts'],
    points: [...PREPARING, ...SETTLING],
    ends: 'cancelled',
    async before(payout) {
      await payout.work(['payouts'], 'queued');
      await payout.cancel();
    },
  },
  {
    doing: 'leaves it to people',
    script: LOST_FOR_AN_HOUR,
    queues: ['payouts'],
    points: ['payout.moved', 'payout.suspended'],
  },
  {
    doing: 'finds out by a look what people were asked',
    script: LOST_FOR_AN_HOUR,
    queues: ['payment-looks'],
    points: [...PREPARING, ...SETTLING],
    async before(payout) {
      await payout.work(['payouts'], 'suspense');
      payout.passes(2 * DAY);
    },
  },
  {
    doing: 'asks the gateway because of an event what people were asked',
    script: LOST_FOR_AN_HOUR,
    queues: ['callbacks'],
    points: [...PREPARING, ...SETTLING],
    async before(payout) {
      await payout.hear();
      await payout.work(['payouts'], 'suspense');
      await payout.heard();
    },
  },
  {
    doing: 'writes down what people have found out',
    script: LOST_FOR_AN_HOUR,
    queues: [],
    as: 'succeeded',
    points: ['payout.moved'],
    before: (payout) => payout.work(['payouts'], 'suspense'),
  },
];

/** Tells the story up to the point at which its worker is killed, and then to the end. */
export async function tellUntilKilled(
  { before, queues, as, ends = 'succeeded', ...beginning }: Story,
  point: FaultPoint,
  carrier: Beginning['carrier'],
): Promise<void> {
  const payout = await openCrashing({ ...beginning, carrier });
  await before?.(payout);
  await payout.kill(point, { queues, ...(as && { settle: { payout: (await payout.payout()).id, as } }) });
  await payout.ends(ends);
}

/** Every story, killed at every one of its points. */
export function crashMatrix(name: CarrierUnderTest['name']): void {
  const { missing } = carriers().find((carrier) => carrier.name === name)!;
  for (const story of STORIES) {
    describe.skipIf(missing)(`a worker that ${story.doing}`, () => {
      test.each(story.points)(
        'killed at %s: the gateway and the books agree, and nothing is paid twice',
        (point) => tellUntilKilled(story, point, name),
      );
    });
  }
}
