import { sql } from 'slonik';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { AnyApprovable } from '../../src/identity/approvable.ts';
import { ActionRefused } from '../../src/identity/approval-errors.ts';
import {
  type Approval,
  findApproval,
  lapseApprovals,
  listApprovals,
} from '../../src/identity/approval-rows.ts';
import { propose, vote, withdraw } from '../../src/identity/approvals.ts';
import { keepSetting, settingOf } from '../../src/identity/settings.ts';
import type { InTransaction } from '../../src/runtime/types.ts';
import { leaveMark, mark, testRuntime } from '../support/runtime.ts';

const system = await testRuntime([leaveMark as never]);
afterAll(() => system.close());
const { runtime, database } = system;

const NOON = new Date('2026-01-05T06:30:00Z');
const later = (hours: number) => new Date(NOON.getTime() + hours * 3_600_000);
const mood = z.object({ mood: z.string().default('quiet') });

/** Rings a bell: an effect for every ring, and a job that leaves a mark. The mood is a fact it rests on. */
const ring: AnyApprovable<InTransaction> = {
  action: 'bell.ring',
  summary: 'Ring the bell.',
  scope: { propose: 'bells:write', approve: 'bells:approve' },
  request: z.strictObject({ bell: z.string(), times: z.int(), cost: z.string().optional() }),
  facts: async (tx) => settingOf(tx, 'mood', mood),
  describe: ({ bell, times }) => `Ring ${bell} ${times} times.`,
  amount: ({ cost }) => (cost as string | undefined) ?? null,
  barred: ({ bell }) => [`operator:sexton-of-${bell}`],
  apply: async (tx, { bell }, { means, approvers, proposed_by }) => {
    await mark(tx, [`rang ${bell}`]);
    const [job] = await means.accept([{ kind: 'mark.leave', payload: { name: `after ${bell}` } }]);
    if (bell === 'cracked') throw new ActionRefused('bell-cracked', 'It gives no sound.');
    if (bell === 'falling') throw new Error('The tower fell.');
    return { job: job!.id, approvers, proposed_by };
  },
};

const act = <T>(actor: string, work: Parameters<typeof runtime.transact<T>>[2]) =>
  runtime.transact('acme', actor, work);
const DEAR = '2000000.00';
const terms = {
  expires_after_hours: 72,
  quorumFor: (amount: string | null) => (amount === DEAR ? 2 : 1),
};

async function proposed(
  bell: string,
  { by = 'operator:asha', cost = '10.00', now = NOON } = {},
): Promise<Approval> {
  const wish = { tenant: 'acme', now, actor: by, reason: 'It is noon.', request: { bell, times: 12, cost } };
  return (await act(by, (tx) => propose(tx, ring, wish, terms))).approval;
}

const cast = (
  { id, hash }: Pick<Approval, 'id' | 'hash'>,
  by: string,
  { verdict = 'approve' as 'approve' | 'reject', now = NOON } = {},
) =>
  act(by, (tx, _, unit) =>
    vote(tx, ring, { tenant: 'acme', id, hash, actor: by, verdict, now, reason: null }, unit),
  );
const seen = async ({ id }: Approval, now = NOON) =>
  (await act('system:test', (tx) => findApproval(tx, id, now)))!;
const rung = async (bell: string) =>
  (await system.effects()).filter((name) => name === `rang ${bell}`).length;
const jobs = async (bell: string) => (await runtime.list('acme', { key: `after ${bell}`, limit: 5 })).length;

test('what one proposes another approves, and it is done in the same moment', async () => {
  const approval = await proposed('big-ben');
  expect(approval).toMatchObject({
    ...{ state: 'proposed', quorum: 1, proposed_by: 'operator:asha', expires_at: later(72), amount: '10.00' },
    payload: { bell: 'big-ben', times: 12, mood: 'quiet' },
  });
  expect(await rung('big-ben')).toBe(0);
  const { approval: applied } = await cast(approval, 'operator:meera');
  expect(applied).toMatchObject({
    ...{ state: 'applied', ended_at: NOON, votes: [{ voter: 'operator:meera', verdict: 'approve' }] },
    result: { approvers: ['operator:meera'], proposed_by: 'operator:asha' },
  });
  expect([await rung('big-ben'), await jobs('big-ben')]).toEqual([1, 1]);

  const again = await cast(approval, 'operator:meera');
  expect(again).toMatchObject({ replayed: true, approval: { state: 'applied' } });
  await expect(cast(approval, 'operator:john')).rejects.toMatchObject({ code: 'illegal-transition' });
  expect(await rung('big-ben')).toBe(1);
});

test('nobody approves what he proposed, nor what was done for him', async () => {
  const approval = await proposed('own');
  await expect(cast(approval, 'operator:asha')).rejects.toMatchObject({ code: 'own-request' });
  await expect(cast(approval, 'operator:sexton-of-own')).rejects.toMatchObject({ code: 'own-request' });
  await expect(proposed('own', { by: 'operator:sexton-of-own' })).rejects.toMatchObject({
    code: 'own-request',
  });
  expect(await seen(approval)).toMatchObject({ state: 'proposed', votes: [] });
});

test('a vote is about exactly what was proposed', async () => {
  const [approval, other] = [await proposed('tenor'), await proposed('treble')];
  await expect(cast({ id: approval.id, hash: other.hash }, 'operator:meera')).rejects.toMatchObject({
    code: 'approval-hash-mismatch',
  });
  expect(await rung('tenor')).toBe(0);
});

test('a payload changed behind its hash is not applied', async () => {
  const approval = await proposed('swapped');
  await database.superuser(`UPDATE approval SET payload = payload || '{"times": 1000}' WHERE id = $1`, [
    approval.id,
  ]);
  const { approval: refused } = await cast(approval, 'operator:meera');
  expect(refused).toMatchObject({ state: 'refused', result: { code: 'proposal-outdated' } });
  expect(await rung('swapped')).toBe(0);
});

test('what it rests on is looked at again: if it changed, nothing is applied', async () => {
  const approval = await proposed('moody');
  await act('system:test', (tx) => keepSetting(tx, 'mood', { mood: 'loud' }, 'operator:john'));
  const { approval: refused } = await cast(approval, 'operator:meera');
  expect(refused).toMatchObject({ state: 'refused', result: { code: 'proposal-outdated' } });
  expect(await rung('moody')).toBe(0);
  await act('system:test', (tx) => keepSetting(tx, 'mood', { mood: 'quiet' }, 'operator:john'));
});

test('an action that refuses ends the approval, and leaves nothing of what it did', async () => {
  const { approval } = await cast(await proposed('cracked'), 'operator:meera');
  expect(approval).toMatchObject({
    state: 'refused',
    result: { code: 'bell-cracked', message: 'It gives no sound.' },
    votes: [{ voter: 'operator:meera' }],
  });
  expect([await rung('cracked'), await jobs('cracked')]).toEqual([0, 0]);
});

test('a crash while applying takes the vote back with it', async () => {
  const approval = await proposed('falling');
  await expect(cast(approval, 'operator:meera')).rejects.toThrow('The tower fell.');
  expect(await seen(approval)).toMatchObject({ state: 'proposed', votes: [] });
  expect([await rung('falling'), await jobs('falling')]).toEqual([0, 0]);
});

test('something dear takes two approvers', async () => {
  const approval = await proposed('dear', { cost: DEAR });
  expect(approval.quorum).toBe(2);
  expect((await cast(approval, 'operator:meera')).approval.state).toBe('proposed');
  expect(await cast(approval, 'operator:meera')).toMatchObject({ replayed: true });
  expect(await rung('dear')).toBe(0);
  const { approval: applied } = await cast(approval, 'service:board');
  expect(applied).toMatchObject({
    state: 'applied',
    result: { approvers: ['operator:meera', 'service:board'] },
  });
});

test('the two last votes at once apply it once', async () => {
  const one = await proposed('race');
  const both = await Promise.allSettled([cast(one, 'operator:meera'), cast(one, 'operator:john')]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect([await rung('race'), await jobs('race')]).toEqual([1, 1]);

  const two = await proposed('race-of-two', { cost: DEAR });
  const votes = ['operator:meera', 'operator:john', 'operator:ravi'].map((by) => cast(two, by));
  const ended = await Promise.allSettled(votes);
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  expect(await rung('race-of-two')).toBe(1);
});

test('one who rejects ends it', async () => {
  const approval = await proposed('loud', { cost: DEAR });
  await cast(approval, 'operator:meera');
  await expect(cast(approval, 'operator:meera', { verdict: 'reject' })).rejects.toMatchObject({
    code: 'already-voted',
  });
  expect((await cast(approval, 'operator:john', { verdict: 'reject' })).approval.state).toBe('rejected');
  await expect(cast(approval, 'operator:ravi')).rejects.toMatchObject({ code: 'illegal-transition' });
  expect(await rung('loud')).toBe(0);
});

test('past its time it is expired: nobody can vote, and it can be proposed anew', async () => {
  const approval = await proposed('slow');
  expect((await cast(approval, 'operator:meera', { now: later(72) }).catch((error) => error)).code).toBe(
    'approval-expired',
  );
  expect((await seen(approval, later(72))).state).toBe('expired');
  const anew = await proposed('slow', { now: later(73) });
  expect(anew).toMatchObject({ hash: approval.hash, state: 'proposed' });
  expect(anew.id).not.toBe(approval.id);
  expect((await cast(anew, 'operator:meera', { now: later(74) })).approval.state).toBe('applied');
});

test('the close of day lapses what is over, and nothing else', async () => {
  const [over, young] = [await proposed('over'), await proposed('young', { now: later(1) })];
  const lapsed = await act('system:test', (tx) => lapseApprovals(tx, later(72)));
  expect(lapsed).toContainEqual(expect.objectContaining({ id: over.id, state: 'expired', votes: [] }));
  expect(await seen(over)).toMatchObject({ state: 'expired', ended_at: later(72) });
  expect(await seen(young)).toMatchObject({ state: 'proposed' });
  const listed = await act('system:test', (tx) =>
    listApprovals(tx, { state: 'expired', action: 'bell.ring', limit: 100 }, later(72)),
  );
  expect(listed.map(({ id }) => id)).toContain(over.id);
  expect(listed.map(({ id }) => id)).not.toContain(young.id);
});

test('the same is proposed once at a time, whoever proposes it, also at once', async () => {
  const all = await Promise.all(
    ['operator:asha', 'operator:meera', 'operator:john'].map((by) => proposed('chorus', { by })),
  );
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
});

test('only its proposer withdraws a proposal', async () => {
  const approval = await proposed('regretted');
  const take = (actor: string) => act(actor, (tx) => withdraw(tx, { id: approval.id, actor, now: NOON }));
  await expect(take('operator:meera')).rejects.toMatchObject({ code: 'not-proposer' });
  expect((await take('operator:asha')).approval.state).toBe('withdrawn');
  expect(await take('operator:asha')).toMatchObject({ replayed: true });
  await expect(cast(approval, 'operator:meera')).rejects.toMatchObject({ code: 'illegal-transition' });
});

test('the database itself keeps to the rules, whatever the application asks of it', async () => {
  const approval = await proposed('vault');
  const asApp = (text: Parameters<typeof sql.unsafe>[0], ...values: string[]) =>
    act('system:mallory', (tx) => tx.query(sql.unsafe(text, ...values)));
  const state = async (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error) => error.cause?.code ?? error.code ?? String(error),
    );
  const { id } = approval;
  expect(await state(asApp`UPDATE approval SET state = 'applied', ended_at = now() WHERE id = ${id}`)).toBe(
    'KI030',
  );
  expect(await state(asApp`UPDATE approval SET payload = '{}' WHERE id = ${id}`)).toBe('42501');
  const row = (voter: string, hash: string) => asApp`
    INSERT INTO approval_vote (tenant_id, approval_id, voter, verdict, payload_hash, proposed_by, voted_at)
    VALUES ('acme', ${id}, ${voter}, 'approve', decode(${hash}, 'hex'), 'operator:asha', now())`;
  expect(await state(row('operator:asha', approval.hash))).toBe('23514');
  expect(await state(row('operator:meera', '00'.repeat(32)))).toBe('23503');
  expect(await seen(approval)).toMatchObject({ state: 'proposed', votes: [] });
});
