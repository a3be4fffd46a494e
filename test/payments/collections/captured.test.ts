import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import repay from '../../../jobs/loan.repay.ts';
import type { Transaction } from '../../../src/db/pools.ts';
import { applyPaymentPicture } from '../../../src/payments/collections/apply.ts';
import { applyOrderPicture } from '../../../src/payments/collections/orders.ts';
import type { PaymentPicture } from '../../../src/payments/gateway/gateway.ts';
import type { Applied } from '../../../src/payments/occasion.ts';
import { type Lent, lenders, on, payment } from '../../loans/lent.ts';
import { until } from '../../support/until.ts';
import { type Collecting, collecting, paymentPicture } from './collecting.ts';

const { database, lenderWithLoan } = await lenders();

test('a captured payment is a repayment of the loan that its order names; the money waits at the gateway', async () => {
  const lent = await lenderWithLoan();
  const { order, applied, collection, states } = collecting(lent.story, database);
  await on(lent, '2026-12-20');
  const picture = paymentPicture({
    amount: '4584.00',
    status: 'captured',
    order: await order(lent.loan, '4584.00'),
  });
  const paid = { ...picture, created_at: lent.clock.now() };
  expect(await applied(paid)).toBe('move');
  expect(await collection(paid.id)).toMatchObject({
    ...{ state: 'captured', loan: lent.loan, amount: '4584.00', allocated: '4584.00', unallocated: '0.00' },
    ...{ fee: '2.00', tax: '0.31', paid_on: '2026-12-20' },
  });
  expect(await states(paid.id)).toEqual(['created', 'captured']);
  expect(await lent.story.loan(lent.loan)).toMatchObject({
    instalments_paid: 1,
    principal_outstanding: '46166.00',
  });
  expect(await lent.standing('collection-clearing')).toBe('4584.00');
  expect(await applied(paid)).toBe('same');
  expect(await lent.standing('collection-clearing')).toBe('4584.00');
});

test('what is told of an order and of its payment at the same time does not wait in a circle', async () => {
  const lent = await lenderWithLoan();
  const { order, occasionOf, collection } = collecting(lent.story, database);
  const created_at = lent.clock.now();
  const picture = {
    ...paymentPicture({ amount: '500.00', status: 'captured', order: await order(lent.loan, '500.00') }),
    created_at,
  };
  const { amount, currency } = picture;
  const paid = {
    id: picture.order!,
    receipt: null,
    status: 'paid' as const,
    amount,
    amount_paid: amount,
    currency,
    created_at,
  };
  let tries = 0;
  const trying = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    lent.story.run((tx) => {
      tries += 1;
      return work(tx);
    });
  let of_payment: Promise<Applied> | undefined;
  await trying(async (tx) => {
    expect(await applyOrderPicture(tx, occasionOf(), { of: 'order', ...paid })).toBe('move');
    of_payment = trying((other) => applyPaymentPicture(other, occasionOf(), picture));
    await until('the payment waits for the order', async () => {
      const waiting = await database.superuser(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
        [],
      );
      return waiting.rows.length > 0;
    });
    expect(await applyPaymentPicture(tx, occasionOf(), picture)).toBe('move');
  });
  expect(await of_payment).toBe('same');
  // Of two that wait in a circle one is begun again.
  expect(tries).toBe(2);
  expect(await collection(picture.id)).toMatchObject({ state: 'captured', allocated: '500.00' });
});

test('a late authorisation counts from the day the borrower paid: what the days since had charged is put right', async () => {
  const rules = { penal: { bands: [{ score_from: 0, daily_rate: '0.001' }] } };
  const [prompt, late] = [await lenderWithLoan(rules), await lenderWithLoan(rules)];
  const stories: { lent: Lent; applied: Collecting['applied']; picture: PaymentPicture }[] = [];
  for (const lent of [prompt, late]) {
    const { order, applied } = collecting(lent.story, database);
    await on(lent, '2026-12-20');
    const picture = paymentPicture({
      amount: '4584.00',
      status: 'failed',
      order: await order(lent.loan, '4584.00'),
    });
    stories.push({ lent, applied, picture: { ...picture, created_at: lent.clock.now() } });
  }
  const captured = (index: number) => ({ ...stories[index]!.picture, status: 'captured' as const });
  await stories[0]!.applied(captured(0));
  expect(await stories[1]!.applied(stories[1]!.picture)).toBe('move');
  for (const { lent } of stories) await on(lent, '2026-12-23');
  expect(Number((await late.schedule(late.loan))[0]!.penal)).toBeGreaterThan(0);
  expect(await stories[1]!.applied({ ...stories[1]!.picture, status: 'authorized' })).toBe('fetch');
  expect(await stories[1]!.applied({ ...stories[1]!.picture, status: 'authorized' }, 'poll')).toBe('move');
  expect(late.accepted).toContainEqual(expect.objectContaining({ kind: 'payments.capture' }));
  expect(await stories[1]!.applied(captured(1))).toBe('move');
  const shape = async (index: number) => {
    const { lent } = stories[index]!;
    const rows = await lent.schedule(lent.loan);
    return rows.map(({ paid_on: _, ...row }) => row);
  };
  expect(await shape(1)).toEqual(await shape(0));
});

test('a part is spread by the waterfall; what is more than all that is owed lies unallocated, before people', async () => {
  const lent = await lenderWithLoan({}, { principal: '12000.00', months: 3 });
  const { order, applied, collection, exceptions } = collecting(lent.story, database);
  await on(lent, '2026-12-20');
  const provider_order = await order(lent.loan, '15000.00');
  const part = paymentPicture({ amount: '200.00', status: 'captured', order: provider_order });
  await applied({ ...part, created_at: lent.clock.now() });
  expect((await lent.schedule(lent.loan))[0]).toMatchObject({
    paid_interest: '180.00',
    paid_principal: '20.00',
  });
  expect(await exceptions()).toEqual([]);
  const all = paymentPicture({ amount: '14000.00', status: 'captured', order: provider_order });
  await applied({ ...all, created_at: lent.clock.now() });
  const { allocated, unallocated } = await collection(all.id);
  expect(Number(allocated) + Number(unallocated)).toBeCloseTo(14_000);
  expect(await lent.story.loan(lent.loan)).toMatchObject({ state: 'closed', principal_outstanding: '0.00' });
  expect(await lent.standing('unallocated')).toBe(unallocated);
  expect(await lent.standing('collection-clearing')).toBe('14200.00');
  expect(await exceptions()).toEqual(['unallocated']);
});

test('where the product leaves what nothing due asks for in the wallet, a gateway’s money goes there too', async () => {
  const lent = await lenderWithLoan({ excess: 'wallet' });
  const { order, applied, collection } = collecting(lent.story, database);
  await on(lent, '2026-12-20');
  const picture = paymentPicture({
    amount: '5000.00',
    status: 'captured',
    order: await order(lent.loan, '5000.00'),
  });
  await applied({ ...picture, created_at: lent.clock.now() });
  const { wallet_id } = (await lent.story.loan(lent.loan))!;
  expect(await lent.balance(wallet_id)).toBe('50416.00');
  expect(await collection(picture.id)).toMatchObject({ allocated: '5000.00', unallocated: '0.00' });
});

test('money for a loan that is over, or for no order of ours, is kept unallocated and fails nothing', async () => {
  const lent = await lenderWithLoan({}, { principal: '12000.00', months: 3 });
  const { order, applied, collection, exceptions } = collecting(lent.story, database);
  const provider_order = await order(lent.loan, '500.00');
  await lent.work(repay, [payment(lent.loan, '20000')]);
  const late = paymentPicture({ amount: '500.00', status: 'captured', order: provider_order });
  expect(await applied(late)).toBe('move');
  const strange = paymentPicture({ amount: '70.00', status: 'captured', order: 'order_of_nobody' });
  expect(await applied(strange)).toBe('move');
  expect(await collection(late.id)).toMatchObject({ state: 'captured', unallocated: '500.00' });
  expect(await collection(strange.id)).toMatchObject({ loan: null, unallocated: '70.00' });
  expect(await lent.standing('unallocated')).toBe('570.00');
  expect(await exceptions()).toEqual(['unallocated', 'unallocated']);
  expect(await applied(paymentPicture({ amount: '70.00', status: 'failed', order: uuidv7() }))).toBe(
    'stranger',
  );
});

test('a bank that takes a payment back reopens the loan that it had closed', async () => {
  const lent = await lenderWithLoan({}, { principal: '12000.00', months: 3 });
  const { order, applied, collection } = collecting(lent.story, database);
  await on(lent, '2026-12-20');
  const picture = paymentPicture({
    amount: '13000.00',
    status: 'captured',
    order: await order(lent.loan, '13000.00'),
  });
  const paid = { ...picture, created_at: lent.clock.now() };
  const before = await lent.schedule(lent.loan);
  await applied(paid);
  expect(await lent.story.loan(lent.loan)).toMatchObject({ state: 'closed' });
  await on(lent, '2026-12-22');
  const back = { ...paid, status: 'refunded' as const, amount_refunded: '13000.00' };
  expect(await applied(back)).toBe('fetch');
  expect(await applied(back, 'poll')).toBe('move');
  expect(await collection(paid.id)).toMatchObject({
    state: 'reversed',
    allocated: '0.00',
    returned: '13000.00',
  });
  expect(await lent.story.loan(lent.loan)).toMatchObject({ state: 'active', instalments_paid: 0 });
  expect((await lent.schedule(lent.loan))[0]).toMatchObject({
    ...before[0],
    penal: expect.any(String),
    total: expect.any(String),
  });
  expect(await lent.standing('collection-clearing')).toBe('0.00');
  expect(await lent.standing('unallocated')).toBe('0.00');
  expect(await applied(paid)).toBe('fetch');
  expect(await applied(back)).toBe('same');
});

test('where the gateway gives a part back, the loan ends as if only the rest had come', async () => {
  const lent = await lenderWithLoan();
  const { order, applied, collection } = collecting(lent.story, database);
  await on(lent, '2026-12-20');
  const picture = paymentPicture({
    amount: '4584.00',
    status: 'captured',
    order: await order(lent.loan, '4584.00'),
  });
  const paid = { ...picture, created_at: lent.clock.now() };
  await applied(paid);
  expect(await applied({ ...paid, amount_refunded: '584.00' }, 'poll')).toBe('move');
  expect(await collection(paid.id)).toMatchObject({
    state: 'captured',
    allocated: '4000.00',
    returned: '584.00',
  });
  expect((await lent.schedule(lent.loan))[0]).toMatchObject({
    paid_interest: '750.00',
    paid_principal: '3250.00',
  });
  expect(await lent.standing('collection-clearing')).toBe('4000.00');
});

test('a late payment of all that is owed leaves what was paid meanwhile to the borrower: it came all the same', async () => {
  const lent = await lenderWithLoan({}, { principal: '12000.00', months: 3 });
  const { order, applied } = collecting(lent.story, database);
  const provider_order = await order(lent.loan, '20000.00');
  await on(lent, '2026-11-25');
  const late = paymentPicture({ amount: '20000.00', status: 'captured', order: provider_order });
  const created_at = lent.clock.now();
  await on(lent, '2026-12-20');
  await lent.work(repay, [payment(lent.loan, '4120.00')]);
  const bank = await lent.standing('bank');
  const { wallet_id } = (await lent.story.loan(lent.loan))!;
  const held = Number(await lent.balance(wallet_id));
  await on(lent, '2026-12-21');
  await applied({ ...late, created_at });
  expect(await lent.story.loan(lent.loan)).toMatchObject({ state: 'closed' });
  expect(await lent.standing('bank')).toBe(bank);
  expect(Number(await lent.balance(wallet_id)) - held).toBeCloseTo(4120);
  expect(await lent.standing('collection-clearing')).toBe('20000.00');
});
