import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../../db/pools.ts';
import { type ControlAccounts, openAccounts } from '../../ledger/accounts.ts';
import { toDecimal } from '../../ledger/money.ts';
import type { EntryDraft, JournalDraft } from '../../ledger/post.ts';
import { type Lines, LOAN_ACCOUNTS, type LoanAccount, type Role } from '../life/lines.ts';
import { minorText } from '../schedule.ts';
import type { ServicedLoan } from './load.ts';

const NAMES: Record<LoanAccount, string> = {
  principal: 'Loan principal receivable',
  interest: 'Loan interest receivable',
  accrued: 'Loan interest accrued, not yet due',
  penal: 'Loan penal charges receivable',
  fees: 'Loan fees receivable',
  advance: 'Paid ahead on a loan',
};

/** Opens the accounts that the lines need and the loans do not have yet, and notes their ids on the loans. */
export async function openMissingAccounts(
  tx: Transaction,
  bookings: readonly { loan: ServicedLoan; lines: Lines }[],
): Promise<void> {
  const openings: Parameters<typeof openAccounts>[1][number][] = [];
  for (const { loan, lines } of bookings) {
    for (const { role } of lines.entries()) {
      if (!isLoanAccount(role) || loan.accounts[role] !== null) continue;
      const id = uuidv7();
      loan.accounts[role] = id;
      openings.push({
        ...{ id, code: `loan/${loan.id}/${role}`, name: NAMES[role], currency: loan.currency },
        type: role === 'advance' ? 'liability' : 'asset',
        ...{ keeps_balance: true, balance_min: '0' },
      });
    }
  }
  await openAccounts(tx, openings);
}

/** The journal of lines, by account. The loan's accounts must have been opened. */
export function journalOf(
  loan: ServicedLoan,
  lines: Lines,
  controls: ControlAccounts,
  journal: Omit<JournalDraft, 'stream' | 'entries'>,
): JournalDraft {
  const entries = lines.entries().map(
    ({ direction, role, minor }): EntryDraft => ({
      account: accountOf(loan, role, controls),
      ...{ direction, amount: toDecimal(minorText(minor)), currency: loan.currency },
    }),
  );
  return { ...journal, stream: loan.id, entries };
}

function accountOf(loan: ServicedLoan, role: Role, controls: ControlAccounts): string {
  if (role === 'wallet') return loan.wallet_id;
  if (!isLoanAccount(role)) return controls[role];
  const account = loan.accounts[role];
  if (account === null) throw new Error(`Loan ${loan.id} has no account for ${role}.`);
  return account;
}

function isLoanAccount(role: Role): role is LoanAccount {
  return (LOAN_ACCOUNTS as readonly string[]).includes(role);
}
