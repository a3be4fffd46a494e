import { sql } from 'slonik';
import { z } from 'zod';
import { dayNumber } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { ASSET_CLASSES } from '../delinquency.ts';
import { LOAN_ACCOUNTS, type LoanAccount } from '../life/lines.ts';
import type { Instalment, LoanStanding } from '../life/standing.ts';
import { minorUnits } from '../schedule.ts';
import { LOAN_STATES } from '../states.ts';
import { termsOf } from './terms.ts';

const minor = z.string().transform(minorUnits);
const whole = z.string().transform((text) => BigInt(text));
const day = z.string().transform(dayNumber);

const loanRow = z.object({
  tenant_id: z.string(),
  id: z.string(),
  wallet_id: z.string(),
  currency: z.string(),
  product_code: z.string(),
  product_version: z.number(),
  score: z.number().nullable(),
  state: z.enum(LOAN_STATES),
  carried_through: day.nullable(),
  asset_class: z.enum(ASSET_CLASSES),
  class_held_through: day.nullable(),
  penal_charged: minor,
  suspended_interest: minor,
  suspended_penal: minor,
  advance: minor,
  principal_account: z.string(),
  interest_account: z.string(),
  accrued_account: z.string().nullable(),
  penal_account: z.string().nullable(),
  fees_account: z.string().nullable(),
  advance_account: z.string().nullable(),
  first_unpaid: z.number(),
});

const instalmentRow = z.object({
  loan_id: z.string(),
  number: z.number(),
  from_on: z.string().nullable(),
  due_on: z.string(),
  principal: minor,
  interest: minor,
  fees: minor,
  penal: minor,
  penal_tax: minor,
  penal_base_days: whole,
  fees_tax: minor,
  accrued: minor,
  paid_principal: minor,
  paid_interest: minor,
  paid_fees: minor,
  paid_penal: minor,
  fell_due_on: z.string().nullable(),
});

/** A loan as it is serviced: how it stands, and what is needed to book it. */
export interface ServicedLoan extends LoanStanding {
  /** Ids of its accounts; null where one was not needed yet. */
  accounts: Record<LoanAccount, string | null>;
}

const loanColumns = sql.fragment`
  tenant_id, id, wallet_id, currency, product_code, product_version, score, state, carried_through, asset_class, class_held_through,
  penal_charged, suspended_interest, suspended_penal, advance, principal_account, interest_account,
  accrued_account, penal_account, fees_account, advance_account, first_unpaid`;
const instalmentColumns = sql.fragment`
  loan_id, number, from_on, due_on, principal, interest, fees, penal, penal_tax, penal_base_days, fees_tax, accrued,
  paid_principal, paid_interest, paid_fees, paid_penal, fell_due_on`;

/**
 * Locks loans, in the order of their keys, and reads their unpaid instalments. Whoever services a loan
 * takes this lock first, then those of the books, so that nobody deadlocks; it stands for the loan's
 * instalments as well, which nobody writes without it. (Locking each of their rows too cost a repayment a
 * sixth of its time.) The second statement sees what was committed before the first had its locks.
 */
export async function lockLoans(tx: Transaction, ids: readonly string[]): Promise<Map<string, ServicedLoan>> {
  const wanted = sql.array([...ids], 'uuid');
  const loans = await tx.any(sql.prepared('lock_loans', loanRow)`
    SELECT ${loanColumns} FROM loan
    WHERE tenant_id = current_tenant() AND id = ANY (${wanted})
    ORDER BY id
    FOR NO KEY UPDATE`);
  const instalments = await tx.any(sql.prepared('unpaid_instalments', instalmentRow)`
    SELECT ${instalmentColumns} FROM instalment
    WHERE tenant_id = current_tenant() AND loan_id = ANY (${wanted}) AND paid_on IS NULL
    ORDER BY loan_id, number`);
  return assembled(tx, loans, instalments);
}

/** As lockLoans, without locks: to look at. */
export async function readLoan(tx: Transaction, id: string): Promise<ServicedLoan | null> {
  const loans = await tx.any(sql.prepared('read_loan', loanRow)`
    SELECT ${loanColumns} FROM loan WHERE tenant_id = current_tenant() AND id = ${id}`);
  const instalments = await tx.any(sql.prepared('read_unpaid', instalmentRow)`
    SELECT ${instalmentColumns} FROM instalment
    WHERE tenant_id = current_tenant() AND loan_id = ${id} AND paid_on IS NULL
    ORDER BY number`);
  return (await assembled(tx, loans, instalments)).get(id) ?? null;
}

/** A part of the loans that have work by a day, by id. */
export interface LoanRange {
  from_loan: string;
  to_loan: string;
  /** The day to carry to, `YYYY-MM-DD`. */
  through: string;
}

/**
 * Locks the loans of a range that have work by `through`, with the instalments that this may touch: what
 * is unpaid and due by then, and two after that. How long a loan still runs, or has run, costs nothing.
 */
export async function lockRange(
  tx: Transaction,
  { from_loan, to_loan, through }: LoanRange,
): Promise<Map<string, ServicedLoan>> {
  const loans = await tx.any(sql.prepared('lock_range', loanRow)`
    SELECT ${loanColumns} FROM loan
    WHERE tenant_id = current_tenant() AND id BETWEEN ${from_loan} AND ${to_loan}
      AND state = 'active' AND next_work_on <= ${through}
      AND NOT EXISTS (SELECT FROM loan_set_aside a WHERE a.tenant_id = loan.tenant_id AND a.loan_id = loan.id)
    ORDER BY id
    FOR NO KEY UPDATE`);
  return withComing(tx, loans, through);
}

/** As lockRange, of the first `limit` loans after an id, without locks: to look at. */
export async function readDue(
  tx: Transaction,
  { after, through, limit }: { after: string; through: string; limit: number },
): Promise<Map<string, ServicedLoan>> {
  const loans = await tx.any(sql.type(loanRow)`
    SELECT ${loanColumns} FROM loan
    WHERE tenant_id = current_tenant() AND id > ${after} AND state = 'active' AND next_work_on <= ${through}
      AND NOT EXISTS (SELECT FROM loan_set_aside a WHERE a.tenant_id = loan.tenant_id AND a.loan_id = loan.id)
    ORDER BY id LIMIT ${limit}`);
  return withComing(tx, loans, through);
}

/** How many loans have work by a day. */
export function countDue(tx: Transaction, through: string): Promise<number> {
  return tx.oneFirst(sql.type(z.object({ loans: z.number() }))`
    SELECT count(*)::int4 AS loans FROM loan
    WHERE tenant_id = current_tenant() AND state = 'active' AND next_work_on <= ${through}`);
}

/** As lockRange, of loans by id, set aside or not. */
export async function lockForDay(
  tx: Transaction,
  ids: readonly string[],
  through: string,
): Promise<Map<string, ServicedLoan>> {
  const loans = await tx.any(sql.prepared('lock_loans_for_day', loanRow)`
    SELECT ${loanColumns} FROM loan
    WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...ids], 'uuid')}) AND state = 'active'
    ORDER BY id
    FOR NO KEY UPDATE`);
  return withComing(tx, loans, through);
}

async function withComing(
  tx: Transaction,
  loans: readonly z.output<typeof loanRow>[],
  through: string,
): Promise<Map<string, ServicedLoan>> {
  const instalments = await tx.any(sql.prepared('read_coming', instalmentRow)`
    SELECT i.* FROM unnest(
      ${`{${loans.map(({ id }) => id).join()}}`}::text::uuid[],
      ${`{${loans.map(({ first_unpaid }) => first_unpaid).join()}}`}::text::int2[]) AS l(id, first_unpaid)
    CROSS JOIN LATERAL (
      (SELECT ${instalmentColumns} FROM instalment
       WHERE tenant_id = current_tenant() AND loan_id = l.id AND number >= l.first_unpaid
         AND due_on <= ${through} AND paid_on IS NULL)
      UNION ALL
      (SELECT ${instalmentColumns} FROM instalment
       WHERE tenant_id = current_tenant() AND loan_id = l.id AND number >= l.first_unpaid
         AND due_on > ${through} AND paid_on IS NULL
       ORDER BY number LIMIT 2)
    ) AS i
    ORDER BY i.loan_id, i.number`);
  return assembled(tx, loans, instalments);
}

async function assembled(
  tx: Transaction,
  loans: readonly z.output<typeof loanRow>[],
  instalments: readonly z.output<typeof instalmentRow>[],
): Promise<Map<string, ServicedLoan>> {
  const serviced = new Map<string, ServicedLoan>();
  for (const loan of loans) serviced.set(loan.id, await servicedOf(tx, loan));
  for (const instalment of instalments)
    serviced.get(instalment.loan_id)?.unpaid.push(instalmentOf(instalment));
  return serviced;
}

async function servicedOf(tx: Transaction, row: z.output<typeof loanRow>): Promise<ServicedLoan> {
  const { tenant_id, product_code, product_version, score, ...loan } = row;
  return {
    ...loan,
    terms: await termsOf(tx, { tenant: tenant_id, code: product_code, version: product_version, score }),
    unpaid: [],
    accounts: Object.fromEntries(
      LOAN_ACCOUNTS.map((name) => [name, row[`${name}_account`]]),
    ) as ServicedLoan['accounts'],
  };
}

function instalmentOf(row: z.output<typeof instalmentRow>): Instalment {
  const { number, principal, interest, fees, penal, penal_tax, penal_base_days, accrued } = row;
  const { fees_tax, fell_due_on } = row;
  return {
    ...{
      number,
      principal,
      interest,
      fees,
      penal,
      penal_tax,
      penal_base_days,
      fees_tax,
      accrued,
      fell_due_on,
    },
    from_day: row.from_on === null ? null : dayNumber(row.from_on),
    due_day: dayNumber(row.due_on),
    paid: {
      ...{ penal: row.paid_penal, fees: row.paid_fees },
      ...{ interest: row.paid_interest, principal: row.paid_principal },
    },
    paid_on: null,
    changed: false,
  };
}
