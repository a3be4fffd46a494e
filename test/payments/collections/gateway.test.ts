import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import type { GatewayAccount } from '../../../src/payments/gateway/gateway.ts';
import { until } from '../../support/until.ts';
import { PAYING_ACCOUNT } from '../paying.ts';
import { openCollecting } from './through-gateway.ts';

let account: GatewayAccount | null = PAYING_ACCOUNT;
const world = await openCollecting({}, () => account);
afterAll(() => world.close());
const { gateway } = world.sandbox;

const captured = (payment: string) =>
  until('it is captured', async () => {
    const found = await world.collection(payment);
    return found?.state === 'captured' ? found : undefined;
  });

test('a payment that no event tells of is found by asking: it repays the loan all the same', async () => {
  const loan = await world.loan();
  const payment = gateway.payBy(await world.order(loan, '500.00'));
  await world.pass(0.01);
  expect(await captured(payment.id)).toMatchObject({ loan, allocated: '500.00', fee: expect.any(String) });
});

test('an order whose answer was lost is made again, and moves nothing', async () => {
  const loan = await world.loan();
  gateway.script({ fault: 'commit-then-500', subject: '*', call: 'order.create' });
  const order = await world.order(loan, '700.00');
  expect(order).toMatch(/^order_/);
  expect(await world.done('payments.create-order', { loan: uuidv7(), reference: uuidv7() })).toMatchObject({
    result: { outcome: 'refused', code: 'unknown-loan' },
  });
});

test.each([
  ['whose key is not good', { ...PAYING_ACCOUNT, key_secret: 'wrong' }, 'http-401'],
  ['that is disabled', null, 'no-gateway'],
])('an account %s is one question to people, however many orders wait', async (_, given, code) => {
  const loan = await world.loan();
  account = given;
  const asked = { loan, amount: '5.00' };
  const jobs = await Promise.all(
    [1, 2, 3].map(() => world.system.accept('payments.create-order', { ...asked, reference: uuidv7() })),
  );
  await until('all of them wait', async () => {
    const found = await Promise.all(jobs.map(({ id }) => world.system.runtime.find('acme', id)));
    return found.every((job) => job!.code === code);
  });
  expect(await world.exceptions()).toEqual(['locked-out']);

  account = PAYING_ACCOUNT;
  const made = await Promise.all(jobs.map((job) => world.system.rested(job)));
  expect(made.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  await world.pass(0.01);
  await until('a look has been let in', async () => (await world.exceptions()).length === 0);
});

test('an authorised payment of a loan that runs is captured', async () => {
  const loan = await world.loan();
  const payment = gateway.payBy(await world.order(loan, '600.00'), { outcome: 'authorized' });
  await world.pass(0.01);
  const { id } = await captured(payment.id);
  expect(await world.statesOf(id)).toEqual(['created', 'authorized', 'captured']);
});

test('a mandate is never presented again before its last attempt is resolved; a bounced one is, as another attempt', async () => {
  const loan = await world.loan();
  const mandate = await world.mandate(loan);
  gateway.script({ fault: 'mandate-bounced', subject: '*' });
  const present = (reference = uuidv7()) =>
    world.done('payments.debit-mandate', { mandate, instalment: 1, reference });
  const first = await present();
  expect(first.result).toMatchObject({ outcome: 'presented', attempt: 1, state: 'pending' });
  expect((await present()).result).toMatchObject({ outcome: 'refused', code: 'attempt-unresolved' });
  const { debit } = first.result as { debit: string };
  await world.pass(4);
  await until('it is so', async () => (await world.statesOf(debit)).at(-1) === 'bounced');
  const second = await present();
  expect(second.result).toMatchObject({ outcome: 'presented', attempt: 2, state: 'pending' });
  await world.pass(4);
  await until(
    'it is captured',
    async () => (await world.statesOf((second.result as { debit: string }).debit)).at(-1) === 'captured',
  );
  expect((await world.lender.schedule(loan))[0]).toMatchObject({ state: 'paid' });
  expect((await present()).result).toMatchObject({ outcome: 'refused', code: 'nothing-due' });
});

test('a presentment whose answer was lost is not repeated: its order says what became of it', async () => {
  const loan = await world.loan();
  const mandate = await world.mandate(loan);
  gateway.script({ fault: 'commit-then-500', subject: '*', call: 'mandate.present' });
  const before = gateway.payments().length;
  const job = await world.done('payments.debit-mandate', { mandate, instalment: 1, reference: uuidv7() });
  expect(job.result).toMatchObject({ outcome: 'presented', state: 'unknown' });
  await world.pass(4);
  const { debit } = job.result as { debit: string };
  await until('it is so', async () => (await world.statesOf(debit)).at(-1) === 'captured');
  expect(gateway.payments().length).toBe(before + 1);
});

test('the database itself refuses a second presentment beside an open one', async () => {
  const loan = await world.loan();
  const mandate = await world.mandate(loan);
  await world.done('payments.debit-mandate', { mandate, instalment: 2, reference: uuidv7() });
  const twice = world.system.database.superuser(
    `WITH debit AS (SELECT * FROM mandate_debit WHERE loan_id = '${loan}'), made AS (
       INSERT INTO collection_order (tenant_id, id, loan_id, gateway, purpose, reference, amount, currency, state,
                                     created_at, business_date)
       SELECT o.tenant_id, uuidv7(), o.loan_id, o.gateway, o.purpose, 'again', o.amount, o.currency, 'asking', now(),
              o.business_date
       FROM collection_order o JOIN debit ON debit.order_id = o.id
       RETURNING id)
     INSERT INTO mandate_debit (tenant_id, id, mandate_id, loan_id, instalment, attempt, order_id, amount, currency,
                                state, created_at)
     SELECT tenant_id, uuidv7(), mandate_id, loan_id, instalment, 2, made.id, amount, currency, 'created', now()
     FROM debit, made`,
  );
  await expect(twice).rejects.toThrow('mandate_debit_one_live');
});

async function overPaid(): Promise<{ id: string; unallocated: string; payment: string }> {
  const loan = await world.loan();
  const payment = gateway.payBy(await world.order(loan, '20000.00'));
  await world.pass(0.01);
  const { id, unallocated } = await captured(payment.id);
  return { id, unallocated, payment: payment.id };
}

test('what was paid too much goes back by a refund: once, although its answer was lost', async () => {
  const { id, unallocated, payment } = await overPaid();
  gateway.script({ fault: 'commit-then-500', subject: '*', call: 'refund.create', times: 2 });
  const asked = await world.giveBack(id, unallocated);
  if (asked.outcome !== 'asked') throw new Error(asked.message);
  await world.restsAs('payments.refund', asked.refund);
  await world.pass(10);
  await until('it is so', async () => (await world.statesOf(asked.refund)).at(-1) === 'processed');
  const told = gateway.payments().find((each) => each.id === payment)!;
  expect(told.amount_refunded).toBe(Number(unallocated) * 100);
  expect(await world.standing('refund-clearing')).toBe('0.00');
  expect(await world.statesOf(asked.refund)).toEqual(['requested', 'unknown', 'pending', 'processed']);
  expect((await world.giveBack(id, '1.00')).outcome).toBe('refused');
});

test('a refund that nobody can say anything of is left to people, and no machine asks again', async () => {
  const { id } = await overPaid();
  gateway.script({ fault: 'error-500', subject: '*', call: 'refund.create', times: 4 });
  const asked = await world.giveBack(id, '10.00');
  if (asked.outcome !== 'asked') throw new Error(asked.message);
  expect(await world.restsAs('payments.refund', asked.refund)).toMatchObject({
    result: { state: 'suspense' },
  });
  expect(await world.exceptions()).toContain('unknown-outcome');
});
