import { afterAll, expect, test } from 'vitest';
import { castVote, lapseExpired, proposeAction, withdrawProposal } from '../../src/approvals/approvals.ts';
import { subscriber } from '../events/support.ts';
import { NOON, openBooks } from '../ledger/books.ts';
import { leaveMark, testRuntime } from '../support/runtime.ts';

const system = await testRuntime([leaveMark as never]);
afterAll(() => system.close());
const { database, runtime } = system;
const books = await openBooks(database);
await subscriber(database, ['approval.*']);

const HOURS_MS = 3_600_000;
const occasion = { tenant: 'acme', now: NOON };
let hours = 1;

async function proposed(now = NOON) {
  hours += 1;
  const request = { set: { expires_after_hours: hours } };
  const wish = { ...occasion, now, actor: 'operator:asha', action: 'policy.change', request };
  const once = () => books.run((tx) => proposeAction(tx, wish));
  await once();
  return (await once()).approval;
}

async function vote({ id, hash }: { id: string; hash: string }, verdict: 'approve' | 'reject') {
  const ballot = { ...occasion, id, hash, actor: 'operator:meera', verdict, reason: null };
  const cast = () => runtime.transact('acme', ballot.actor, (tx, _, unit) => castVote(tx, unit, ballot));
  await cast();
  await cast();
}

async function told({ id }: { id: string }) {
  const { rows } = await database.superuser('SELECT type, data FROM event WHERE subject = $1 ORDER BY seq', [
    id,
  ]);
  return rows;
}

test('what becomes of an approval is told once, and names nobody', async () => {
  const applied = await proposed();
  await vote(applied, 'approve');
  const about = { approval: applied.id, action: 'policy.change', amount: null, quorum: 1, code: null };
  expect(await told(applied)).toEqual([
    { type: 'approval.proposed', data: { ...about, state: 'proposed' } },
    { type: 'approval.applied', data: { ...about, state: 'applied' } },
  ]);

  const rejected = await proposed();
  await vote(rejected, 'reject');
  const withdrawn = await proposed();
  await books.run((tx) => withdrawProposal(tx, { ...occasion, id: withdrawn.id, actor: 'operator:asha' }));
  expect((await told(rejected)).map(({ type }) => type)).toEqual(['approval.proposed', 'approval.rejected']);
  expect((await told(withdrawn)).map(({ type }) => type)).toEqual([
    'approval.proposed',
    'approval.withdrawn',
  ]);
});

test('one that is refused says why, and so does one that expires with the day', async () => {
  const [outdated, other] = [await proposed(), await proposed()];
  await vote(other, 'approve');
  await vote(outdated, 'approve');
  expect((await told(outdated)).at(-1)).toMatchObject({
    ...{ type: 'approval.refused', data: { state: 'refused', code: 'proposal-outdated' } },
  });

  const late = await proposed();
  const now = new Date(NOON.getTime() + 100 * HOURS_MS);
  expect(await books.run((tx) => lapseExpired(tx, { tenant: 'acme', now }))).toBe(1);
  expect(await books.run((tx) => lapseExpired(tx, { tenant: 'acme', now }))).toBe(0);
  expect((await told(late)).at(-1)).toMatchObject({ type: 'approval.expired' });
});
