import { sql } from 'slonik';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlState } from '../../../src/db/failures.ts';
import { post } from '../../../src/ledger/post.ts';
import { verifyBooks } from '../../../src/ledger/verify/verify.ts';
import { bankAccountOf } from '../../../src/payments/bank-accounts.ts';
import type { PayoutPicture } from '../../../src/payments/gateway/gateway.ts';
import { payAgain, retryPayout } from '../../../src/payments/payouts/again.ts';
import { concludeLook, takeLooks } from '../../../src/payments/payouts/polls.ts';
import { attemptsOf, lockPayout } from '../../../src/payments/payouts/rows.ts';
import { draft } from '../../ledger/books.ts';
import { AMOUNT, type Directly, openDirectly, pictureOf } from './direct.ts';

let directly: Directly;
beforeAll(async () => {
  directly = await openDirectly();
});
afterAll(() => directly.close());

const run: Directly['books']['run'] = (work) => directly.books.run(work);
const stateOf = async (id: string) => (await run((tx) => lockPayout(tx, id)))!.state;
const exceptionsOf = (id: string) => run((tx) => directly.exceptionsOf(tx, id));
const poll = (picture: PayoutPicture) => run((tx) => directly.say(tx, 'poll', picture));
const event = (picture: PayoutPicture) => run((tx) => directly.say(tx, 'event', picture));
const retry = (id: string) => run((tx) => retryPayout(tx, directly.occasion('machine'), id));

/** A payout that the gateway may have heard of, of a wallet that holds so much. */
async function sent(holding?: string) {
  const from = await directly.borrower(holding);
  const id = await run(async (tx) => {
    const payout = await directly.begin(tx, from);
    await directly.move(tx, payout, 'submitting');
    return payout;
  });
  return { id, ...from };
}

/** As sent; it has failed for a reason that passes, and was begun once more. */
async function sentAgain(holding?: string) {
  const first = await sent(holding);
  await event(pictureOf(first.id, 'failed', { remedy: 'pay-again' }));
  const again = await retry(first.id);
  if (again.outcome !== 'begun') throw new Error(again.message);
  return { ...first, second: again.payout };
}

test('a second payment under our reference is no stranger: people must look', async () => {
  const { id } = await sent();
  await event(pictureOf(id, 'processing'));
  expect(await event(pictureOf(id, 'processing', { id: 'pout_another' }))).toBe('exception');
  expect(await exceptionsOf(id)).toEqual(['two-payments']);
  expect(await stateOf(id)).toBe('processing');
});

test.each([
  ['another amount', { amount: '4000' }],
  ['another currency', { currency: 'USD' }],
])('%s is put before people, and moves nothing', async (_, wrong) => {
  const { id } = await sent();
  expect(await poll(pictureOf(id, 'succeeded', wrong))).toBe('exception');
  expect(await exceptionsOf(id)).toEqual(['other-amount']);
  expect(await stateOf(id)).toBe('submitting');
});

test('what came back cannot be paid, nor what has failed be under way: not even if the gateway says so', async () => {
  const { id } = await sent();
  await poll(pictureOf(id, 'reversed'));
  expect(await poll(pictureOf(id, 'succeeded'))).toBe('exception');
  expect(await poll(pictureOf(id, 'processing'))).toBe('exception');
  expect(await exceptionsOf(id)).toEqual(['illegal-move']);
  expect(await stateOf(id)).toBe('reversed');
});

test('the database itself refuses a second attempt while another may have paid', async () => {
  const { id, second } = await sentAgain();
  const revive = sql.unsafe`
    UPDATE payout SET state = 'unknown' WHERE tenant_id = current_tenant() AND id = ${id}`;
  const refused = await run((tx) => tx.query(revive)).catch((error: unknown) => error);
  expect(sqlState(refused)).toBe('23505');
  expect(String((refused as Error & { cause: { constraint: string } }).cause.constraint)).toBe(
    'payout_one_live',
  );
  expect([await stateOf(id), await stateOf(second)]).toEqual(['failed', 'approved']);
});

test('two machines that try again at once make one attempt', async () => {
  const { id } = await sent();
  await event(pictureOf(id, 'failed', { remedy: 'pay-again' }));
  const answers = await Promise.all([retry(id), retry(id)]);
  expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['begun', 'refused']);
});

test('a failure taken back takes back the attempt that nobody has heard of: its money pays', async () => {
  const { id, second, wallet } = await sentAgain(AMOUNT);
  expect(await poll(pictureOf(id, 'succeeded'))).toBe('move');
  expect([await stateOf(id), await stateOf(second)]).toEqual(['succeeded', 'cancelled']);
  expect(await directly.books.balance(wallet)).toBe('0.00');
  expect(await run((tx) => directly.standing(tx, id))).not.toHaveProperty('suspense');
  expect(await exceptionsOf(id)).toEqual(['paid-after-failure']);
});

test('a failure taken back while the next attempt is out there: both stand, people look, no third is made', async () => {
  const { id, second, wallet } = await sentAgain(AMOUNT);
  await run(async (tx) => {
    await directly.move(tx, second, 'submitting');
    await tx.query(sql.unsafe`
      UPDATE payout SET submitted_at = now() WHERE tenant_id = current_tenant() AND id = ${second}`);
  });
  await poll(pictureOf(id, 'succeeded'));
  expect(await exceptionsOf(id)).toEqual(['paid-twice']);
  expect(await stateOf(second)).toBe('submitting');
  await event(pictureOf(second, 'failed', { remedy: 'pay-again' }));
  expect(await retry(second)).toMatchObject({ outcome: 'refused', code: 'may-have-paid' });
  const begun = run(async (tx) => {
    const previous = (await lockPayout(tx, second))!;
    const account = (await bankAccountOf(tx, previous.bank_account))!;
    return payAgain(tx, directly.occasion('machine'), { previous, account });
  });
  expect(sqlState(await begun.catch((error: unknown) => error))).toBe('23505');
  expect(await run((tx) => attemptsOf(tx, id))).toHaveLength(2);
  expect(await directly.books.balance(wallet)).toBe(`${AMOUNT}.00`);
});

test('no machine pays again what people look into', async () => {
  const { id, wallet } = await sent();
  await run((tx) => directly.move(tx, id, 'unknown', 'suspense'));
  directly.accepted.length = 0;
  await poll(pictureOf(id, 'failed', { remedy: 'pay-again' }));
  expect(await stateOf(id)).toBe('failed');
  expect(directly.accepted).toEqual([]);
  expect(await directly.books.balance(wallet)).toBe('1000.00');
});

test('what suspense paid comes back to suspense, or the borrower had it twice', async () => {
  const { id, wallet } = await sent(AMOUNT);
  await event(pictureOf(id, 'failed'));
  const { bank } = directly.books.controls;
  await run((tx) => post(tx, [draft({ from: wallet, to: bank, amount: AMOUNT, stream: wallet })]));
  await poll(pictureOf(id, 'succeeded'));
  expect(await run((tx) => directly.standing(tx, id))).toMatchObject({ suspense: `${AMOUNT}.00` });
  await poll(pictureOf(id, 'reversed'));
  expect(await run((tx) => directly.standing(tx, id))).toMatchObject({ suspense: '0.00', bank: '-5.90' });
  expect(await directly.books.balance(wallet)).toBe('0.00');
  expect(await exceptionsOf(id)).toEqual(['paid-after-failure', 'returned-to-suspense']);
});

test('a look that the payout overtook is worth no more than an old answer', async () => {
  const { id, wallet } = await sent();
  await event(pictureOf(id, 'processing'));
  await event(pictureOf(id, 'succeeded'));
  const context = directly.occasion('machine');
  for (const status of ['processing', 'failed'] as const) {
    const looked = { picture: pictureOf(id, status), asked: 'processing' as const };
    await run((tx) => concludeLook(tx, context, id, looked));
  }
  expect(await stateOf(id)).toBe('succeeded');
  expect(await exceptionsOf(id)).toEqual([]);
  expect(await directly.books.balance(wallet)).toBe('600.00');
});

test('a gateway that does not answer on the day money may come back is asked again', async () => {
  const { id } = await sent();
  await event(pictureOf(id, 'succeeded'));
  await run((tx) => concludeLook(tx, directly.occasion('poll'), id, { failed: { code: 'timeout' } }));
  const next = await run((tx) =>
    tx.oneFirst(sql.unsafe`
      SELECT next_look_at FROM payout WHERE tenant_id = current_tenant() AND id = ${id}`),
  );
  expect(next).not.toBeNull();
  expect(await verifyBooks(directly.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
});

test('a look that was lost with its job is followed by another', async () => {
  const { id } = await sent();
  await event(pictureOf(id, 'processing'));
  const isTaken = async (after_h: number) => {
    const now = new Date(directly.clock.now().getTime() + after_h * 3_600_000);
    const taken = await run((tx) => takeLooks(tx, now));
    return taken.some(({ payload }) => (payload as { payout: string }).payout === id);
  };
  expect([await isTaken(1), await isTaken(2), await isTaken(26)]).toEqual([true, false, true]);
});
