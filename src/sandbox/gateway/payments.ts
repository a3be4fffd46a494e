import { z } from 'zod';
import type { Table } from '../store.ts';
import type { Order, Payment } from './collection-entities.ts';
import { badRequest, shaped } from './errors.ts';
import type { Chosen } from './faults.ts';
import { identifier, transferReference } from './identifiers.ts';
import { namedSubject, notesSchema } from './notes.ts';
import type { Owings } from './owings.ts';
import { ownedBy } from './owned.ts';
import type { Draft, OrderRecord, Paying, PaymentRecord } from './payment-records.ts';
import { DAY_MS, feesOf, type GatewayAccount } from './settings.ts';
import type { Workings } from './workings.ts';

const ORDER_PAISE_MIN = 100;
const BASIS_POINTS = 10_000;

const orderSchema = z.object({
  amount: z.int().min(ORDER_PAISE_MIN),
  currency: z.literal('INR'),
  receipt: z.string().max(40).nullish(),
  notes: notesSchema,
  partial_payment: z.boolean().optional(),
  payment_capture: z.union([z.boolean(), z.literal(0), z.literal(1)]).optional(),
});
const captureSchema = z.object({ amount: z.int(), currency: z.string() });

/** Orders, and the payments that borrowers make for them. */
export class Payments {
  readonly #workings: Workings;
  readonly #owings: Owings;
  readonly #orders: Table<OrderRecord>;
  readonly #payments: Table<PaymentRecord>;
  readonly #byReceipt = new Map<string, string[]>();

  constructor(workings: Workings, owings: Owings) {
    this.#workings = workings;
    this.#owings = owings;
    this.#orders = workings.store.table('order');
    this.#payments = workings.store.table('payment');
    for (const record of this.#orders.values()) this.#index(record);
    workings.steps.on('payment-late', (id) => this.authorise(id));
    workings.steps.on('payment-uncaptured', (id) => this.#giveUp(id));
  }

  createOrder(account: GatewayAccount, sent: unknown): Order {
    const { settings, clock } = this.#workings;
    const { receipt = null, payment_capture, partial_payment, ...asked } = shaped(orderSchema, sent);
    const id = identifier('order', `${settings.seed}/${account.id}/${this.#orders.size}`);
    const order: Order = {
      ...{ id, entity: 'order', ...asked, amount_paid: 0, amount_due: asked.amount, receipt, offer_id: null },
      ...{ status: 'created', attempts: 0, created_at: clock.seconds() },
    };
    const record: OrderRecord = {
      ...{ id, account: account.id, order, payments: [], partial: partial_payment ?? false },
      ...{ captures: payment_capture !== false && payment_capture !== 0 },
      subjects: [...new Set([namedSubject(order.notes) ?? receipt, receipt, id])],
    };
    this.#orders.put(record);
    this.#index(record);
    return order;
  }

  order(account: string, id: string): OrderRecord {
    return ownedBy(this.#orders, account, id);
  }

  findOrder(id: string): OrderRecord | undefined {
    return this.#orders.get(id);
  }

  /** Those of a receipt, or all of an account. */
  *orders(account: string, receipt?: string): Generator<Order> {
    const ids = receipt && (this.#byReceipt.get(`${account}/${receipt}`) ?? []);
    const records = ids ? ids.map((id) => this.#orders.get(id)!) : this.#orders.values();
    for (const record of records) if (record.account === account) yield record.order;
  }

  get(account: string, id: string): PaymentRecord {
    return ownedBy(this.#payments, account, id);
  }

  find(id: string): PaymentRecord | undefined {
    return this.#payments.get(id);
  }

  all(): IterableIterator<PaymentRecord> {
    return this.#payments.values();
  }

  /** Newest first. */
  *list(account: string): Generator<Payment> {
    for (const record of [...this.#payments.values()].reverse())
      if (record.account === account) yield record.payment;
  }

  paymentsOf(account: string, order: string): Payment[] {
    return this.order(account, order).payments.map((id) => this.#payments.get(id)!.payment);
  }

  /** A borrower pays. @throws RangeError where the order would not let him */
  pay(order_id: string, { amount, method = 'upi', outcome, reason }: Paying): Payment {
    const record = this.#orders.get(order_id);
    if (!record) throw new RangeError(`There is no order ${order_id}.`);
    const { order, partial } = record;
    const paid = amount ?? order.amount_due;
    if (
      order.status === 'paid' ||
      paid < 1 ||
      paid > order.amount_due ||
      (paid < order.amount_due && !partial)
    ) {
      throw new RangeError(`Order ${order_id} asks for ${order.amount_due} paise, not for ${paid}.`);
    }
    const chosen = outcome
      ? null
      : this.#workings.faults.choose({
          ...{ group: 'payment', subjects: record.subjects, point: `payment/${record.payments.length}` },
        });
    const { id } = this.begin(record, { amount: paid, method });
    if (outcome === 'failed' || chosen) this.#fail(id, chosen, reason);
    else this.authorise(id, outcome === 'authorized');
    return this.#payments.get(id)!.payment;
  }

  /** A payment that is under way; nobody is told of it yet. */
  begin(record: OrderRecord, draft: Draft): PaymentRecord {
    const { settings, clock } = this.#workings;
    const { order } = record;
    const id = identifier('pay', `${settings.seed}/${order.id}/${record.payments.length}`);
    const payment: Payment = {
      ...{ id, entity: 'payment', currency: order.currency, status: 'created', order_id: order.id },
      ...{ invoice_id: null, international: false, amount_refunded: 0, refund_status: null, captured: false },
      ...{ description: null, card_id: null, wallet: null, fee: null, tax: null, notes: order.notes },
      ...{
        bank: draft.method === 'upi' ? null : 'HDFC',
        vpa: draft.method === 'upi' ? 'borrower@upi' : null,
      },
      ...{ email: 'borrower@example.com', contact: '+919000090000', ...draft },
      ...{
        error_code: null,
        error_description: null,
        error_source: null,
        error_step: null,
        error_reason: null,
      },
      ...{ acquirer_data: {}, created_at: clock.seconds() },
    };
    const made = {
      id,
      account: record.account,
      payment,
      receipt: order.receipt,
      subjects: [...record.subjects, id],
    };
    this.#payments.put(made);
    const attempts = order.attempts + 1;
    const status = order.status === 'created' ? 'attempted' : order.status;
    this.#orders.put(
      Object.assign(record, { payments: [...record.payments, id], order: { ...order, attempts, status } }),
    );
    return made;
  }

  /** The bank said yes; captured at once where the order says so and still asks for the money. */
  authorise(id: string, stays = false): void {
    const rrn = transferReference('UPI', `${this.#workings.settings.seed}/${id}`);
    const nothing_wrong = {
      error_code: null,
      error_description: null,
      error_source: null,
      error_reason: null,
    };
    const record = this.#change(id, {
      ...{ status: 'authorized', ...nothing_wrong, error_step: null, acquirer_data: { rrn } },
    });
    this.#tell(record, 'payment.authorized');
    const { captures, order } = this.#orders.get(record.payment.order_id)!;
    if (captures && !stays && record.payment.amount <= order.amount_due) this.#capture(id);
    else this.#workings.steps.plan('payment-uncaptured', id, this.#workings.settings.capture_days * DAY_MS);
  }

  /** The lender takes what was authorised. @throws GatewayError 400 */
  capture(account: string, id: string, sent: unknown): Payment {
    const { payment } = this.get(account, id);
    const { amount, currency } = shaped(captureSchema, sent);
    if (payment.status === 'captured')
      throw badRequest('This payment has already been captured', 'payment_id');
    if (payment.status !== 'authorized') {
      throw badRequest(
        'Only payments which have been authorized and not yet captured can be captured',
        'payment_id',
      );
    }
    if (amount !== payment.amount || currency !== payment.currency) {
      throw badRequest('Capture amount must be equal to the amount authorized', 'amount');
    }
    return this.#capture(id);
  }

  /** The bank said no. */
  fail(id: string, reason = 'payment_failed'): void {
    const record = this.#change(id, {
      ...{ status: 'failed', error_code: 'BAD_REQUEST_ERROR', error_source: 'customer' },
      ...{ error_step: 'payment_authorization', error_reason: reason, error_description: 'Payment failed' },
    });
    this.#tell(record, 'payment.failed');
  }

  /** Changes what a payment shows. */
  change(id: string, changes: Partial<Payment>): PaymentRecord {
    return this.#change(id, changes);
  }

  #fail(id: string, chosen: Chosen | null, reason?: string): void {
    const is_late = chosen?.fault === 'late-authorised';
    this.fail(id, reason ?? chosen?.reason ?? (is_late ? 'payment_timed_out' : 'payment_failed'));
    if (is_late) this.#workings.steps.plan('payment-late', id, chosen.days * DAY_MS);
  }

  #capture(id: string): Payment {
    const { settings } = this.#workings;
    const { amount } = this.#payments.get(id)!.payment;
    const { fees, tax } = feesOf(Math.floor((amount * settings.collection_fee_basis_points) / BASIS_POINTS));
    const record = this.#change(id, { status: 'captured', captured: true, fee: fees, tax });
    const { payment } = record;
    const of = this.#orders.get(payment.order_id)!;
    const [amount_paid, amount_due] = [
      of.order.amount_paid + amount,
      Math.max(0, of.order.amount_due - amount),
    ];
    const status = amount_due === 0 ? 'paid' : of.order.status;
    this.#orders.put(Object.assign(of, { order: { ...of.order, amount_paid, amount_due, status } }));
    this.#owings.owePayment(record);
    this.#tell(record, 'payment.captured');
    if (status === 'paid') this.#tell(record, 'order.paid', { order: of.order });
    return payment;
  }

  /** Nobody captured it in time: the payer has his money back, and the lender never had it. */
  #giveUp(id: string): void {
    const { status, amount } = this.#payments.get(id)!.payment;
    if (status === 'authorized')
      this.#change(id, { status: 'refunded', amount_refunded: amount, refund_status: 'full' });
  }

  #change(id: string, changes: Partial<Payment>): PaymentRecord {
    const record = this.#payments.get(id)!;
    record.payment = { ...record.payment, ...changes };
    this.#payments.put(record);
    return record;
  }

  #tell(
    { account, id, subjects, payment }: PaymentRecord,
    event: string,
    more: Record<string, object> = {},
  ): void {
    this.#workings.webhooks.emit({ account, event, object: id, subjects, payload: { payment, ...more } });
  }

  #index({ id, account, order: { receipt } }: OrderRecord): void {
    if (receipt === null) return;
    const name = `${account}/${receipt}`;
    this.#byReceipt.set(name, [...(this.#byReceipt.get(name) ?? []), id]);
  }
}
