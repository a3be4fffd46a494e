import { identifier } from './identifiers.ts';
import type { PayoutRecord } from './payouts.ts';
import type { Workings } from './workings.ts';

/** The amount and the fees leave the account, one line of its statement. */
export function debit({ statement }: Workings, record: PayoutRecord, utr: string): void {
  const { id, fund_account_id, amount, notes, fees, tax, status, mode, narration, created_at } =
    record.picture;
  record.debited = true;
  statement.book(
    {
      ...{ account: record.account, credit: 0, debit: amount + fees, subjects: record.subjects },
      source: {
        ...{ id, entity: 'payout', fund_account_id, amount, notes, fees, tax, status, utr, mode, created_at },
      },
    },
    `${mode} ${narration ?? 'payout'}`,
  );
}

/** The amount comes back, the fees only where the gateway is set so. */
export function giveBack({ statement, settings, clock }: Workings, record: PayoutRecord): void {
  const { id, amount, fees, tax, utr, mode, narration } = record.picture;
  const [fee, fee_tax] = settings.fees_return ? [fees, tax] : [0, 0];
  record.returned = true;
  statement.book(
    {
      ...{ account: record.account, credit: amount + fee, debit: 0, subjects: record.subjects },
      source: {
        ...{ id: identifier('rvrsl', id), entity: 'reversal', payout_id: id, amount, fee, tax: fee_tax, utr },
        created_at: clock.seconds(),
      },
    },
    `${mode} RETURN ${narration ?? 'payout'}`,
  );
}
