import { sql } from 'slonik';
import { z } from 'zod';
import { dateOfDay } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import type { Accrual } from '../life/carry.ts';
import { nextWorkDay } from '../life/carry.ts';
import { oldestDueDay } from '../life/standing.ts';
import { minorText } from '../schedule.ts';
import type { ServicedLoan } from './load.ts';

const nothing = z.object({});

/**
 * The text of a Postgres array. The driver's own array writer, value by value, takes about twice as long
 * for the whole call; none of the values here needs quoting. Not for `= ANY`: a plan that reads the whole table
 * would parse the text anew for every row.
 */
function column<T>(rows: readonly T[], value: (row: T) => string | number | bigint | null): string {
  return `{${rows.map((row) => value(row) ?? 'NULL').join()}}`;
}

/**
 * Writes how loans and their changed instalments stand, and when each loan next has work. A loan that was
 * loaded in part must have been loaded with the instalments that come next.
 */
export async function storeLoans(
  tx: Transaction,
  loans: readonly ServicedLoan[],
  business_date: string,
): Promise<void> {
  if (loans.length === 0) return;
  await storeInstalments(tx, loans);
  const standing = loans.map((loan) => ({ loan, ...pointersOf(loan) }));
  await tx.query(sql.prepared('store_loans', nothing)`
    UPDATE loan l
    SET state = s.state,
        closed_on = CASE WHEN s.closed_on IS NOT NULL THEN coalesce(l.closed_on, s.closed_on) END, carried_through = s.carried_through,
        next_work_on = s.next_work_on, asset_class = s.asset_class, oldest_due_on = s.oldest_due_on,
        penal_charged = s.penal_charged, suspended_interest = s.suspended_interest,
        suspended_penal = s.suspended_penal, advance = s.advance,
        first_unpaid = coalesce(s.first_unpaid, l.first_unpaid), accrued_account = s.accrued_account,
        penal_account = s.penal_account, fees_account = s.fees_account, advance_account = s.advance_account
    FROM unnest(
      ${column(standing, ({ loan }) => loan.id)}::text::uuid[],
      ${column(standing, ({ loan }) => loan.state)}::text::text[],
      ${column(standing, ({ loan }) => (isFinal(loan) ? business_date : null))}::text::date[],
      ${column(standing, ({ loan }) => dateOrNull(loan.carried_through))}::text::date[],
      ${column(standing, ({ next_work_day }) => dateOrNull(next_work_day))}::text::date[],
      ${column(standing, ({ loan }) => loan.asset_class)}::text::text[],
      ${column(standing, ({ oldest_due_day }) => dateOrNull(oldest_due_day))}::text::date[],
      ${column(standing, ({ loan }) => minorText(loan.penal_charged))}::text::numeric[],
      ${column(standing, ({ loan }) => minorText(loan.suspended_interest))}::text::numeric[],
      ${column(standing, ({ loan }) => minorText(loan.suspended_penal))}::text::numeric[],
      ${column(standing, ({ loan }) => minorText(loan.advance))}::text::numeric[],
      ${column(standing, ({ first_unpaid }) => first_unpaid)}::text::int2[],
      ${column(standing, ({ loan }) => loan.accounts.accrued)}::text::uuid[],
      ${column(standing, ({ loan }) => loan.accounts.penal)}::text::uuid[],
      ${column(standing, ({ loan }) => loan.accounts.fees)}::text::uuid[],
      ${column(standing, ({ loan }) => loan.accounts.advance)}::text::uuid[]
    ) AS s(id, state, closed_on, carried_through, next_work_on, asset_class, oldest_due_on, penal_charged,
           suspended_interest, suspended_penal, advance, first_unpaid, accrued_account, penal_account,
           fees_account, advance_account)
    WHERE l.tenant_id = current_tenant() AND l.id = s.id
      AND l.id = ANY (${sql.array(
        standing.map(({ loan }) => loan.id),
        'uuid',
      )})`);
}

function pointersOf(loan: ServicedLoan) {
  const through = loan.carried_through;
  const active = loan.state === 'active' && through !== null;
  const next = active ? nextWorkDay(loan, through) : Number.POSITIVE_INFINITY;
  const unpaid = loan.unpaid.find(({ paid_on }) => paid_on === null);
  return {
    next_work_day: Number.isFinite(next) ? next : null,
    oldest_due_day: active ? oldestDueDay(loan, through) : null,
    first_unpaid: unpaid?.number ?? null,
  };
}

function isFinal({ state }: ServicedLoan): boolean {
  return state !== 'active' && state !== 'disbursing';
}

async function storeInstalments(tx: Transaction, loans: readonly ServicedLoan[]): Promise<void> {
  const rows = loans.flatMap((loan) =>
    loan.unpaid.filter(({ changed }) => changed).map((instalment) => ({ loan: loan.id, ...instalment })),
  );
  if (rows.length === 0) return;
  await tx.query(sql.prepared('store_instalments', nothing)`
    UPDATE instalment i
    SET penal = s.penal, penal_tax = s.penal_tax, penal_base_days = s.penal_base_days, accrued = s.accrued,
        fees = s.fees, fees_tax = s.fees_tax, paid_penal = s.paid_penal, paid_fees = s.paid_fees, paid_interest = s.paid_interest,
        paid_principal = s.paid_principal, fell_due_on = s.fell_due_on, paid_on = s.paid_on
    FROM unnest(
      ${column(rows, ({ loan }) => loan)}::text::uuid[],
      ${column(rows, ({ number }) => number)}::text::int2[],
      ${column(rows, ({ penal }) => minorText(penal))}::text::numeric[],
      ${column(rows, ({ penal_tax }) => minorText(penal_tax))}::text::numeric[],
      ${column(rows, ({ penal_base_days }) => penal_base_days)}::text::numeric[],
      ${column(rows, ({ accrued }) => minorText(accrued))}::text::numeric[],
      ${column(rows, ({ fees }) => minorText(fees))}::text::numeric[],
      ${column(rows, ({ fees_tax }) => minorText(fees_tax))}::text::numeric[],
      ${column(rows, ({ paid }) => minorText(paid.penal))}::text::numeric[],
      ${column(rows, ({ paid }) => minorText(paid.fees))}::text::numeric[],
      ${column(rows, ({ paid }) => minorText(paid.interest))}::text::numeric[],
      ${column(rows, ({ paid }) => minorText(paid.principal))}::text::numeric[],
      ${column(rows, ({ fell_due_on }) => fell_due_on)}::text::date[],
      ${column(rows, ({ paid_on }) => paid_on)}::text::date[]
    ) AS s(loan_id, number, penal, penal_tax, penal_base_days, accrued, fees, fees_tax, paid_penal, paid_fees,
           paid_interest, paid_principal, fell_due_on, paid_on)
    WHERE i.tenant_id = current_tenant() AND i.loan_id = s.loan_id AND i.number = s.number
      AND i.loan_id = ANY (${sql.array(
        loans.map(({ id }) => id),
        'uuid',
      )})`);
}

/** An accrual, with the journal that books it. */
export interface BookedAccrual extends Accrual {
  loan: string;
  journal: string;
  business_date: string;
}

/** What a chargeable day was found to be off by, when something was dated back. */
export type Correction = Pick<Accrual, 'component' | 'number' | 'chargeable_day' | 'amount' | 'tax'>;

export async function storeCorrections(
  tx: Transaction,
  cause: { loan: string; journal: string; business_date: string; event_seq: number; posted_at: Date },
  corrections: readonly Correction[],
): Promise<void> {
  if (corrections.length === 0) return;
  await tx.query(sql.unsafe`
    INSERT INTO accrual_correction (tenant_id, loan_id, component, instalment, chargeable_day, amount, tax,
                                    business_date, posted_at, journal_id, event_seq)
    SELECT current_tenant(), ${cause.loan}, row.*, ${cause.business_date}, ${cause.posted_at.toISOString()},
           ${cause.journal}, ${cause.event_seq}
    FROM unnest(
      ${column(corrections, ({ component }) => component)}::text[],
      ${column(corrections, ({ number }) => number)}::int2[],
      ${column(corrections, ({ chargeable_day }) => dateOfDay(chargeable_day))}::date[],
      ${column(corrections, ({ amount }) => minorText(amount))}::numeric[],
      ${column(corrections, ({ tax }) => minorText(tax))}::numeric[]) AS row`);
}

/**
 * Writes what chargeable days added. A day that was written before is refused, with one exception: where its
 * row was taken back to nothing since (a payment ahead earned the interest, and bounced), what the day adds
 * now is written as a correction beside it.
 * @throws Error where a day would be accrued twice
 */
export async function storeAccruals(
  tx: Transaction,
  accruals: readonly BookedAccrual[],
  posted_at: Date,
): Promise<void> {
  if (accruals.length === 0) return;
  const { rowCount } = await tx.query(sql.prepared('store_accruals', nothing)`
    INSERT INTO accrual (tenant_id, loan_id, component, instalment, chargeable_day, business_date, amount, tax,
                         base, rate, rule, journal_id, posted_at)
    SELECT current_tenant(), row.*, ${posted_at.toISOString()}::text::timestamptz
    FROM unnest(
      ${column(accruals, ({ loan }) => loan)}::text::uuid[],
      ${column(accruals, ({ component }) => component)}::text::text[],
      ${column(accruals, ({ number }) => number)}::text::int2[],
      ${column(accruals, ({ chargeable_day }) => dateOfDay(chargeable_day))}::text::date[],
      ${column(accruals, ({ business_date }) => business_date)}::text::date[],
      ${column(accruals, ({ amount }) => minorText(amount))}::text::numeric[],
      ${column(accruals, ({ tax }) => minorText(tax))}::text::numeric[],
      ${column(accruals, ({ base }) => minorText(base))}::text::numeric[],
      ${column(accruals, ({ rate }) => rate)}::text::numeric[],
      ${column(accruals, ({ rule }) => rule)}::text::text[],
      ${column(accruals, ({ journal }) => journal)}::text::uuid[]) AS row
    ON CONFLICT DO NOTHING`);
  if (rowCount === accruals.length) return;
  const again = await storeAgain(tx, accruals, posted_at);
  if (rowCount + again !== accruals.length) {
    throw new Error(`${accruals.length - rowCount - again} chargeable days were accrued before.`);
  }
}

/** Those whose row stands and was taken back to nothing. @returns how many */
async function storeAgain(
  tx: Transaction,
  accruals: readonly BookedAccrual[],
  posted_at: Date,
): Promise<number> {
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO accrual_correction (tenant_id, loan_id, component, instalment, chargeable_day, business_date,
                                    amount, tax, journal_id, posted_at, event_seq)
    SELECT current_tenant(), row.*, ${posted_at.toISOString()}, taken_back.event_seq
    FROM unnest(
      ${column(accruals, ({ loan }) => loan)}::uuid[],
      ${column(accruals, ({ component }) => component)}::text[],
      ${column(accruals, ({ number }) => number)}::int2[],
      ${column(accruals, ({ chargeable_day }) => dateOfDay(chargeable_day))}::date[],
      ${column(accruals, ({ business_date }) => business_date)}::date[],
      ${column(accruals, ({ amount }) => minorText(amount))}::numeric[],
      ${column(accruals, ({ tax }) => minorText(tax))}::numeric[],
      ${column(accruals, ({ journal }) => journal)}::uuid[]
    ) AS row(loan, component, number, day, business_date, amount, tax, journal)
    JOIN accrual a ON a.tenant_id = current_tenant() AND a.loan_id = row.loan AND a.component = row.component
                  AND a.instalment = row.number AND a.chargeable_day = row.day AND a.journal_id <> row.journal
    CROSS JOIN LATERAL (
      SELECT max(c.event_seq) AS event_seq, sum(c.amount) AS amount, sum(c.tax) AS tax FROM accrual_correction c
      WHERE c.tenant_id = a.tenant_id AND c.loan_id = a.loan_id AND c.component = a.component
        AND c.instalment = a.instalment AND c.chargeable_day = a.chargeable_day) AS taken_back
    WHERE a.amount + taken_back.amount = 0 AND a.tax + taken_back.tax = 0`);
  return rowCount;
}

function dateOrNull(day: number | null): string | null {
  return day === null ? null : dateOfDay(day);
}
