import { sql } from 'slonik';
import { z } from 'zod';
import { dayNumber } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import type { LoanStanding } from '../../loans/life/standing.ts';
import { minorUnits } from '../../loans/schedule.ts';
import { readLoan } from '../../loans/servicing/load.ts';
import { walletOf } from '../../wallets/wallets.ts';

const minor = z.string().transform(minorUnits);
const paidRow = z.object({
  number: z.number(),
  from_on: z.string().nullable(),
  due_on: z.string(),
  principal: minor,
  interest: minor,
  fees: minor,
  penal: minor,
});
const accruedRow = z.object({ key: z.string(), day: z.string(), amount: z.string() });

export interface WholeLoan {
  /** With its paid instalments as well. */
  standing: LoanStanding;
  /** What each chargeable day came to with its tax, corrections included, by component/instalment/day. */
  accrued: Map<string, bigint>;
  /** The borrower's wallet. */
  available: bigint;
  held: bigint;
}

/** A loan as the database has it at the end of a life. */
export async function readWholeLoan(
  tx: Transaction,
  { loan, wallet }: { loan: string; wallet: string },
): Promise<WholeLoan> {
  const standing = (await readLoan(tx, loan))!;
  const paid = await tx.any(sql.type(paidRow)`
    SELECT number, from_on, due_on, principal, interest, fees, penal FROM instalment
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND paid_on IS NOT NULL ORDER BY number`);
  const accrued = await tx.any(sql.type(accruedRow)`
    SELECT component || '/' || instalment AS key, chargeable_day AS day, round(sum(amount + tax) * 100)::text AS amount
    FROM (
      SELECT component, instalment, chargeable_day, amount, tax FROM accrual
      WHERE tenant_id = current_tenant() AND loan_id = ${loan}
      UNION ALL
      SELECT component, instalment, chargeable_day, amount, tax FROM accrual_correction
      WHERE tenant_id = current_tenant() AND loan_id = ${loan}) AS days
    GROUP BY 1, 2 HAVING sum(amount + tax) <> 0`);
  const money = (await walletOf(tx, wallet))!;
  return {
    standing: { ...standing, unpaid: [...paid.map(paidInstalment), ...standing.unpaid].sort(byNumber) },
    accrued: new Map(accrued.map(({ key, day, amount }) => [`${key}/${dayNumber(day)}`, BigInt(amount)])),
    available: minorUnits(money.available),
    held: minorUnits(money.held),
  };
}

function paidInstalment(row: z.output<typeof paidRow>): LoanStanding['unpaid'][number] {
  const { number, principal, interest, fees, penal, from_on, due_on } = row;
  return {
    ...{ number, principal, interest, fees, penal, paid: { principal, interest, fees, penal } },
    ...{ from_day: from_on === null ? null : dayNumber(from_on), due_day: dayNumber(due_on) },
    ...{
      fees_tax: 0n,
      penal_tax: 0n,
      penal_base_days: 0n,
      accrued: 0n,
      fell_due_on: null,
      paid_on: null,
      changed: false,
    },
  };
}

function byNumber(one: { number: number }, other: { number: number }): number {
  return one.number - other.number;
}
