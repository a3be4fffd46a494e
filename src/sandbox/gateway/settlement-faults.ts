import type { SettlementRow } from './collection-entities.ts';
import type { GatewayFault } from './faults.ts';
import { identifier } from './identifiers.ts';

const WRONG_BY_PAISE = 100;

/** What the report says of a line of a settlement; what the bank pays is not changed by it. */
export function told(row: SettlementRow, fault: GatewayFault | null): SettlementRow[] {
  const { credit, amount, fee, tax } = row;
  switch (fault) {
    case 'row-missing':
      return [];
    case 'row-extra':
      return [row, strange(row)];
    case 'amount-off':
      return [{ ...movedBy(row, WRONG_BY_PAISE), amount: amount + WRONG_BY_PAISE }];
    case 'fee-off':
      return [{ ...movedBy(row, credit > 0 ? -WRONG_BY_PAISE : WRONG_BY_PAISE), fee: fee + WRONG_BY_PAISE }];
    case 'tax-off':
      return [{ ...row, tax: tax + 1 }];
    case 'wrong-currency':
      return [{ ...row, currency: 'USD' }];
    case 'wrong-status':
      return [{ ...row, settled: false, on_hold: true }];
    default:
      return [row];
  }
}

/** A line with more paise on the side on which it stands. */
function movedBy(row: SettlementRow, paise: number): SettlementRow {
  return row.credit > 0 ? { ...row, credit: row.credit + paise } : { ...row, debit: row.debit + paise };
}

/** A line for a payment that never was. */
function strange(row: SettlementRow): SettlementRow {
  const nobodys = { order_receipt: null, payment_id: null, dispute_id: null, notes: null };
  const [entity_id, order_id] = [
    identifier('pay', `extra/${row.entity_id}`),
    identifier('order', `extra/${row.entity_id}`),
  ];
  return {
    ...row,
    ...nobodys,
    entity_id,
    order_id,
    type: 'payment',
    credit: row.amount,
    debit: 0,
    fee: 0,
    tax: 0,
  };
}

/** One line as two: the fees are in the first one. */
export function halves(row: SettlementRow): [SettlementRow, SettlementRow] {
  const first = Math.ceil(row.amount / 2);
  const second = row.amount - first;
  const side = row.credit > 0 ? 'credit' : 'debit';
  return [
    { ...row, amount: first, [side]: row[side] - second },
    { ...row, amount: second, [side]: second, fee: 0, tax: 0 },
  ];
}
