import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import chargeFee from '../../jobs/loan.charge-fee.ts';
import repay from '../../jobs/loan.repay.ts';
import { waiveCharges } from '../../src/loans/operations/waiving.ts';
import { contextOf, type Lent, lenders, on, payment } from './lent.ts';

const { lenderWithLoan } = await lenders();

const waive = (lent: Lent, component: 'penal' | 'fees', amount: string, approval: string = uuidv7()) =>
  lent.story.run((tx) =>
    waiveCharges(tx, contextOf(lent), { loan: lent.loan, component, amount, reason: 'hospital' }, approval),
  );

describe('a waiver', () => {
  test('forgives penal charges with the tax in them, as an expense, never more than is unpaid', async () => {
    const lent = await lenderWithLoan({ penal: { tax_rate: '0.18' } });
    await on(lent, '2026-12-30');
    const [first] = await lent.story.schedule(lent.loan);
    // 4,584.00 × 0.001 × 10 days, and 18 % of it
    expect(first).toMatchObject({ penal: '54.09' });
    expect(await waive(lent, 'penal', '54.10')).toMatchObject({ code: 'more-than-unpaid' });
    const approval = uuidv7();
    expect(await waive(lent, 'penal', '20', approval)).toMatchObject({ waived: '20.00', tax: '3.05' });
    expect(await waive(lent, 'penal', '20', approval)).toMatchObject({ code: 'duplicate-reference' });
    expect(await lent.story.standing('waiver-expense')).toBe('16.95');
    expect(await lent.story.standing('tax-payable')).toBe('5.20');
    expect((await lent.story.schedule(lent.loan))[0]).toMatchObject({ penal: '34.09' });
  });

  test('on a non-performing account gives up what was never income', async () => {
    const lent = await lenderWithLoan();
    await on(lent, '2027-03-25');
    expect(await lent.story.standing('penal-income')).toBe('0.00');
    const suspended = await lent.story.standing('penal-suspense');
    await waive(lent, 'penal', '100');
    expect(await lent.story.standing('waiver-expense')).toBe('0.00');
    expect(Number(suspended) - Number(await lent.story.standing('penal-suspense'))).toBeCloseTo(100);
  });

  test('is remembered when a payment before it is told anew', async () => {
    const lent = await lenderWithLoan();
    await on(lent, '2026-12-30');
    await waive(lent, 'penal', '10');
    await on(lent, '2027-01-05');
    const [paid] = await lent.story.work(repay, [payment(lent.loan, '4584', { paid_on: '2026-12-25' })]);
    expect(paid).toMatchObject({ outcome: 'repaid' });
    // Five days were chargeable, and paid; 22.92 of principal stayed open. Of its charge all was forgiven
    // by the 30th, 0.11, and six days more cost 0.14.
    expect((await lent.story.schedule(lent.loan))[0]).toMatchObject({ penal: '23.06' });
  });
});

describe('a fee', () => {
  test('is due with the next instalment, paid by the waterfall, and can be waived', async () => {
    const lent = await lenderWithLoan();
    const fee = { loan: lent.loan, name: 'bounced payment', amount: '500', tax: '90', currency: 'INR' };
    const [charged] = await lent.story.work(chargeFee, [{ ...fee, reference: 'bounce-1' }]);
    expect(charged).toMatchObject({ outcome: 'charged', instalment: 1, due_on: '2026-12-20' });
    expect(await lent.story.work(chargeFee, [{ ...fee, reference: 'bounce-1' }])).toMatchObject([
      { code: 'duplicate-reference' },
    ]);
    expect(await lent.story.standing('fee-income')).toBe('500.00');
    expect(await waive(lent, 'fees', '295')).toMatchObject({ waived: '295.00', tax: '45.00' });
    const [paid] = await lent.story.work(repay, [payment(lent.loan, '4879')]);
    expect(paid).toMatchObject({ fees: '295.00', interest: '750.00', principal: '3834.00' });
  });
});
