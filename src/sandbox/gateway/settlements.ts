import type { Table } from '../store.ts';
import type { Settlement, SettlementRow } from './collection-entities.ts';
import type { GatewayFault } from './faults.ts';
import { identifier, transferReference } from './identifiers.ts';
import type { Owed, Owings } from './owings.ts';
import { ownedBy } from './owned.ts';
import { DAY_MS } from './settings.ts';
import { halves, told } from './settlement-faults.ts';
import type { Workings } from './workings.ts';

/** Taken off a settlement under the fault `adjustment`. */
const ADJUSTMENT_PAISE = 1_012;

export interface SettlementRecord {
  id: string;
  account: string;
  day: string;
  settlement: Settlement;
  /** What the money is made of. */
  truth: SettlementRow[];
  /** What the report says. */
  told: SettlementRow[];
  /** What befell its lines, and itself. */
  faults: { entity_id: string; fault: GatewayFault }[];
}

/** Once a day, what payments brought less what refunds took reaches the lender's bank account; and the report of it. */
export class Settlements {
  readonly #workings: Workings;
  readonly #owings: Owings;
  readonly #table: Table<SettlementRecord>;
  readonly #byAccount = new Map<string, SettlementRecord[]>();
  readonly #onMoney: (account: string) => void;

  /** @param onMoney told when money reached an account */
  constructor(workings: Workings, owings: Owings, onMoney: (account: string) => void) {
    this.#workings = workings;
    this.#owings = owings;
    this.#onMoney = onMoney;
    this.#table = workings.store.table('settlement');
    for (const record of this.#table.values()) this.#keep(record);
    workings.steps.on('settle', (name) => {
      const cut = name.lastIndexOf('/');
      this.#settle(name.slice(0, cut), name.slice(cut + 1));
    });
  }

  get(account: string, id: string): Settlement {
    return ownedBy(this.#table, account, id).settlement;
  }

  /** Oldest first. @param days the beginning of a date: 2026, 2026-11, 2026-11-21; all by default */
  records(account: string, days = ''): SettlementRecord[] {
    return (this.#byAccount.get(account) ?? []).filter(({ day }) => day.startsWith(days));
  }

  /** The report's lines of days, from line `skip` on. */
  report(account: string, days: string, { count, skip }: { count: number; skip: number }): SettlementRow[] {
    const found: SettlementRow[] = [];
    let seen = 0;
    for (const { told: lines } of this.records(account, days)) {
      const from = Math.max(0, skip - seen);
      found.push(...lines.slice(from, from + count - found.length));
      seen += lines.length;
      if (found.length === count) break;
    }
    return found;
  }

  #settle(account: string, day: string): void {
    const now = this.#owings.take(account, day).flatMap((owed) => this.#partNow(owed, day));
    const rows = now.map(({ row }) => row);
    const number = this.#byAccount.get(account)?.length ?? 0;
    const id = identifier('setl', `${this.#workings.settings.seed}/${account}/${day}/${number}`);
    const chosen = this.#chosenFor(account, day);
    if (chosen === 'adjustment') rows.push(this.#adjustment(rows[0], id));
    const amount = rows.reduce((sum, { credit, debit }) => sum + credit - debit, 0);
    if (amount <= 0) {
      // Nobody is paid less than nothing: it waits for the payments of the next day.
      for (const { id: _, ...owed } of now) this.#owings.put({ ...owed, day: later(day, 1) });
      return;
    }
    const former = this.#byAccount.get(account)?.at(-1)?.settlement.utr;
    const own = transferReference('NEFT', id);
    const utr = chosen === 'duplicate-utr' ? (former ?? own) : own;
    const seconds = this.#workings.clock.seconds();
    const truth = rows.map((row) => ({
      ...row,
      settlement_id: id,
      settlement_utr: utr,
      settled_at: seconds,
    }));
    const record: SettlementRecord = {
      ...{ id, account, day, settlement: settlementOf(id, amount, truth, utr, seconds), truth },
      told: truth.flatMap((row, index) => told(row, now[index]?.chosen?.fault ?? null)),
      faults: now.flatMap(({ row, chosen: by }) =>
        by ? [{ entity_id: row.entity_id, fault: by.fault }] : [],
      ),
    };
    if (chosen) record.faults.push({ entity_id: id, fault: chosen });
    this.#table.put(record);
    this.#keep(record);
    this.#pay(record);
  }

  /** What of a line is settled now; a late one, or the second half of one, comes on another day. */
  #partNow(owed: Owed, day: string): Owed[] {
    if (owed.chosen !== undefined) return [owed];
    const { row, subjects } = owed;
    const { id: _, ...rest } = owed;
    const names = [...subjects, row.entity_id];
    const point = `${row.type}/${row.credit}/${row.debit}`;
    const chosen = this.#workings.faults.choose({ group: 'row', subjects: names, point });
    if (chosen?.fault === 'late') {
      this.#owings.put({ ...rest, chosen, day: later(day, chosen.days) });
      return [];
    }
    if (chosen?.fault !== 'split') return [{ ...owed, chosen }];
    const [first, second] = halves(row);
    this.#owings.put({ ...rest, chosen, row: second, day: later(day, 1) });
    return [{ ...owed, chosen, row: first }];
  }

  #chosenFor(account: string, day: string): GatewayFault | null {
    const chosen = this.#workings.faults.choose({
      group: 'settlement',
      subjects: [day, account],
      point: account,
    });
    return chosen?.fault ?? null;
  }

  #adjustment(like: SettlementRow | undefined, settlement: string): SettlementRow {
    return {
      ...like!,
      ...{
        entity_id: identifier('adj', settlement),
        type: 'adjustment',
        amount: ADJUSTMENT_PAISE,
        credit: 0,
      },
      ...{
        debit: ADJUSTMENT_PAISE,
        fee: 0,
        tax: 0,
        description: 'Adjustment',
        notes: null,
        payment_id: null,
      },
      ...{ order_id: null, order_receipt: null, method: null, dispute_id: null },
    };
  }

  #pay({ account, settlement }: SettlementRecord): void {
    const { statement, webhooks } = this.#workings;
    const { id, amount, utr } = settlement;
    const source = {
      ...{ id: identifier('bt', id), entity: 'bank_transfer', payer_name: 'Razorpay', mode: 'NEFT' },
      ...{ bank_reference: utr, amount },
    };
    const subjects = [id];
    statement.book({ account, credit: amount, debit: 0, source, subjects, utr }, 'NEFT settlement');
    webhooks.emit({ account, event: 'settlement.processed', object: id, subjects, payload: { settlement } });
    this.#onMoney(account);
  }

  #keep(record: SettlementRecord): void {
    const records = this.#byAccount.get(record.account) ?? [];
    records.push(record);
    this.#byAccount.set(record.account, records);
  }
}

function settlementOf(
  id: string,
  amount: number,
  rows: readonly SettlementRow[],
  utr: string,
  created_at: number,
): Settlement {
  const fees = rows.reduce((sum, { fee }) => sum + fee, 0);
  const tax = rows.reduce((sum, row) => sum + row.tax, 0);
  return { id, entity: 'settlement', amount, status: 'processed', fees, tax, utr, created_at };
}

function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
