import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { castVote, proposeAction } from '../../src/approvals/approvals.ts';
import { type JournalDraft, post } from '../../src/ledger/post.ts';
import { verifyBooks } from '../../src/ledger/verify/verify.ts';
import { draft, NOON, openBooks, TODAY } from '../ledger/books.ts';
import { leaveMark, testRuntime } from '../support/runtime.ts';

const system = await testRuntime([leaveMark as never]);
afterAll(() => system.close());
const books = await openBooks(system.database);

const occasion = { tenant: 'acme', now: NOON };

async function posted(kind: string, wallet: string, amount: string): Promise<JournalDraft> {
  const journal = { ...draft({ from: books.controls.bank, to: wallet, amount, stream: wallet }), kind };
  await books.run((tx) => post(tx, [journal]));
  return journal;
}

const propose = (journal: string) =>
  books.run((tx) =>
    proposeAction(tx, {
      ...occasion,
      actor: 'operator:asha',
      action: 'journal.reverse',
      request: { journal },
    }),
  );

async function reverse(journal: string) {
  const { approval } = await propose(journal);
  const { id, hash } = approval;
  const ballot = {
    ...occasion,
    id,
    hash,
    actor: 'operator:meera',
    verdict: 'approve' as const,
    reason: null,
  };
  return system.runtime.transact('acme', ballot.actor, (tx, _, unit) => castVote(tx, unit, ballot));
}

test('a deposit made by mistake is reversed by two people, once, in books that verify', async () => {
  const wallet = await books.wallet('Ravi');
  const journal = await posted('wallet.deposit', wallet, '2500.50');
  const { approval } = await propose(journal.id);
  expect(approval).toMatchObject({
    amount: '2500.50',
    payload: { kind: 'wallet.deposit', business_date: TODAY, entries: [{ amount: '2500.50' }, {}] },
  });
  const { approval: applied } = await reverse(journal.id);
  expect(applied).toMatchObject({ state: 'applied', result: { journal: /./ } });
  expect(await books.balance(wallet)).toBe('0.00');

  const again = await reverse(journal.id);
  expect(again.approval).toMatchObject({ state: 'refused', result: { code: 'already-reversed' } });
  expect(await verifyBooks(system.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
});

test('what has been spent cannot be taken back', async () => {
  const wallet = await books.wallet('Meena');
  const journal = await posted('wallet.deposit', wallet, '100.00');
  const spent = draft({ from: wallet, to: books.controls.bank, amount: '60.00', stream: wallet });
  await books.run((tx) => post(tx, [spent]));
  const { approval } = await reverse(journal.id);
  expect(approval).toMatchObject({ state: 'refused', result: { code: 'insufficient-funds' } });
  expect(await books.balance(wallet)).toBe('40.00');
});

test('what moved a loan is not reversed as a journal, nor is a reversal', async () => {
  const wallet = await books.wallet('Lata');
  for (const kind of ['loan.repay', 'wallet.deposit.reversal', 'wallet.hold']) {
    const { id } = await posted(kind, wallet, '1.00');
    await expect(propose(id)).rejects.toMatchObject({ code: 'not-reversible' });
  }
  await expect(propose(uuidv7())).rejects.toMatchObject({ code: 'not-found' });
});
