import type { Table } from '../store.ts';
import type { Refund, SettlementRow } from './collection-entities.ts';
import type { Chosen } from './faults.ts';
import { identifier } from './identifiers.ts';
import type { PaymentRecord } from './payment-records.ts';
import { DAY_MS } from './settings.ts';
import { dayInIndia, INDIA_AHEAD_MS } from './statement.ts';
import type { Workings } from './workings.ts';

/** Ten in the morning in India. */
const SETTLES_AT_MS = 10 * 3_600_000 - INDIA_AHEAD_MS;

/** What the gateway owes a lender, or takes back, on a day. */
export interface Owed {
  id: string;
  account: string;
  /** The day in India on which it is settled. */
  day: string;
  row: SettlementRow;
  subjects: (string | null)[];
  /** What befalls it; absent until that was decided, which is once. */
  chosen?: Chosen | null;
}

type Told = Partial<SettlementRow> & Pick<SettlementRow, 'entity_id' | 'type' | 'amount'>;

/** What is to be settled, by account and day. */
export class Owings {
  readonly #workings: Workings;
  readonly #owed: Table<Owed>;
  readonly #byDay = new Map<string, Map<string, Owed>>();
  #number = 0;

  constructor(workings: Workings) {
    this.#workings = workings;
    this.#owed = workings.store.table('owed');
    for (const owed of this.#owed.values()) {
      this.#number = Math.max(this.#number, Number(owed.id));
      this.#index(owed);
    }
  }

  owePayment({ account, payment, receipt, subjects }: PaymentRecord): void {
    const [fee, tax] = [payment.fee ?? 0, payment.tax ?? 0];
    this.#owe(account, subjects, {
      ...{
        entity_id: payment.id,
        type: 'payment',
        amount: payment.amount,
        credit: payment.amount - fee,
        fee,
        tax,
      },
      ...{ order_id: payment.order_id, order_receipt: receipt, method: payment.method, notes: payment.notes },
      ...{ currency: payment.currency, description: payment.description },
    });
  }

  oweRefund(refund: Refund, { account, payment, receipt, subjects }: PaymentRecord): void {
    this.#owe(account, [refund.id, refund.receipt, ...subjects], {
      ...{ entity_id: refund.id, type: 'refund', amount: refund.amount, debit: refund.amount },
      ...{ order_id: payment.order_id, order_receipt: receipt, method: payment.method, notes: refund.notes },
      ...{ currency: refund.currency, payment_id: payment.id },
    });
  }

  /** Something about a payment that is neither payment nor refund. */
  oweAdjustment(
    { account, payment, subjects }: PaymentRecord,
    why: { credit?: number; debit?: number; description: string; dispute_id?: string },
  ): void {
    const entity_id = identifier('adj', `${payment.id}/${why.description}`);
    const amount = (why.credit ?? 0) + (why.debit ?? 0);
    const row: Told = { entity_id, type: 'adjustment', amount, payment_id: payment.id, ...why };
    this.#owe(account, [entity_id, ...subjects], row);
  }

  /** Puts down what is settled on a later day than it should have been. */
  put(owed: Omit<Owed, 'id'>): void {
    const { clock, steps } = this.#workings;
    const name = `${owed.account}/${owed.day}`;
    if (!this.#byDay.has(name)) {
      const at_ms = Date.parse(`${owed.day}T00:00:00Z`) + SETTLES_AT_MS;
      steps.plan('settle', name, Math.max(0, at_ms - clock.now()));
    }
    this.#number += 1;
    const record = { ...owed, id: String(this.#number) };
    this.#owed.put(record);
    this.#index(record);
  }

  /** Takes what is settled on a day. */
  take(account: string, day: string): Owed[] {
    const name = `${account}/${day}`;
    const owed = [...(this.#byDay.get(name)?.values() ?? [])];
    this.#byDay.delete(name);
    for (const { id } of owed) this.#owed.remove(id);
    return owed;
  }

  #owe(account: string, subjects: Owed['subjects'], told: Told): void {
    const { clock, settings } = this.#workings;
    const row: SettlementRow = {
      ...{
        debit: 0,
        credit: 0,
        currency: 'INR',
        fee: 0,
        tax: 0,
        on_hold: false,
        settled: true,
        settled_at: 0,
      },
      ...{ settlement_id: '', posted_at: null, credit_type: 'default', description: null, notes: null },
      ...{ payment_id: null, settlement_utr: null, order_id: null, order_receipt: null, method: null },
      ...{ card_network: null, card_issuer: null, card_type: null, dispute_id: null },
      ...{ created_at: clock.seconds(), ...told },
    };
    this.put({ account, subjects, row, day: dayInIndia(clock.now() + settings.settlement_days * DAY_MS) });
  }

  #index(owed: Owed): void {
    const name = `${owed.account}/${owed.day}`;
    const day = this.#byDay.get(name) ?? new Map<string, Owed>();
    this.#byDay.set(name, day.set(owed.id, owed));
  }
}
