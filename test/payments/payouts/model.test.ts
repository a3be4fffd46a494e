import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Transaction } from '../../../src/db/pools.ts';
import { verifyBooks } from '../../../src/ledger/verify/verify.ts';
import { PAYOUT_STATUSES, type PayoutStatus } from '../../../src/payments/gateway/gateway.ts';
import { movesOf } from '../../../src/payments/moves.ts';
import { lockPayout } from '../../../src/payments/payouts/rows.ts';
import type { PayoutState } from '../../../src/payments/states.ts';
import { AMOUNT, type Borrower, type Directly, openDirectly, pictureOf } from './direct.ts';

/**
 * Random lives of payouts at the gateway, told in any order, twice, late or not at all, held against a model
 * that fits on a page: what the gateway says when it is asked last is so, in our state and in our books.
 */
const RUNS = 50;
const LIVES_PER_RUN = 4;

let directly: Directly;
/** One to a life of a run: those of a wallet wait for each other. */
let borrowers: Borrower[];
beforeAll(async () => {
  directly = await openDirectly();
  borrowers = await Promise.all(Array.from({ length: LIVES_PER_RUN }, () => directly.borrower('10000000')));
});
afterAll(() => directly.close());

/** How a payout moves at the gateway; what has failed and then proves paid is not in its papers, but happens. */
const AT_GATEWAY: Record<PayoutStatus, readonly PayoutStatus[]> = {
  pending: ['queued', 'scheduled', 'processing', 'rejected'],
  queued: ['processing', 'cancelled', 'failed'],
  scheduled: ['processing', 'cancelled', 'failed'],
  processing: ['succeeded', 'reversed', 'failed'],
  succeeded: ['reversed'],
  failed: ['reversed', 'succeeded'],
  reversed: ['failed'],
  cancelled: [],
  rejected: [],
};

/** How it may move here, written down once more: states.ts must not be its own judge. */
const HERE: Record<PayoutState, readonly PayoutState[]> = {
  approved: ['submitting'],
  submitting: ['unknown', ...PAYOUT_STATUSES],
  unknown: ['suspense', ...PAYOUT_STATUSES],
  suspense: ['succeeded', 'failed', 'reversed', 'cancelled', 'rejected'],
  pending: PAYOUT_STATUSES.filter((status) => status !== 'pending'),
  queued: ['processing', 'succeeded', 'failed', 'reversed', 'cancelled'],
  scheduled: ['processing', 'succeeded', 'failed', 'reversed', 'cancelled'],
  processing: ['succeeded', 'failed', 'reversed'],
  succeeded: ['reversed'],
  failed: ['reversed', 'succeeded'],
  reversed: ['failed'],
  cancelled: [],
  rejected: [],
};

const OPEN: readonly PayoutStatus[] = ['pending', 'queued', 'scheduled', 'processing'];

/** Each number picks a next state, as long as there is one. Money that came back is not paid any more. */
function lifeOf([first, ...picks]: readonly number[]): PayoutStatus[] {
  const life: PayoutStatus[] = [OPEN[first! % OPEN.length]!];
  for (const pick of picks) {
    const returned = life.includes('reversed');
    const next = AT_GATEWAY[life.at(-1)!].filter((status) => !(returned && status === 'succeeded'));
    if (next.length > 0) life.push(next[pick % next.length]!);
  }
  return life;
}

const telling = fc.record({
  /** The gateway goes on by so many states first. */
  on: fc.nat(2),
  /** A poll shows what is true then; an event or an answer what was so many states ago. */
  how: fc.constantFrom('event', 'event', 'answer', 'poll'),
  late: fc.nat(3),
});

const aLife = fc.record({
  known: fc.constantFrom<PayoutState[]>([], ['unknown'], ['unknown', 'suspense']),
  picks: fc.array(fc.nat(11), { minLength: 1, maxLength: 6 }),
  tellings: fc.array(telling, { maxLength: 10 }),
});
type Life = typeof aLife extends fc.Arbitrary<infer T> ? T : never;

interface End {
  id: string;
  truth: PayoutStatus;
}

/** Lives it through; at last the gateway is asked. `fetch` is done as it says. */
async function live(tx: Transaction, { known, picks, tellings }: Life, from: Borrower): Promise<End> {
  const id = await directly.begin(tx, from);
  await directly.move(tx, id, 'submitting', ...known);
  const life = lifeOf(picks);
  let now = 0;
  const poll = () => directly.say(tx, 'poll', pictureOf(id, life[now]!));
  for (const { on, how, late } of tellings) {
    now = Math.min(now + on, life.length - 1);
    const told = life[how === 'poll' ? now : Math.max(0, now - late)]!;
    const reading = await directly.say(tx, how, pictureOf(id, told));
    if (reading === 'fetch') expect(await poll()).not.toBe('fetch');
  }
  now = life.length - 1;
  await poll();
  return { id, truth: life[now]! };
}

async function holdAgainst(tx: Transaction, { known }: Life, { id, truth }: End): Promise<void> {
  const { state } = (await lockPayout(tx, id))!;
  const story = await movesOf(tx, id);
  const is_open = OPEN.includes(truth);
  // People have it in hand until it is settled, whatever way it is.
  expect(state).toBe(is_open && known.includes('suspense') ? 'suspense' : truth);
  for (const [index, { seq, from_state, to_state }] of story.entries()) {
    expect([seq, from_state]).toEqual([index + 1, story[index - 1]?.to_state ?? null]);
    if (from_state !== null) expect(HERE[from_state as PayoutState]).toContain(to_state);
  }
  const came = (from: string, to: string) =>
    story.some(({ from_state, to_state }) => from_state === from && to_state === to);
  const has_paid = story.some(({ to_state }) => to_state === 'succeeded');
  const place =
    truth === 'succeeded'
      ? 'bank'
      : state === 'suspense'
        ? 'suspense'
        : is_open
          ? 'payout-clearing'
          : 'wallet';
  expect(await directly.standing(tx, id)).toEqual({
    wallet: place === 'wallet' ? '0.00' : `${AMOUNT}.00`,
    'payout-clearing': place === 'payout-clearing' ? `-${AMOUNT}.00` : '0.00',
    ...(known.includes('suspense') && { suspense: place === 'suspense' ? `-${AMOUNT}.00` : '0.00' }),
    // What it cost stays paid, once, whatever comes back.
    ...(has_paid && {
      bank: place === 'bank' ? '-405.90' : '-5.90',
      ...{ 'gateway-fees': '5.00', 'input-tax': '0.90' },
    }),
  });
  expect(await directly.exceptionsOf(tx, id)).toEqual(
    came('failed', 'succeeded') ? ['paid-after-failure'] : [],
  );
}

test('whatever order a payout is told in, at last it stands as it is, and its money lies there once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(aLife, { minLength: LIVES_PER_RUN, maxLength: LIVES_PER_RUN }),
      async (lives) => {
        await Promise.all(
          lives.map((life, index) =>
            directly.books.run(async (tx) => holdAgainst(tx, life, await live(tx, life, borrowers[index]!))),
          ),
        );
      },
    ),
    { numRuns: RUNS },
  );
  expect(await verifyBooks(directly.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
});
