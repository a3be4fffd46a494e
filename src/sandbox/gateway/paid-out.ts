import type { Notes, PayoutStatus } from './entities.ts';
import type { PayoutRecord } from './payouts.ts';

/** What became of the money of a payout. Amounts are paise. */
export interface PaidOut {
  payout: string;
  account: string;
  reference_id: string | null;
  notes: Notes;
  amount: number;
  fees: number;
  tax: number;
  utr: string | null;
  /** As the gateway would tell it now. */
  status: PayoutStatus;
  /** The money left the lender's account. */
  debited: boolean;
  /** It came back. */
  returned: boolean;
  /** What the payee has of it for good: the amount, or 0. */
  kept: number;
}

/** The truth about payouts; what is still processing may yet change. */
export function paidOut(records: Iterable<PayoutRecord>, account?: string): PaidOut[] {
  const found: PaidOut[] = [];
  for (const record of records) {
    if (account !== undefined && record.account !== account) continue;
    const { reference_id, notes, amount, fees, tax, utr, status } = record.picture;
    const { debited, returned } = record;
    found.push({
      ...{ payout: record.id, account: record.account, reference_id, notes, amount, fees, tax, utr, status },
      ...{ debited, returned, kept: debited && status === 'processed' ? amount : 0 },
    });
  }
  return found;
}
