import { expect, test } from 'vitest';
import repay from '../../../jobs/loan.repay.ts';
import reverse from '../../../jobs/loan.reverse-repayment.ts';
import { allocateCollection } from '../../../src/payments/collections/resolving.ts';
import { lenders, on, payment } from '../../loans/lent.ts';
import { collecting, paymentPicture } from './collecting.ts';

const { database, lenderWithLoan } = await lenders();

test('what no loan took is given to one by people, counts from the day it was paid, and bounces like any other', async () => {
  const lent = await lenderWithLoan();
  const { applied, collection, exceptions, occasionOf } = collecting(lent.story, database);
  await on(lent, '2026-12-20');
  const paid = paymentPicture({ amount: '4584.00', status: 'captured', created_at: lent.clock.now() });
  await applied(paid);
  const { id } = await collection(paid.id);
  await on(lent, '2026-12-22');
  const give = (amount: string) =>
    lent.run((tx) =>
      allocateCollection(
        tx,
        { ...occasionOf('person'), by: 'operator:asha, operator:ravi', why: 'It was hers.' },
        { collection: id, loan: lent.loan, amount },
      ),
    );
  expect(await give('5000.00')).toMatchObject({ outcome: 'refused', code: 'not-unallocated' });
  expect(await give('4584.00')).toMatchObject({
    outcome: 'allocated',
    allocated: '4584.00',
    unallocated: '0.00',
  });
  expect((await lent.schedule(lent.loan))[0]).toMatchObject({ state: 'paid', penal: '0.00' });
  expect(await lent.standing('unallocated')).toBe('0.00');
  expect(await lent.standing('collection-clearing')).toBe('4584.00');
  expect(await exceptions()).toEqual([]);
  expect(await applied({ ...paid, status: 'refunded', amount_refunded: '4584.00' }, 'poll')).toBe('move');
  expect((await lent.schedule(lent.loan))[0]).toMatchObject({ paid_principal: '0.00' });
  expect(await lent.standing('collection-clearing')).toBe('0.00');
});

test('a repayment that people undo leaves the borrower’s money unallocated: it is still at the gateway', async () => {
  const lent = await lenderWithLoan();
  const { order, applied, collection } = collecting(lent.story, database);
  await on(lent, '2026-12-20');
  const picture = paymentPicture({
    amount: '900.00',
    status: 'captured',
    order: await order(lent.loan, '900.00'),
  });
  await applied({ ...picture, created_at: lent.clock.now() });
  const undo = { loan: lent.loan, reference: picture.id, reason: 'Meant for another loan.' };
  expect(await lent.work(reverse, [undo])).toMatchObject([{ outcome: 'reversed' }]);
  expect(await collection(picture.id)).toMatchObject({ allocated: '0.00', unallocated: '900.00' });
  expect(await lent.standing('unallocated')).toBe('900.00');
  expect(await lent.standing('collection-clearing')).toBe('900.00');
});

test('money that is taken back and a loan cannot give lies in suspense, before people', async () => {
  const lent = await lenderWithLoan({ excess: 'wallet' });
  const { order, applied, collection, exceptions } = collecting(lent.story, database);
  await on(lent, '2026-12-20');
  const picture = paymentPicture({
    amount: '6000.00',
    status: 'captured',
    order: await order(lent.loan, '6000.00'),
  });
  const paid = { ...picture, created_at: lent.clock.now() };
  await applied(paid);
  const { wallet_id } = (await lent.story.loan(lent.loan))!;
  const rest = await lent.balance(wallet_id);
  const { default: withdraw } = await import('../../../jobs/wallet.withdraw.ts');
  await lent.work(withdraw, [{ wallet: wallet_id, amount: rest, currency: 'INR', reference: 'all' }]);
  expect(await applied({ ...paid, status: 'refunded', amount_refunded: '6000.00' }, 'poll')).toBe('move');
  expect(await collection(paid.id)).toMatchObject({ state: 'reversed', returned: '6000.00' });
  expect(await exceptions()).toEqual(['repayment-not-undone']);
  expect(await lent.standing('suspense')).toBe('-6000.00');
  expect(await lent.standing('collection-clearing')).toBe('0.00');
  expect(await lent.work(repay, [payment(lent.loan, '10.00')])).toMatchObject([{ outcome: 'repaid' }]);
});
