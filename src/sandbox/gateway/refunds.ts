import { z } from 'zod';
import type { Table } from '../store.ts';
import type { Refund } from './collection-entities.ts';
import { badRequest, GatewayError, shaped } from './errors.ts';
import type { Chosen } from './faults.ts';
import { identifier } from './identifiers.ts';
import { namedSubject, notesSchema } from './notes.ts';
import type { Owings } from './owings.ts';
import { ownedBy } from './owned.ts';
import type { PaymentRecord } from './payment-records.ts';
import type { Payments } from './payments.ts';
import { Repeats } from './repeats.ts';
import { DAY_MS, type GatewayAccount } from './settings.ts';
import type { Workings } from './workings.ts';

const refundSchema = z.object({
  amount: z.int().min(100).optional(),
  speed: z.enum(['normal', 'optimum']).optional(),
  receipt: z.string().max(40).nullish(),
  notes: notesSchema,
});
const KEY = /^[A-Za-z0-9_-]{10,}$/;
const REFUNDABLE_DAYS = 180;

export interface RefundRecord {
  id: string;
  account: string;
  refund: Refund;
  subjects: (string | null)[];
  /** What the fault script has for it. */
  chosen: Chosen | null;
}

/** Money on its way back to payers. */
export class Refunds {
  readonly #workings: Workings;
  readonly #payments: Payments;
  readonly #owings: Owings;
  readonly #refunds: Table<RefundRecord>;
  readonly #repeats: Repeats;
  readonly #byPayment = new Map<string, string[]>();

  constructor(workings: Workings, payments: Payments, owings: Owings) {
    this.#workings = workings;
    this.#payments = payments;
    this.#owings = owings;
    this.#refunds = workings.store.table('refund');
    this.#repeats = new Repeats(workings.store, 'refund-key');
    for (const { id, refund } of this.#refunds.values()) this.#index(refund.payment_id, id);
    workings.steps.on('refund', (id) => this.#arrive(id));
  }

  /**
   * A refund; the one that exists where key and body are known.
   * @throws GatewayError 400 where it cannot be; 409, under the fault `refund-running`, where it is being made
   */
  create(
    account: GatewayAccount,
    payment_id: string,
    key: string | undefined,
    raw: string,
    sent: unknown,
  ): Refund {
    if (key !== undefined && !KEY.test(key))
      throw badRequest('The idempotency key is invalid', 'X-Refund-Idempotency');
    const name = `${account.id}/${payment_id}/${key}`;
    const known = key === undefined ? null : this.#repeats.madeBy(name, raw);
    if (known !== null) return this.#refunds.get(known)!.refund;
    const record = this.#made(this.#payments.get(account.id, payment_id), sent);
    if (key !== undefined) this.#repeats.keep(name, raw, record.id);
    if (record.chosen?.fault === 'refund-running') {
      throw new GatewayError(409, { description: 'The refund is still being processed', reason: 'NA' });
    }
    return record.refund;
  }

  get(account: string, id: string): Refund {
    return ownedBy(this.#refunds, account, id).refund;
  }

  ofPayment(account: string, payment_id: string): Refund[] {
    this.#payments.get(account, payment_id);
    return (this.#byPayment.get(payment_id) ?? []).map((id) => this.#refunds.get(id)!.refund);
  }

  all(): IterableIterator<RefundRecord> {
    return this.#refunds.values();
  }

  #made(paid: PaymentRecord, sent: unknown): RefundRecord {
    const { settings, clock, steps, faults } = this.#workings;
    const { payment } = paid;
    const { receipt = null, speed = 'normal', notes, amount = left(paid) } = shaped(refundSchema, sent);
    if (!payment.captured) throw badRequest('The payment status should be captured for action to be taken');
    if (amount > left(paid)) {
      throw badRequest('The total refund amount is greater than the refund payment amount', 'amount');
    }
    if (clock.seconds() - payment.created_at > (REFUNDABLE_DAYS * DAY_MS) / 1_000) {
      throw badRequest('The payment is older than six months and cannot be refunded');
    }
    const number = this.#byPayment.get(payment.id)?.length ?? 0;
    const id = identifier('rfnd', `${settings.seed}/${payment.id}/${number}`);
    const subjects = [...new Set([namedSubject(notes) ?? receipt, receipt, ...paid.subjects, id])];
    const chosen = faults.choose({ group: 'refund', subjects, point: `refund/${number}` });
    const refund: Refund = {
      ...{ id, entity: 'refund', amount, currency: payment.currency, payment_id: payment.id, notes, receipt },
      ...{ acquirer_data: { arn: null }, batch_id: null, status: 'pending', speed_requested: speed },
      ...{ speed_processed: speed === 'normal' ? 'normal' : 'instant', created_at: clock.seconds() },
    };
    const record = { id, account: paid.account, refund, subjects, chosen };
    this.#refunds.put(record);
    this.#index(payment.id, id);
    this.#payments.change(payment.id, refunded(paid, amount));
    this.#owings.oweRefund(refund, paid);
    this.#tell(record, 'refund.created');
    steps.plan('refund', id, speed === 'normal' ? settings.refund_days * DAY_MS : 0);
    return record;
  }

  #arrive(id: string): void {
    const record = this.#refunds.get(id)!;
    const { refund } = record;
    const has_failed = record.chosen?.fault === 'refund-failed';
    const arn = has_failed ? null : identifier('arn', id).slice(4);
    record.refund = { ...refund, status: has_failed ? 'failed' : 'processed', acquirer_data: { arn } };
    this.#refunds.put(record);
    if (has_failed) {
      const paid = this.#payments.find(refund.payment_id)!;
      this.#payments.change(refund.payment_id, refunded(paid, -refund.amount));
      this.#owings.oweAdjustment(paid, { credit: refund.amount, description: `Failed refund ${id}` });
    }
    this.#tell(record, `refund.${record.refund.status}`);
  }

  #tell({ account, id, subjects, refund }: RefundRecord, event: string): void {
    const { payment } = this.#payments.find(refund.payment_id)!;
    this.#workings.webhooks.emit({ account, event, object: id, subjects, payload: { refund, payment } });
  }

  #index(payment: string, id: string): void {
    this.#byPayment.set(payment, [...(this.#byPayment.get(payment) ?? []), id]);
  }
}

function left({ payment }: PaymentRecord): number {
  return payment.amount - payment.amount_refunded;
}

/** What a payment shows after a refund of it, or after one that failed. */
function refunded({ payment }: PaymentRecord, amount: number) {
  const amount_refunded = payment.amount_refunded + amount;
  const refund_status = amount_refunded === 0 ? null : amount_refunded < payment.amount ? 'partial' : 'full';
  const status = refund_status === 'full' ? 'refunded' : 'captured';
  return { amount_refunded, refund_status, status } as const;
}
