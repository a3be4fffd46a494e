import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import { statementOf } from '../../src/documents/statement.ts';
import type { LoanStatement } from '../../src/documents/statement-schema.ts';
import { addTenant } from '../../src/identity/tenants.ts';
import { minorUnits } from '../../src/loans/schedule.ts';
import { type Lender, type LoanWish, openLender } from '../loans/lending.ts';
import type { TestDatabase } from '../support/database.ts';

/** Lenders of their own, since their clocks move. */
export function lenders(database: TestDatabase) {
  let tenants = 0;
  const aLender = async (): Promise<Lender> => {
    const tenant = `lender-${++tenants}`;
    await addTenant(database.app, { tenant, name: 'Asha Finance' });
    return openLender(database, tenant);
  };
  return { aLender };
}

/** A loan disbursed on Friday, 20 November 2026: 12 × 4,584.00, first due on Sunday, 20 December. */
export async function aLoan(lender: Lender, wish: Partial<LoanWish> = {}): Promise<string> {
  const [loan] = await lender.open([{ principal: '50000.00', months: 12, ...wish }]);
  await lender.work(disburse, [{ loan: loan! }]);
  return loan!;
}

export const noon = (date: string) => new Date(`${date}T06:30:00Z`);
export const goTo = (lender: Lender, date: string) => lender.clock.moveTo(noon(date));
export const statement = async (lender: Lender, loan: string, from?: string, to?: string) =>
  (await lender.run((tx) => statementOf(tx, lender.tenant, loan, { from, to }, lender.clock.now())))!;
export const pay = (
  lender: Lender,
  loan: string,
  amount: string,
  more: { reference?: string; paid_on?: string } = {},
) =>
  lender.work(repay, [
    { ...{ loan, amount, currency: 'INR', source: 'collection' as const, reference: uuidv7() }, ...more },
  ]);
export const rows = ({ entries }: LoanStatement) =>
  entries.map(({ date, particulars, debit, credit, balance }) => [date, particulars, debit, credit, balance]);

const signed = (text: string) => (text.startsWith('-') ? -minorUnits(text.slice(1)) : minorUnits(text));

/** Holds a statement to its own figures. */
export function expectToAddUp({ opening, entries, closing, positions }: LoanStatement): void {
  let owed = signed(opening.total);
  for (const entry of entries) {
    owed += signed(entry.debit) - signed(entry.credit);
    expect(signed(entry.balance)).toBe(owed);
    const components = Object.values(entry.components).reduce((sum, each) => sum + signed(each), 0n);
    expect(components).toBe(signed(entry.debit) - signed(entry.credit));
  }
  expect(signed(closing.total)).toBe(owed);
  for (const { component, opening: before, debits, credits, moved, closing: after } of positions) {
    expect(signed(before) + signed(debits) - signed(credits) + signed(moved)).toBe(signed(after));
    expect([before, after]).toEqual([opening[component], closing[component]]);
  }
  const total = positions.at(-1)!;
  expect(total).toMatchObject({ component: 'total', moved: '0.00' });
  const sum = (way: 'debit' | 'credit') => entries.reduce((all, entry) => all + signed(entry[way]), 0n);
  expect([signed(total.debits), signed(total.credits)]).toEqual([sum('debit'), sum('credit')]);
}
