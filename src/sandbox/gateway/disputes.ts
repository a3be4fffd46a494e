import type { Table } from '../store.ts';
import type { Dispute, DisputeStatus } from './collection-entities.ts';
import { identifier } from './identifiers.ts';
import type { Owings } from './owings.ts';
import { ownedBy } from './owned.ts';
import type { Payments } from './payments.ts';
import { DAY_MS } from './settings.ts';
import type { Workings } from './workings.ts';

const ANSWER_DAYS = 7;

/** How a payer's bank takes a payment back. */
export interface Disputing {
  /** Paise; the whole payment by default. */
  amount?: number;
  reason_code?: string;
  phase?: Dispute['phase'];
}

interface DisputeRecord {
  id: string;
  account: string;
  dispute: Dispute;
}

/** Payments that payers contest: the money is taken at once, and comes back where the lender wins. */
export class Disputes {
  readonly #workings: Workings;
  readonly #payments: Payments;
  readonly #owings: Owings;
  readonly #disputes: Table<DisputeRecord>;

  constructor(workings: Workings, payments: Payments, owings: Owings) {
    this.#workings = workings;
    this.#payments = payments;
    this.#owings = owings;
    this.#disputes = workings.store.table('dispute');
  }

  /** @throws RangeError unless the payment is captured and has so much left */
  open(
    payment_id: string,
    { amount, reason_code = 'goods_or_services_not_received', phase = 'chargeback' }: Disputing,
  ) {
    const paid = this.#payments.find(payment_id);
    if (!paid?.payment.captured) throw new RangeError(`There is no captured payment ${payment_id}.`);
    const left = paid.payment.amount - paid.payment.amount_refunded;
    const taken = amount ?? left;
    if (taken < 1 || taken > left) throw new RangeError(`Payment ${payment_id} has ${left} paise left.`);
    const { settings, clock } = this.#workings;
    const id = identifier('disp', `${settings.seed}/${payment_id}/${this.#disputes.size}`);
    const dispute: Dispute = {
      ...{ id, entity: 'dispute', payment_id, amount: taken, currency: paid.payment.currency },
      ...{
        amount_deducted: taken,
        reason_code,
        respond_by: clock.seconds() + (ANSWER_DAYS * DAY_MS) / 1_000,
      },
      ...{ status: 'open', phase, created_at: clock.seconds() },
    };
    const description = `Dispute ${id} opened`;
    this.#owings.oweAdjustment(paid, { debit: taken, description, dispute_id: id });
    this.#disputes.put({ id, account: paid.account, dispute });
    this.#tell(id, 'created');
    return dispute;
  }

  /** @throws RangeError where there is none, or it has ended */
  move(id: string, status: Exclude<DisputeStatus, 'open'>): Dispute {
    const record = this.#disputes.get(id);
    if (!record || !['open', 'under_review'].includes(record.dispute.status)) {
      throw new RangeError(`There is no open dispute ${id}.`);
    }
    const gives_back = status === 'won' || status === 'closed';
    const { payment_id, amount_deducted } = record.dispute;
    record.dispute = { ...record.dispute, status, amount_deducted: gives_back ? 0 : amount_deducted };
    this.#disputes.put(record);
    if (gives_back) {
      const description = `Dispute ${id} ${status}`;
      const paid = this.#payments.find(payment_id)!;
      this.#owings.oweAdjustment(paid, { credit: amount_deducted, description, dispute_id: id });
    }
    this.#tell(id, status);
    return record.dispute;
  }

  get(account: string, id: string): Dispute {
    return ownedBy(this.#disputes, account, id).dispute;
  }

  *list(account: string): Generator<Dispute> {
    for (const record of this.#disputes.values()) if (record.account === account) yield record.dispute;
  }

  #tell(id: string, what: string): void {
    const { account, dispute } = this.#disputes.get(id)!;
    const { payment, subjects } = this.#payments.find(dispute.payment_id)!;
    const event = `payment.dispute.${what}`;
    this.#workings.webhooks.emit({
      ...{ account, event, object: id, subjects: [...subjects, id], payload: { payment, dispute } },
    });
  }
}
