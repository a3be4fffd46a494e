import type { Transaction } from '../../db/pools.ts';
import { discrepancy, type Told } from '../../loans/life/replay.ts';
import type { LoanStanding } from '../../loans/life/standing.ts';
import { minorText } from '../../loans/schedule.ts';
import type { Plan } from '../plan/plan.ts';
import { readWholeLoan } from './whole-loan.ts';

type Places = ReadonlyMap<number, { loan: string; wallet: string }>;

/**
 * Compares each loan in the database with the pure engine told the plan's actions in one go: how it stands,
 * every chargeable day, and the wallet. @returns what is off, a line a loan
 */
export async function compareWithModel(tx: Transaction, plan: Plan, places: Places): Promise<string[]> {
  const off: string[] = [];
  for (const { number, loan, wallet } of plan.borrowers) {
    if (!loan) continue;
    const place = places.get(number);
    if (!place) {
      off.push(`loan ${number}: planned, but never lent`);
      continue;
    }
    const told = loan.toldThrough(plan.last_closed_day);
    const { standing, accrued, available, held } = await readWholeLoan(tx, place);
    const wrong =
      discrepancy(standing, told.standing) ??
      otherInstalments(standing, told) ??
      otherDays(accrued, told) ??
      otherMoney('available', available, wallet.available) ??
      otherMoney('held', held, wallet.set_aside);
    if (wrong) off.push(`loan ${number} (${place.loan}): ${wrong}`);
  }
  return off;
}

function otherInstalments({ unpaid }: LoanStanding, { standing }: Told): string | null {
  if (unpaid.length !== standing.unpaid.length) {
    return `${unpaid.length} instalments, told again ${standing.unpaid.length}`;
  }
  for (const [index, { number, due_day, principal, interest }] of unpaid.entries()) {
    const told = standing.unpaid[index]!;
    const same = told.due_day === due_day && told.principal === principal && told.interest === interest;
    if (!same) return `instalment ${number} is not as planned`;
  }
  return null;
}

function otherDays(accrued: ReadonlyMap<string, bigint>, told: Told): string | null {
  const amounts = new Map([...told.accruals].map(([key, { amount, tax }]) => [key, amount + tax]));
  for (const key of new Set([...accrued.keys(), ...amounts.keys()])) {
    const [came, should] = [accrued.get(key) ?? 0n, amounts.get(key) ?? 0n];
    if (came !== should) return `${key} accrued ${minorSigned(came)}, told again ${minorSigned(should)}`;
  }
  return null;
}

function otherMoney(what: string, came: bigint, should: bigint): string | null {
  if (came === should) return null;
  return `its wallet has ${minorSigned(came)} ${what}, told again ${minorSigned(should)}`;
}

function minorSigned(minor: bigint): string {
  return minor < 0n ? `-${minorText(-minor)}` : minorText(minor);
}
