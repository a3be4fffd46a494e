import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { addDays } from '../../calendar/business-date.ts';
import { dateOfDay, dayNumber } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { emit } from '../../events/emit.ts';
import { type BusinessDay, businessDayAt, openBookDate } from '../../ledger/business-day.ts';
import { LoanError } from '../errors.ts';
import { loanEvent, type Moment } from '../events.ts';
import { carry } from '../life/carry.ts';
import { type Asked, askedOn } from '../life/foreclose.ts';
import { perDiemOf, restOf } from '../life/renew.ts';
import { minorText } from '../schedule.ts';
import { readLoan, type ServicedLoan } from '../servicing/load.ts';
import { type Origin, originOf } from '../servicing/renewals.ts';
import { earlyChargeOf } from './early-charges.ts';

export const QUOTE_STATES = ['open', 'accepted', 'expired'] as const;

const dailyTotal = z.strictObject({ on: z.string(), total: z.string() });
const breakdown = z.strictObject({
  principal: z.string(),
  accrued_interest: z.string().describe('earned since the last due date'),
  interest_due: z.string(),
  penal: z.string(),
  fees: z.string(),
  charge: z.string(),
  tax: z.string().describe('on the charge'),
  charge_rule: z.string().describe('`contract`, or the rule pack that forbids a charge, and why'),
  advance: z.string().describe('paid ahead: taken off'),
  refund: z.string().describe('what is left of the advance: goes to the wallet'),
  by_day: z.array(dailyTotal).describe('what the loan asks for on each day on which the quote stands'),
});

export const quoteRow = z.object({
  id: z.string(),
  loan_id: z.string(),
  state: z.enum(QUOTE_STATES),
  quoted_on: z.string(),
  quoted_at: z.date(),
  quoted_by: z.string(),
  valid_until: z.string(),
  currency: z.string(),
  breakdown,
  total: z.string(),
  per_diem: z.string(),
  fingerprint: z.string(),
  answer: z.record(z.string(), z.unknown()).nullable(),
});
/** What ending a loan asks for, as it was quoted. */
export type Quote = z.output<typeof quoteRow>;

const columns = sql.fragment`
  id, loan_id, state, quoted_on, quoted_at, quoted_by, valid_until, currency, breakdown,
  total::numeric(30, 2)::text AS total, per_diem::numeric(30, 2)::text AS per_diem, fingerprint, answer`;

/** What a quote rests on: it stands for this schedule, with nothing done to the loan since. */
export function fingerprintOf({ version, last_event }: Origin): string {
  return `${version}/${last_event}`;
}

/**
 * Quotes what ending the loan asks for today, and on each day on which the quote stands, by carrying a copy
 * of the loan through them.
 * @throws LoanError not-found, illegal-transition
 */
export async function quoteForeclosure(
  tx: Transaction,
  { tenant, actor, now }: { tenant: string; actor: string; now: Date },
  id: string,
): Promise<Quote> {
  const loan = await readLoan(tx, id);
  if (!loan) throw new LoanError('not-found', `There is no loan ${id}.`);
  const day = await businessDayAt(tx, tenant, now);
  if (loan.state !== 'active') {
    throw new LoanError('illegal-transition', `A loan that is ${loan.state} cannot become foreclosed.`);
  }
  const origin = await originOf(tx, id, day.calendar.time_zone);
  const { today } = day;
  const quoted = through(loan, origin, day, addDays(today, loan.terms.rules.prepayment.quote_days));
  const [first] = quoted;
  if (!first) throw new LoanError('illegal-transition', `Nothing is left to pay on loan ${id}.`);
  const quote = await tx.one(sql.type(quoteRow)`
    INSERT INTO foreclosure_quote (tenant_id, id, loan_id, quoted_on, quoted_at, quoted_by, valid_until, currency,
                                   breakdown, total, per_diem, fingerprint)
    VALUES (current_tenant(), ${uuidv7()}, ${id}, ${today}, ${now.toISOString()}, ${actor},
            ${quoted.at(-1)!.on}, ${loan.currency}, ${JSON.stringify(breakdownOf(first.asked, first.rule, quoted))}::jsonb,
            ${minorText(first.asked.total)}, ${minorText(first.per_diem)}, ${fingerprintOf(origin)})
    RETURNING ${columns}`);
  await emit(tx, [quotedEvent(quote, { at: now, business_date: day.business_date })]);
  return quote;
}

function quotedEvent(quote: Quote, moment: Moment) {
  const { id, loan_id, total, currency, quoted_on, valid_until, per_diem, breakdown } = quote;
  const { by_day: _, ...parts } = breakdown;
  const data = { quote: id, total, currency, quoted_on, valid_until, per_diem, ...parts };
  return loanEvent(loan_id, 'foreclosure-quoted', moment, data);
}

interface Quoted {
  on: string;
  asked: Asked;
  rule: string;
  per_diem: bigint;
}

/** The loan is moved on: it is the reader's own. */
function through(loan: ServicedLoan, origin: Origin, day: BusinessDay, until: string): Quoted[] {
  const quoted: Quoted[] = [];
  const first = Math.max(dayNumber(day.today), loan.carried_through!);
  for (let each = first; each <= Math.max(first, dayNumber(until)); each += 1) {
    carry(loan, each, (number) => openBookDate(dateOfDay(number), day));
    if (loan.state !== 'active') break;
    const charge = earlyChargeOf(loan, origin, each, 'foreclosure');
    const asked = askedOn(loan, each, charge);
    const { rule } = charge(restOf(loan, each)?.principal ?? 0n);
    quoted.push({ on: dateOfDay(each), asked, rule, per_diem: perDiemOf(loan, each) });
  }
  return quoted;
}

function breakdownOf(asked: Asked, charge_rule: string, quoted: readonly Quoted[]): Quote['breakdown'] {
  return {
    principal: minorText(asked.principal),
    accrued_interest: minorText(asked.accrued),
    interest_due: minorText(asked.interest),
    penal: minorText(asked.penal),
    fees: minorText(asked.fees),
    charge: minorText(asked.charge),
    tax: minorText(asked.tax),
    charge_rule,
    advance: minorText(asked.advance),
    refund: minorText(asked.refund),
    by_day: quoted.map(({ on, asked: { total } }) => ({ on, total: minorText(total) })),
  };
}

/** Quotes of a loan, newest first. */
export function quotesOf(tx: Transaction, loan: string, limit: number): Promise<readonly Quote[]> {
  return tx.any(sql.type(quoteRow)`
    SELECT ${columns} FROM foreclosure_quote
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} ORDER BY id DESC LIMIT ${limit}`);
}

export function quoteOf(tx: Transaction, loan: string, id: string): Promise<Quote | null> {
  return tx.maybeOne(sql.type(quoteRow)`
    SELECT ${columns} FROM foreclosure_quote
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND id = ${id}`);
}

/** As quoteOf; nobody else accepts it, or lets it lapse, until the transaction ends. */
export function lockQuote(tx: Transaction, loan: string, id: string): Promise<Quote | null> {
  return tx.maybeOne(sql.type(quoteRow)`
    SELECT ${columns} FROM foreclosure_quote
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND id = ${id}
    FOR UPDATE`);
}

export async function closeQuote(tx: Transaction, id: string, answer: object): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE foreclosure_quote SET state = 'accepted', answer = ${JSON.stringify(answer)}::jsonb
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** Quotes that stood until a day before `business_date`, or until it, lapse with its close. @returns how many */
export async function lapseQuotes(tx: Transaction, business_date: string): Promise<number> {
  const { rowCount } = await tx.query(sql.unsafe`
    UPDATE foreclosure_quote SET state = 'expired'
    WHERE tenant_id = current_tenant() AND state = 'open' AND valid_until <= ${business_date}`);
  return rowCount;
}
