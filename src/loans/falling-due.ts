import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import { controlAccounts } from '../ledger/accounts.ts';
import { toDecimal } from '../ledger/money.ts';
import { type EntryDraft, type JournalDraft, post } from '../ledger/post.ts';
import { minorText } from './schedule.ts';
import { lockForServicing, type ServicedLoan, storeServicing, type UnpaidInstalment } from './servicing.ts';

export interface FellDue {
  loans: number;
  instalments: number;
  /** Interest that became receivable, in the tenant's currency. */
  interest: string;
  /** More loans wait than `loans_max`. */
  more: boolean;
}

interface Due {
  loan: ServicedLoan;
  instalment: UnpaidInstalment;
}

/**
 * Makes the interest of instalments due up to `business_date` receivable: one journal a loan and due date,
 * set-based, for at most `loans_max` loans. Instalments that fell due before are passed over, and the key
 * of the journal guards that a second time, so a doubled run changes nothing.
 */
export async function letFallDue(
  tx: Transaction,
  tenant: string,
  run: { business_date: IsoDate; posted_at: Date; loans_max: number },
): Promise<FellDue> {
  const { business_date, posted_at, loans_max } = run;
  const ids = await loansFallingDue(tx, business_date, loans_max);
  if (ids.length === 0) return { loans: 0, instalments: 0, interest: minorText(0n), more: false };
  const loans = await lockForServicing(tx, ids);
  const due = [...loans.values()].flatMap((loan) =>
    loan.unpaid
      .filter(({ due_on, fell_due_on }) => fell_due_on === null && due_on <= business_date)
      .map((instalment) => ({ loan, instalment })),
  );
  const income = (await controlAccounts(tx, tenant))['interest-income'];
  await post(
    tx,
    due
      .filter(({ instalment }) => instalment.interest > 0n)
      .map((item) => ({ ...draftOf(item, income), business_date, posted_at })),
  );
  await storeServicing(
    tx,
    due.map(({ loan, instalment }) => ({
      ...instalment,
      loan: loan.id,
      fell_due_on: business_date,
      paid_on: null,
    })),
    business_date,
  );
  return {
    loans: ids.length,
    instalments: due.length,
    interest: minorText(due.reduce((sum, { instalment }) => sum + instalment.interest, 0n)),
    more: ids.length === loans_max && due.length > 0,
  };
}

async function loansFallingDue(tx: Transaction, business_date: IsoDate, limit: number): Promise<string[]> {
  const rows = await tx.anyFirst(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM loan
    WHERE tenant_id = current_tenant() AND next_due_on <= ${business_date} AND state = 'active'
    ORDER BY next_due_on, id
    LIMIT ${limit}`);
  return [...rows];
}

function draftOf(
  { loan, instalment }: Due,
  income: string,
): Omit<JournalDraft, 'business_date' | 'posted_at'> {
  const money = { amount: toDecimal(minorText(instalment.interest)), currency: loan.currency };
  const entries: EntryDraft[] = [
    { account: loan.interest_account, direction: 'debit', ...money },
    { account: income, direction: 'credit', ...money },
  ];
  return {
    ...{ id: uuidv7(), stream: loan.id, kind: 'loan.fall-due', entries },
    key: `fall-due:${loan.id}:${instalment.due_on}`,
  };
}
