import type { Payout } from './entities.ts';
import { identifier } from './identifiers.ts';
import type { PayoutRecord } from './payouts.ts';
import type { Workings } from './workings.ts';

/** The amount and the fees leave the account, one line of its statement. */
export function debit({ statement }: Workings, record: PayoutRecord, utr: string): void {
  const { amount, fees, mode, narration } = record.picture;
  record.debited = true;
  statement.book(
    {
      ...{ account: record.account, credit: 0, debit: amount + fees, subjects: record.subjects, utr },
      source: sourceOf(record.picture),
    },
    `${mode} ${narration ?? 'payout'}`,
  );
}

/** A payout as the statement shows it. */
export function sourceOf(payout: Payout) {
  const { id, entity, fund_account_id, amount, notes, fees, tax, status, utr, mode, created_at, fee_type } =
    payout;
  return { id, entity, fund_account_id, amount, notes, fees, tax, status, utr, mode, created_at, fee_type };
}

/** The amount comes back, the fees only where the gateway is set so. */
export function giveBack({ statement, settings, clock }: Workings, record: PayoutRecord, utr: string): void {
  const { id, amount, mode, narration } = record.picture;
  const [fees, tax] = settings.fees_return ? [record.picture.fees, record.picture.tax] : [0, 0];
  record.returned = true;
  statement.book(
    {
      ...{ account: record.account, credit: amount + fees, debit: 0, subjects: record.subjects, utr },
      source: {
        ...{ id: identifier('rvrsl', id), entity: 'reversal', payout_id: id, amount, fees, tax, utr },
        created_at: clock.seconds(),
      },
    },
    `${mode} RETURN ${narration ?? 'payout'}`,
  );
}
