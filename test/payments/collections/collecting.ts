import { v7 as uuidv7 } from 'uuid';
import { businessDateAt } from '../../../src/ledger/business-day.ts';
import { applyPaymentPicture } from '../../../src/payments/collections/apply.ts';
import { insertOrder, orderMade } from '../../../src/payments/collections/orders.ts';
import { collectionOf, lockCollectionCalled } from '../../../src/payments/collections/rows.ts';
import type { PaymentPicture } from '../../../src/payments/gateway/gateway.ts';
import { movesOf } from '../../../src/payments/moves.ts';
import type { Applied } from '../../../src/payments/occasion.ts';
import type { Evidence } from '../../../src/payments/states.ts';
import type { Lender } from '../../loans/lending.ts';
import type { TestDatabase } from '../../support/database.ts';

export const GATEWAY = 'testpay';

/** A lender who collects through a gateway: orders, and what the gateway says of payments. */
export function collecting(lender: Lender, database: TestDatabase) {
  const { tenant, clock, context, run } = lender;
  const occasionOf = (evidence: Evidence = 'event') => ({
    ...{ tenant, gateway: GATEWAY, clock, accept: context.accept, evidence, detail: { test: true } },
  });
  return {
    occasionOf,
    /** An order that the gateway has made. @returns its id there */
    order: (loan: string | null, amount: string) =>
      run(async (tx) => {
        const id = uuidv7();
        const now = clock.now();
        const business_date = await businessDateAt(tx, tenant, now);
        const order = { id, loan, gateway: GATEWAY, reference: id, amount, currency: 'INR' };
        await insertOrder(tx, { ...order, purpose: 'repayment' }, { now, business_date });
        await orderMade(tx, id, `order_${id}`, now);
        return `order_${id}`;
      }),
    applied: (picture: PaymentPicture, evidence?: Evidence): Promise<Applied> =>
      run((tx) => applyPaymentPicture(tx, occasionOf(evidence), picture)),
    collection: (provider_id: string) =>
      run(async (tx) => (await lockCollectionCalled(tx, { gateway: GATEWAY, provider_id }))!),
    states: (provider_id: string) =>
      run(async (tx) => {
        const { id } = (await lockCollectionCalled(tx, { gateway: GATEWAY, provider_id }))!;
        return (await movesOf(tx, id)).map(({ to_state }) => to_state);
      }),
    byId: (id: string) => run((tx) => collectionOf(tx, id)),
    /** Codes of what lies before people. */
    exceptions: async (): Promise<string[]> => {
      const found = await database.superuser(
        'SELECT code FROM payment_exception WHERE tenant_id = $1 AND resolved_at IS NULL ORDER BY id',
        [tenant],
      );
      return found.rows.map(({ code }) => code);
    },
  };
}
export type Collecting = ReturnType<typeof collecting>;

/** What a gateway says of a payment. */
export function paymentPicture(
  of: Pick<PaymentPicture, 'amount' | 'status'> & Partial<PaymentPicture>,
): PaymentPicture {
  const { amount, status } = of;
  const money = ['captured', 'refunded'].includes(status)
    ? { fee: '2.00', tax: '0.31' }
    : { fee: null, tax: null };
  return {
    ...{ of: 'payment', id: `pay_${uuidv7()}`, order: null, currency: 'INR', method: 'upi', ...money },
    ...{ amount_refunded: status === 'refunded' ? amount : '0.00', error: null, notes: {} },
    ...{ created_at: new Date('2026-11-20T06:30:00Z') },
    ...of,
  };
}
