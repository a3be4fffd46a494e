import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { NOON } from '../ledger/books.ts';
import {
  aCollection,
  bankCredit,
  bankDebit,
  type Collected,
  debited,
  openBookkeeping,
  type PaidOut,
  settled,
} from '../payments/reconciliation/bookkeeping.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const clock = new SteppedClock(NOON);
const api = await testApi({ clock });
afterAll(() => api.close());
const books = await openBookkeeping(api.database);
beforeEach(async () => {
  for (const table of [
    'reconciliation_break',
    'payout',
    'collection',
    'settlement',
    'bank_line',
    'gateway_line',
  ])
    await api.database.superuser(`DELETE FROM ${table}`);
});

async function as(who: keyof typeof api.tokens, method: 'GET' | 'POST', url: string, body?: unknown) {
  const answer = await api.send(method, url, body, { authorization: api.tokens[who] });
  return { status: answer.statusCode, ...answer.json() };
}
const get = (url: string) => as('all', 'GET', url);
const propose = (request: object) => as('all', 'POST', '/v1/approvals', { action: 'break.resolve', request });
const approve = ({ links, hash }: { links: { approve: string }; hash: string }) =>
  as('approver', 'POST', links.approve, { hash });

async function onlyBreak() {
  const { breaks } = await get('/v1/breaks?state=open');
  expect(breaks).toHaveLength(1);
  return breaks[0];
}

/** A payout for which the gateway took a rupee more than it had said. */
async function dearer(): Promise<PaidOut> {
  const [payout] = await books.paid([{}]);
  await books.compare(
    await books.told('account', [debited(payout!, { fee: '6.90', debit: '1006.90' })]),
    await books.told('bank', [bankDebit(payout!, { debit: '1006.90' })]),
  );
  return payout!;
}

async function entriesOf(journal: string): Promise<string[]> {
  const { rows } = await api.database.superuser(
    `SELECT a.code, e.direction, e.amount::numeric(20, 2)::text AS amount FROM entry e
     JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id WHERE e.journal_id = $1`,
    [journal],
  );
  return rows.map(({ code, direction, amount }) => `${direction} ${code} ${amount}`).sort();
}

describe('A break', () => {
  test('is found by what it is about, what is wrong, and how long it stands', async () => {
    const payout = await dearer();
    await books.compare(await books.told('settlement', [settled(aCollection())]));
    const about = (query: string) =>
      get(`/v1/breaks?${query}`).then(({ breaks }) => breaks.map(({ result }: { result: string }) => result));
    expect(await about('kind=payout')).toEqual(['fee']);
    expect(await about('result=missing-here')).toEqual(['missing-here']);
    expect(await about('min_age_days=1')).toEqual([]);
    await api.database.superuser(
      `UPDATE reconciliation_break SET first_seen_on = first_seen_on - 3 WHERE subject = $1`,
      [payout.id],
    );
    expect(await about('min_age_days=3')).toEqual(['fee']);
    const [older] = (await get('/v1/breaks?min_age_days=1')).breaks;
    expect(older).toMatchObject({
      age_days: 3,
      difference: '-1.00',
      evidence: [{ of: 'account' }, { of: 'bank' }],
    });
    const first = await get('/v1/breaks?state=open&limit=1');
    expect(first.breaks).toHaveLength(1);
    expect((await get(first.next)).breaks).toMatchObject([{ result: 'missing-here' }]);
    expect(await get(`/v1/breaks/${uuidv7()}`)).toMatchObject({ code: 'not-found' });
    expect(await as('globex', 'GET', `/v1/breaks/${older.id}`)).toMatchObject({ code: 'not-found' });
    expect(await as('reader', 'GET', '/v1/breaks')).toMatchObject({ code: 'missing-scope' });
  });

  test('has an owner, until it is resolved', async () => {
    await dearer();
    const { id } = await onlyBreak();
    const url = `/v1/breaks/${id}/assign`;
    expect(await as('all', 'POST', url, { owner: 'Asha@ACME.in' })).toMatchObject({ owner: 'asha@acme.in' });
    for (const nobody of ['Meera', 'nils@kist.example', 'tom@globex.in']) {
      const refused = await as('all', 'POST', url, { owner: nobody });
      expect(refused).toMatchObject({ status: 422, code: 'unknown-owner' });
    }
    expect((await get('/v1/breaks?owner=asha%40acme.in')).breaks).toMatchObject([{ id }]);
    expect(await as('all', 'POST', url, { owner: null })).toMatchObject({ owner: null });
    await until('both are in the audit trail', async () => {
      const { rows } = await api.database.superuser(
        `SELECT FROM audit WHERE action = 'breaks.assign' AND outcome = 'SUCCESS'`,
      );
      return rows.length === 2;
    });
    await approve(await propose({ break: id, why: 'It is theirs to take.' }));
    expect(await as('all', 'POST', url, { owner: 'asha@acme.in' })).toMatchObject({
      code: 'illegal-transition',
    });
    expect(await as('all', 'POST', `/v1/breaks/${uuidv7()}/assign`, { owner: null })).toMatchObject({
      code: 'not-found',
    });
  });
});

describe('Two people', () => {
  test('book a fee that was higher than told, and the same difference stays resolved', async () => {
    const payout = await dearer();
    const { id, suggested_move } = await onlyBreak();
    expect(suggested_move).toEqual({ amount: '1.00', from: 'bank', to: 'gateway-fees' });
    const proposal = await propose({ break: id, moves: [suggested_move], why: 'By the new price list.' });
    expect(proposal).toMatchObject({
      state: 'proposed',
      amount: '1.00',
      description: expect.stringContaining('moving 1.00 from bank to gateway-fees'),
    });
    expect(await as('all', 'POST', proposal.links.approve, { hash: proposal.hash })).toMatchObject({
      code: 'own-request',
    });
    expect(await approve(proposal)).toMatchObject({ state: 'applied' });

    const resolved = await get(`/v1/breaks/${id}`);
    expect(resolved).toMatchObject({ state: 'resolved', resolution: 'moved', age_days: null, journal: /./ });
    expect(await entriesOf(resolved.journal)).toEqual(['credit bank 1.00', 'debit gateway-fees 1.00']);
    expect(await propose({ break: id, why: 'Once more.' })).toMatchObject({
      code: 'illegal-transition',
    });
    expect(await books.compare()).toMatchObject({ breaks_open: 0, breaks_opened: 0 });

    const other = debited(payout, { fee: '8.90', debit: '1008.90' });
    await books.compare(await books.told('account', [other]));
    expect(await onlyBreak()).toMatchObject({ id, episode: 2, journal: null, difference: '-3.00' });
  });

  test('agree to nothing where the difference is another one by then', async () => {
    const payout = await dearer();
    const { id, suggested_move } = await onlyBreak();
    const proposal = await propose({ break: id, moves: [suggested_move], why: 'By the price list.' });
    await books.compare(await books.told('account', [debited(payout, { fee: '8.90', debit: '1008.90' })]));
    expect(await approve(proposal)).toMatchObject({
      state: 'refused',
      result: { code: 'proposal-outdated' },
    });
    expect(await get(`/v1/breaks/${id}`)).toMatchObject({ state: 'open' });
  });

  test('book a settlement of which the bank has less, and leave what is missing in suspense', async () => {
    const [collected] = (await books.collected([{}])) as [Collected];
    await books.compare(
      await books.told('settlement', [settled(collected)]),
      await books.told('bank', [bankCredit('970.40')]),
    );
    const { id, subject_kind, suggested_move } = await onlyBreak();
    expect({ subject_kind, suggested_move }).toEqual({
      subject_kind: 'settlement',
      suggested_move: { amount: '6.00', from: 'bank', to: 'suspense' },
    });
    const wish = {
      break: id,
      books_settlement: true,
      moves: [suggested_move],
      why: 'The rest comes by Friday.',
    };
    expect(await approve(await propose(wish))).toMatchObject({ state: 'applied' });
    const { rows } = await api.database.superuser(`SELECT journal_id FROM settlement`);
    expect(await entriesOf(rows[0].journal_id)).toEqual([
      'credit collection-clearing 1000.00',
      'debit bank 976.40',
      'debit gateway-fees 20.00',
      'debit input-tax 3.60',
    ]);
    expect(await books.compare()).toMatchObject({ breaks_open: 0, settlements_posted: 0 });
  });

  test('move a tax that was told otherwise to where it belongs, or nothing, but never a customer’s money', async () => {
    const [payout] = await books.paid([{}]);
    await books.compare(
      await books.told('account', [debited(payout!, { tax: '1.00' })]),
      await books.told('bank', [bankDebit(payout!)]),
    );
    const { id, result, suggested_move } = await onlyBreak();
    expect({ result, suggested_move }).toEqual({ result: 'tax', suggested_move: null });
    const move = { amount: '0.10', from: 'gateway-fees', to: 'input-tax' };
    for (const moves of [
      [{ ...move, to: 'gateway-fees' }],
      [{ ...move, from: 'interest-income' }],
      [{ ...move, amount: '-1' }],
    ]) {
      expect(await propose({ break: id, moves, why: 'Try.' })).toMatchObject({ code: 'invalid-request' });
    }
    expect(await propose({ break: id, books_settlement: true, why: 'Try.' })).toMatchObject({
      code: 'illegal-transition',
    });
    await approve(await propose({ break: id, moves: [move], why: 'As invoiced.' }));
    const { journal } = await get(`/v1/breaks/${id}`);
    expect(await entriesOf(journal)).toEqual(['credit gateway-fees 0.10', 'debit input-tax 0.10']);
  });
});

test('What came in another currency is for people to say, and is booked in the lender’s own', async () => {
  await books.compare(await books.told('bank', [bankCredit('10.00', { currency: 'USD' })]));
  const { id, currency, suggested_move } = await onlyBreak();
  expect({ currency, suggested_move }).toEqual({ currency: 'USD', suggested_move: null });
  const moves = [{ amount: '832.50', from: 'suspense', to: 'bank' }];
  await approve(await propose({ break: id, moves, why: 'At the rate of the day.' }));
  const { journal } = await get(`/v1/breaks/${id}`);
  expect(await entriesOf(journal)).toEqual(['credit suspense 832.50', 'debit bank 832.50']);
});

describe('What banks owe for delay', () => {
  test('is told of payouts that are out, or came back too late, and of their breaks', async () => {
    const [unknown, back, , failed] = await books.paid([
      { state: 'unknown' },
      { state: 'reversed', on: '2026-11-16' },
      { state: 'succeeded', on: '2026-11-12' },
      { state: 'failed', on: '2026-11-16' },
      { state: 'failed', on: '2026-11-12' },
    ]);
    await api.database.superuser(`UPDATE payout SET settled_at = '2026-11-19T20:00:00Z' WHERE id = $1`, [
      back!.id,
    ]);
    await books.compare(await books.told('account', [debited(failed!, { on: '2026-11-16' })]));
    const { payouts, total } = await get('/v1/late-payouts');
    expect(payouts).toMatchObject([
      { payout: unknown!.id, paid_on: '2026-11-18', due_on: '2026-11-19', days_late: 1, back_on: null },
      { payout: back!.id, days_late: 3, back_on: '2026-11-20', compensation: '300.00' },
      { payout: failed!.id, days_late: 3, back_on: null, compensation: '300.00' },
    ]);
    expect(total).toEqual({ payouts: 3, days_late_max: 3, compensation: '700.00' });
    const { breaks } = await get('/v1/breaks?result=status');
    expect(breaks).toMatchObject([{ subject: failed!.id, late: { days_late: 3, compensation: '300.00' } }]);
    const first = await get('/v1/late-payouts?limit=1');
    expect((await get(first.next)).payouts).toMatchObject([{ payout: back!.id }]);
  });

  test('is claimed, also once the payout is closed, until somebody says what became of it', async () => {
    const [back, out] = await books.paid([
      { state: 'reversed', on: '2026-11-12' },
      { state: 'unknown', on: '2026-11-12' },
    ]);
    await api.database.superuser(
      `UPDATE payout SET settled_at = '2026-11-14T20:00:00Z', closed_at = '2026-11-19T20:00:00Z' WHERE id = $1`,
      [back!.id],
    );
    const owed = { payout: back!.id, days_late: 2, compensation: '200.00' };
    expect((await get('/v1/late-payouts')).payouts).toMatchObject([owed, { payout: out!.id }]);
    const settle = (who: 'all' | 'globex' | 'reader', id: string) =>
      as(who, 'POST', `/v1/late-payouts/${id}/settle`, {
        outcome: 'paid',
        why: 'In the credit of 20 November.',
      });
    expect(await settle('all', out!.id)).toMatchObject({ code: 'illegal-transition' });
    expect(await settle('globex', back!.id)).toMatchObject({ code: 'not-found' });
    expect(await settle('reader', back!.id)).toMatchObject({ code: 'missing-scope' });
    expect(await settle('all', back!.id)).toMatchObject({ status: 200, ...owed });
    expect((await get('/v1/late-payouts')).payouts).toMatchObject([{ payout: out!.id }]);
    expect(await settle('all', back!.id)).toMatchObject({ code: 'not-found' });
  });
});

test('Every reconciliation is kept, newest first', async () => {
  await dearer();
  const again = await books.compare();
  const { reconciliations, next } = await get('/v1/reconciliations?limit=1');
  expect(reconciliations).toMatchObject([{ id: again.id, results: [{ subject: 'payout', result: 'fee' }] }]);
  expect((await get(next)).reconciliations[0]).toMatchObject({ breaks_opened: 1 });
});
