import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import { freezeAccounts } from '../../src/ledger/freeze.ts';
import { applicationRequest } from '../../src/loans/application-request.ts';
import { applicationOf, approveApplication, createApplication } from '../../src/loans/applications.ts';
import { beginCheck, concludeCheck } from '../../src/loans/credit-check.ts';
import type { Decision } from '../../src/loans/decision.ts';
import { STANDARD_RULES } from '../../src/loans/product-rules.ts';
import { addProduct, STANDARD_PRODUCT } from '../../src/loans/products.ts';
import type { AcceptInTransaction } from '../../src/runtime/types.ts';
import { NOON } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { openLender } from './lending.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openLender(database);
const accept: AcceptInTransaction = async (requests) => requests.map(() => ({ id: uuidv7() }) as never);
const shop = { tenant: 'acme', actor: 'service:shop', now: NOON };
const meera = { ...shop, actor: 'operator:meera' };

/** Lets a borrower ask as often as they like, but have no more than 100,000. */
await lender.run((tx) =>
  addProduct(tx, {
    ...{ ...STANDARD_PRODUCT, code: 'small-loan', reapply_days: 0 },
    rules: { ...STANDARD_RULES, decision: { ...STANDARD_RULES.decision, exposure_max: '100000.00' } },
  }),
);

async function apply(person: string, amount: string, more: { product?: string; born?: string } = {}) {
  const { product = 'small-loan', born: date_of_birth = '1990-04-01' } = more;
  const applicant = {
    reference: person,
    name: 'Asha Rao',
    phone: '+919845012345',
    date_of_birth,
    city: 'Pune',
  };
  const terms = { amount, tenure_months: 12, monthly_income: '900000', monthly_obligations: '0' };
  const request = applicationRequest.parse({ reference: uuidv7(), product, applicant, ...terms });
  const { application } = await lender.run((tx) => createApplication(tx, accept, shop, request));
  return application.id;
}

const report = { report_id: 'report-1', score: 720, open_loans: 0, fraud_flag: false };
const decideIt = async (id: string, answer = report): Promise<Decision> => {
  await lender.run((tx) => beginCheck(tx, shop, id));
  return lender.run((tx) => concludeCheck(tx, shop, id, answer));
};

test('the decision is stored with what it was made from, by which settings of which version', async () => {
  const id = await apply(uuidv7(), '60000');
  const decision = await decideIt(id);
  expect(decision).toMatchObject({ outcome: 'offered', product: 'small-loan', product_version: 1 });
  expect((await lender.run((tx) => applicationOf(tx, id)))!.decision).toEqual(decision);
});

test('ten applications of one borrower decided at one moment: no more is offered than one may have', async () => {
  const person = uuidv7();
  const ids: string[] = [];
  for (let number = 0; number < 10; number += 1) ids.push(await apply(person, '30000'));
  const decisions = await Promise.all(ids.toReversed().map((id) => decideIt(id)));
  const outcomes = decisions.toReversed().map(({ outcome }) => outcome);
  expect(outcomes).toEqual([...Array(3).fill('offered'), ...Array(7).fill('refused')]);
  expect(decisions[0]!.reasons).toEqual(['exposure-too-high']);
});

test('two applications of one borrower decided at one moment: the later is the duplicate', async () => {
  const person = uuidv7();
  const first = await apply(person, '30000', { product: 'personal-loan' });
  const second = await apply(person, '30000', { product: 'personal-loan' });
  const [later, earlier] = await Promise.all([decideIt(second), decideIt(first)]);
  expect(earlier.outcome).toBe('offered');
  expect(later).toMatchObject({ reasons: ['duplicate-application'], inputs: { duplicate_of: first } });
});

test('what was approved counts before it is paid out, and what is left of it afterwards', async () => {
  const person = uuidv7();
  const first = await apply(person, '60000');
  await decideIt(first);
  const { application } = await lender.run((tx) => approveApplication(tx, accept, meera, first));
  const promised = await decideIt(await apply(person, '50000'));
  expect(promised).toMatchObject({
    reasons: ['exposure-too-high'],
    inputs: { exposure: { approved: '60000.00', outstanding: '0.00', total: '110000.00' } },
  });
  await lender.work(disburse, [{ loan: application.loan_id! }]);
  const paid = await decideIt(await apply(person, '50000'));
  expect(paid).toMatchObject({
    reasons: ['exposure-too-high'],
    inputs: { exposure: { approved: '0.00', outstanding: '60000.00', total: '110000.00' } },
  });
});

test('when too many wait for their check the next is turned away; a repeat of an earlier one is not', async () => {
  const waiting = await database.superuser(
    "SELECT count(*)::int AS waiting FROM application WHERE state IN ('applied', 'checking')",
  );
  const backlog_max = waiting.rows[0].waiting + 2;
  const request = (reference: string) => {
    const applicant = { reference, name: 'Asha Rao', phone: '+919845012345', city: 'Pune' };
    const terms = { amount: '30000', tenure_months: 12, monthly_income: '90000', monthly_obligations: '0' };
    return applicationRequest.parse({
      ...{ reference, ...terms, product: 'small-loan' },
      applicant: { ...applicant, date_of_birth: '1990-04-01' },
    });
  };
  const ask = (reference: string) =>
    lender.run((tx) => createApplication(tx, accept, shop, request(reference), { backlog_max }));
  const first = await ask('full-1');
  await ask('full-2');
  await expect(ask('full-3')).rejects.toMatchObject({ code: 'backlog-full', retry_after_s: 30 });
  expect(await ask('full-2')).toMatchObject({ replayed: true });
  await decideIt(first.application.id);
  expect(await ask('full-3')).toMatchObject({ replayed: false });
});

test('age is counted on the business date, not on the wall', async () => {
  const today = await decideIt(await apply(uuidv7(), '30000', { born: '2008-11-20' }));
  const tomorrow = await decideIt(await apply(uuidv7(), '30000', { born: '2008-11-21' }));
  expect(today).toMatchObject({ outcome: 'offered', inputs: { age: 18 } });
  expect(tomorrow).toMatchObject({ outcome: 'refused', reasons: ['age-out-of-range'] });
});

test('a suspicion of the bureau’s, or of our own, brings a person in', async () => {
  const suspected = await decideIt(await apply(uuidv7(), '30000'), { ...report, fraud_flag: true });
  expect(suspected).toMatchObject({ outcome: 'referred', inputs: { fraud_flags: ['bureau'] } });

  const person = uuidv7();
  const first = await apply(person, '30000');
  await decideIt(first);
  await lender.run((tx) => approveApplication(tx, accept, meera, first));
  const wallet = (await lender.run((tx) => applicationOf(tx, first)))!.borrower_id;
  await lender.run((tx) => freezeAccounts(tx, [wallet], NOON, 'a burst'));
  await database.superuser(
    `INSERT INTO fraud_alert (tenant_id, id, account_id, journal_id, transactions, window_s, since, at, froze)
     VALUES ('acme', $1, $2, $1, 11, 5, now(), now(), true)`,
    [uuidv7(), wallet],
  );
  expect((await decideIt(await apply(person, '30000'))).inputs.fraud_flags).toEqual([
    'open-alert',
    'frozen-wallet',
  ]);
  await database.superuser(
    `INSERT INTO fraud_watch (tenant_id, account_id, cleared_at) VALUES ('acme', $1, now() + interval '1 s')`,
    [wallet],
  );
  expect((await decideIt(await apply(person, '30000'))).inputs.fraud_flags).toEqual(['frozen-wallet']);
});
