import type {
  DisputePicture,
  Gateway,
  OrderPicture,
  PaymentPicture,
  RefundPicture,
  SettlementPicture,
} from '../gateway.ts';
import { impersonal } from './answers.ts';
import type { Send } from './http.ts';
import { paise } from './money.ts';
import {
  collectionOf,
  type DisputeEntity,
  dispute,
  type OrderEntity,
  order,
  type PaymentEntity,
  payment,
  presented,
  type RefundEntity,
  refund,
  type SettlementEntity,
} from './schemas.ts';

const REFUND_KEY = /^[A-Za-z0-9_-]{10,}$/;
const NOTHING = '0.00';

type Collections = Pick<
  Gateway,
  | 'createOrder'
  | 'order'
  | 'paymentsOfOrder'
  | 'payment'
  | 'capture'
  | 'debitMandate'
  | 'refundBody'
  | 'sendRefund'
  | 'refund'
  | 'dispute'
>;

/** Orders, payments, mandate debits, refunds and disputes (docs: api/orders, payments, refunds, disputes). */
export function createCollections(send: Send): Collections {
  return {
    async createOrder({ id, partial, notes, ...money }, call) {
      const body = JSON.stringify({
        amount: paise(money),
        currency: money.currency,
        receipt: id,
        // Mandate debits ask for it; and what is not captured goes back by itself.
        payment_capture: true,
        ...(partial && { partial_payment: true }),
        notes,
      });
      return orderPicture(await send({ path: '/orders', answer: order, body }, call));
    },
    order: async (id, call) => orderPicture(await send({ path: at`/orders/${id}`, answer: order }, call)),
    async paymentsOfOrder(id, call) {
      const request = { path: at`/orders/${id}/payments`, answer: collectionOf(payment) };
      return (await send(request, call)).items.map(paymentPicture);
    },
    payment: async (id, call) =>
      paymentPicture(await send({ path: at`/payments/${id}`, answer: payment }, call)),
    async capture({ id, ...money }, call) {
      const body = JSON.stringify({ amount: paise(money), currency: money.currency });
      return paymentPicture(await send({ path: at`/payments/${id}/capture`, answer: payment, body }, call));
    },
    async debitMandate({ order, customer, token, email, phone, description, ...money }, call) {
      const body = JSON.stringify({
        email,
        contact: phone,
        amount: paise(money),
        currency: money.currency,
        order_id: order,
        customer_id: customer,
        token,
        recurring: true,
        description,
      });
      const path = '/payments/create/recurring';
      const answered = await send({ path, answer: presented, body, isPersonal: true }, call);
      return answered.razorpay_payment_id;
    },
    refundBody: ({ id, ...money }) =>
      JSON.stringify({ amount: paise(money), speed: 'normal', receipt: id, notes: { refund: id } }),
    async sendRefund({ payment, key, body }, call) {
      if (!REFUND_KEY.test(key)) throw new RangeError('Not a key that Razorpay takes.');
      const headers = { 'x-refund-idempotency': key };
      const path = at`/payments/${payment}/refund`;
      return refundPicture(await send({ path, answer: refund, body, headers }, call));
    },
    refund: async (id, call) => refundPicture(await send({ path: at`/refunds/${id}`, answer: refund }, call)),
    dispute: async (id, call) =>
      disputePicture(await send({ path: at`/disputes/${id}`, answer: dispute }, call)),
  };
}

/** A path with an id in it, whatever the id holds. */
function at(parts: TemplateStringsArray, id: string): string {
  return parts[0] + encodeURIComponent(id) + parts[1];
}

export function orderPicture(entity: OrderEntity): OrderPicture {
  const { id, receipt, status, amount, amount_paid, currency, created_at } = entity;
  return { of: 'order', id, receipt, status, amount, amount_paid, currency, created_at };
}

export function paymentPicture(entity: PaymentEntity): PaymentPicture {
  const { id, status, amount, currency, notes, created_at } = entity;
  const code = entity.error_reason ?? entity.error_code;
  return {
    of: 'payment',
    id,
    order: entity.order_id,
    status,
    amount,
    amount_refunded: entity.amount_refunded ?? NOTHING,
    currency,
    method: entity.method,
    fee: entity.fee,
    tax: entity.tax,
    error: code ? { code, message: impersonal(entity.error_description ?? '') } : null,
    notes,
    created_at,
  };
}

export function refundPicture(entity: RefundEntity): RefundPicture {
  const { id, payment_id, receipt, status, amount, currency, created_at } = entity;
  return {
    of: 'refund',
    id,
    payment: payment_id,
    receipt,
    status,
    amount,
    currency,
    created_at,
  };
}

export function disputePicture(entity: DisputeEntity): DisputePicture {
  const { id, payment_id, status, amount, currency, created_at } = entity;
  return {
    of: 'dispute',
    id,
    payment: payment_id,
    status: status === 'under_review' ? 'under-review' : status,
    amount,
    currency,
    reason: entity.reason_code,
    respond_by: entity.respond_by,
    created_at,
  };
}

export function settlementPicture(entity: SettlementEntity): SettlementPicture {
  const { id, status, amount, currency, created_at } = entity;
  return {
    of: 'settlement',
    id,
    status,
    amount,
    currency,
    fees: entity.fees ?? NOTHING,
    tax: entity.tax ?? NOTHING,
    utr: entity.utr,
    created_at,
  };
}
