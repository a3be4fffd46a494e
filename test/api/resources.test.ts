import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { proofProblem } from '../../src/ledger/proof.ts';
import { cutSeal } from '../../src/ledger/seal.ts';
import { testSealer } from '../ledger/books.ts';
import { testApi } from './support.ts';

const api = await testApi({ workers: ['wallets', 'disbursals', 'repayments'] });
afterAll(() => api.close());

const rest = async (job: string) => (await api.send('GET', `${job}?wait=20s`)).json();

async function openWallet(owner: string, balance?: string): Promise<string> {
  const opened = await api.send('POST', '/v1/wallets', { owner, currency: 'INR' });
  expect(opened.statusCode).toBe(201);
  const { id } = opened.json();
  if (balance) {
    const payload = { wallet: id, amount: balance, currency: 'INR', reference: uuidv7() };
    const deposit = await api.send('POST', '/v1/jobs/wallet.deposit', { payload });
    await rest(deposit.json().links.self);
  }
  return id;
}

test('money goes from wallet to wallet, and both statements show it', async () => {
  const [from, to] = [await openWallet('Ravi', '100.00'), await openWallet('Meena')];
  const body = { from, to, amount: '40', currency: 'INR', reference: 'rent' };
  const accepted = await api.send('POST', '/v1/transfers', body, { 'idempotency-key': 'rent-june' });
  expect(accepted.json()).toMatchObject({ kind: 'wallet.transfer', key: 'rent-june' });
  const job = await rest(accepted.json().links.self);
  expect(job.result.outcome).toBe('transferred');

  const sender = (await api.send('GET', `/v1/wallets/${from}?limit=1`)).json();
  expect(sender).toMatchObject({
    balance: '60.00',
    movements: [{ direction: 'debit', amount: '40.00', journal: job.result.journal }],
  });
  const earlier = (await api.send('GET', sender.next)).json();
  expect(earlier).toMatchObject({ movements: [{ direction: 'credit', amount: '100.00' }], next: null });
  expect((await api.send('GET', `/v1/wallets/${to.toUpperCase()}`)).json().balance).toBe('40.00');
});

test('money is held, captured in part and released over the API, and the wallet shows which is which', async () => {
  const wallet = await openWallet('Ravi', '100.00');
  const body = { amount: '60', currency: 'INR', reference: 'hotel' };
  const accepted = await api.send('POST', `/v1/wallets/${wallet}/holds`, body);
  expect(accepted.json()).toMatchObject({ kind: 'wallet.hold', key: 'hotel' });
  const { hold } = (await rest(accepted.json().links.self)).result;
  expect((await api.send('GET', `/v1/wallets/${wallet}`)).json()).toMatchObject({
    ...{ balance: '100.00', held: '60.00', available: '40.00' },
  });
  expect((await api.send('GET', `/v1/holds/${hold}`)).json()).toMatchObject({
    state: 'held',
    captured: null,
  });
  const captured = await api.send('POST', `/v1/holds/${hold}/capture`, { amount: '45' });
  expect((await rest(captured.json().links.self)).result).toMatchObject({ captured: '45.00' });
  const late = await api.send('POST', `/v1/holds/${hold}/release`);
  expect((await rest(late.json().links.self)).result).toMatchObject({ code: 'hold-over' });

  const second = await api.send('POST', `/v1/wallets/${wallet}/holds`, {
    ...body,
    amount: '5',
    reference: 'car',
  });
  const { hold: car } = (await rest(second.json().links.self)).result;
  const all = await api.send('POST', `/v1/holds/${car}/capture`);
  expect((await rest(all.json().links.self)).result).toMatchObject({ captured: '5.00' });
  const { holds, next } = (await api.send('GET', `/v1/wallets/${wallet}/holds?limit=1`)).json();
  expect(holds).toMatchObject([{ id: car, state: 'captured' }]);
  expect((await api.send('GET', next)).json()).toMatchObject({ holds: [{ id: hold }], next: null });
  expect((await api.send('GET', `/v1/wallets/${wallet}`)).json()).toMatchObject({
    ...{ balance: '50.00', held: '0.00', available: '50.00' },
  });
  const wrong = await api.send('POST', `/v1/holds/${car}/capture`, { amount: 5 });
  expect(wrong.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/amount' }] });
});

test('a wallet is opened once under its id, and never over another account', async () => {
  const body = { id: uuidv7(), owner: 'Ravi', currency: 'INR' };
  expect((await api.send('POST', '/v1/wallets', body)).statusCode).toBe(201);
  expect((await api.send('POST', '/v1/wallets', body)).statusCode).toBe(200);
  const other = await api.send('POST', '/v1/wallets', { ...body, owner: 'Mallory' });
  expect(other.json()).toMatchObject({ status: 409, code: 'already-exists' });

  const bank = await api.database.superuser(
    "SELECT id FROM account WHERE tenant_id = 'acme' AND code = 'bank'",
  );
  const stolen = await api.send('POST', '/v1/wallets', { ...body, id: bank.rows[0].id });
  expect(stolen.json()).toMatchObject({ status: 409, code: 'already-exists' });
});

test('the books balance, and a sealed journal can be proved to somebody who trusts nobody', async () => {
  const wallet = await openWallet('Lata', '70.00');
  const [{ journal }] = (await api.send('GET', `/v1/wallets/${wallet}`)).json().movements;
  const unproved = await api.send('GET', `/v1/ledger/journals/${journal}/proof`);
  expect(unproved.json().code).toBe('not-found');

  const sealer = testSealer();
  const wish = { tenant: 'acme', business_date: '2026-01-05', cut_at: new Date() };
  await inTenant(api.database.app, 'acme', (tx) => cutSeal(tx, sealer, wish));
  const proof = await api.send('GET', `/v1/ledger/journals/${journal}/proof`);
  expect(proofProblem(proof.json(), [sealer.public_key])).toBeNull();
  const forged = proof.body.replaceAll('"amount":"70', '"amount":"90');
  expect(proofProblem(JSON.parse(forged), [sealer.public_key])).not.toBeNull();

  const books = (await api.send('GET', '/v1/ledger/trial-balance')).json();
  expect(books.balanced).toBe(true);
  const row = books.rows.find((each: { code: string }) => each.code === `wallet/${wallet}`);
  expect(row).toMatchObject({ type: 'liability', debit: '0.00', credit: '70.00' });
  const before = (await api.send('GET', '/v1/ledger/trial-balance?as_of=2000-01-01')).json();
  expect(before).toMatchObject({ as_of: '2000-01-01', balanced: true, rows: [] });
});

const applicationBody = (reference: string) => ({
  reference,
  applicant: {
    reference: `person-${reference}`,
    name: 'Ravi Kumar',
    phone: '+919812345678',
    date_of_birth: '1990-05-01',
    city: 'Pune',
  },
  amount: '120000.00',
  tenure_months: 12,
  monthly_income: '60000',
  monthly_obligations: '0',
});

test('an application is made once; the one who applied may not approve it', async () => {
  const first = await api.send('POST', '/v1/loan-applications', applicationBody('a-1'));
  expect(first.statusCode).toBe(202);
  const application = first.json();
  expect(application).toMatchObject({ state: 'applied', amount: '120000.00', applied_by: 'service:all' });
  const check = (await api.send('GET', application.links.job)).json();
  expect(check).toMatchObject({ kind: 'credit.check' });

  const repeat = await api.send('POST', '/v1/loan-applications', applicationBody('a-1'));
  expect(repeat.headers['idempotent-replayed']).toBe('true');
  expect(repeat.json().id).toBe(application.id);
  const other = await api.send('POST', '/v1/loan-applications', {
    ...applicationBody('a-1'),
    tenure_months: 6,
  });
  expect(other.json().code).toBe('idempotency-conflict');

  const own = await api.send('POST', `${application.links.self}/approve`);
  expect(own.json()).toMatchObject({ status: 403, code: 'own-request' });
});

test('what is decided by another person is disbursed, and its books can be read', async () => {
  const made = (await api.send('POST', '/v1/loan-applications', applicationBody('a-2'))).json();
  await api.database.superuser("UPDATE application SET state = 'offered' WHERE id = $1", [made.id]);
  const approver = { authorization: api.tokens.approver };
  const approved = await api.send('POST', `${made.links.self}/approve`, undefined, approver);
  expect(approved.json()).toMatchObject({ state: 'approved', judged_by: 'service:approver' });
  const { loan, wallet, job } = approved.json().links;
  expect((await rest(job)).result.outcome).toBe('disbursed');

  const standing = (await api.send('GET', loan)).json();
  expect(standing).toMatchObject({ state: 'active', principal_outstanding: '120000.00' });
  const { instalments } = (await api.send('GET', standing.links.schedule)).json();
  expect(instalments).toHaveLength(12);
  const { journals } = (await api.send('GET', standing.links.ledger)).json();
  expect(journals).toMatchObject([
    {
      seq: '1',
      kind: 'loan.disburse',
      prev_hash: '0'.repeat(64),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  ]);
  expect(journals[0].entries).toHaveLength(2);
  expect((await api.send('GET', wallet)).json().balance).toBe('120000.00');

  const body = { amount: '5000', currency: 'INR', reference: 'first-instalment' };
  const repaid = await api.send('POST', standing.links.repayments, body);
  expect((await rest(repaid.json().links.self)).result).toMatchObject({
    outcome: 'repaid',
    taken: '5000.00',
  });
  const wrong = await api.send('POST', standing.links.repayments, { ...body, amount: 5000 });
  expect(wrong.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/amount' }] });
});

test('a rejected application says why, and is not approved any more', async () => {
  const made = (await api.send('POST', '/v1/loan-applications', applicationBody('a-3'))).json();
  const approver = { authorization: api.tokens.approver };
  const reject = () => api.send('POST', `${made.links.self}/reject`, { reason: 'address unknown' }, approver);
  expect((await reject()).json()).toMatchObject({ state: 'rejected', judgement_reason: 'address unknown' });
  expect((await reject()).headers['idempotent-replayed']).toBe('true');
  const late = await api.send('POST', `${made.links.self}/approve`, undefined, approver);
  expect(late.json()).toMatchObject({ status: 409, code: 'illegal-transition' });
  const shown = await api.send('GET', made.links.self);
  expect(shown.json().state).toBe('rejected');
});

test('before it is approved an application is cancelled as such; after that, and before it is paid out, as a loan', async () => {
  const reason = { reason: 'found a cheaper loan' };
  const early = (await api.send('POST', '/v1/loan-applications', applicationBody('a-4'))).json();
  const cancelled = await api.send('POST', `${early.links.self}/cancel`, reason);
  expect(cancelled.json()).toMatchObject({
    ...{ state: 'cancelled', cancelled_by: 'service:all', cancellation_reason: 'found a cheaper loan' },
  });
  expect((await api.send('POST', `${early.links.self}/cancel`, reason)).headers['idempotent-replayed']).toBe(
    'true',
  );

  const late = (await api.send('POST', '/v1/loan-applications', applicationBody('a-5'))).json();
  await api.database.superuser("UPDATE application SET state = 'offered' WHERE id = $1", [late.id]);
  await api.send('PUT', '/v1/switches/loan.disburse', { reason: 'the bank is away' });
  const approver = { authorization: api.tokens.approver };
  const { links } = (await api.send('POST', `${late.links.self}/approve`, undefined, approver)).json();
  expect((await rest(links.job)).state).toBe('held');
  const refused = await api.send('POST', `${late.links.self}/cancel`, reason);
  expect(refused.json()).toMatchObject({ status: 409, code: 'illegal-transition' });
  const loan = await api.send('POST', `${links.loan}/cancel`, reason);
  expect(loan.json()).toMatchObject({ state: 'cancelled', closed_on: expect.any(String) });
  await api.database.superuser("DELETE FROM kill_switch WHERE kind = 'loan.disburse'");
  expect((await api.send('POST', `${links.loan}/cancel`, reason, approver)).json()).toMatchObject({
    code: 'illegal-transition',
  });
});

test("another tenant's wallets, applications and loans are not there", async () => {
  const wallet = await openWallet('Ravi');
  const globex = { authorization: api.tokens.globex };
  for (const path of [`/v1/wallets/${wallet}`, `/v1/loans/${wallet}`, `/v1/loan-applications/${wallet}`]) {
    expect((await api.send('GET', path, undefined, globex)).statusCode, path).toBe(404);
  }
});
