import { allocate, total } from '../allocation.ts';
import { type AssetClass, assetClass, daysPastDue, nextThreshold } from '../delinquency.ts';
import { type Charged, chargeableDays, chargeOfDay, hasRoom, penalBase } from '../penalty.ts';
import { accrueInterest, fallDue } from './interest.ts';
import { Lines } from './lines.ts';
import { closeIfPaid, settle, waterfallOf } from './settle.ts';
import { type Instalment, isInArrears, type LoanStanding, oldestDueDay, owedOf } from './standing.ts';

/**
 * Carrying a loan from day to day. What a day brings is done in this order, since each step needs what the
 * one before it left:
 *
 *   1. interest   where the product accrues it daily, the day's part of the running period
 *   2. due        instalments of the day fall due: their interest becomes receivable
 *   3. advance    what was paid ahead pays them
 *   4. penal      each overdue instalment is charged for the day, by what was overdue when it began
 *   5. class      days past due and asset class at the end of the day; on entering or leaving
 *                 non-performing, unpaid interest leaves or returns to income
 *
 * Payments of a day come after it. So a loan is carried to the day of a payment before the payment is
 * taken, and it makes no difference whether the close of a day or a payment carries it there: catching
 * up comes to the same as being on time, and a day is never done twice.
 *
 * The function is pure but for the loan it moves on. Days on which nothing happens are passed over, so that
 * a loan without arrears costs nothing between its due dates.
 */
export interface Booking {
  /** The day of the books, and the days of the calendar that it holds. */
  business_date: string;
  last_day: number;
  lines: Lines;
  accruals: Accrual[];
  changes: ClassChange[];
  /** Instalments that were not paid on their due date, on the day after it. */
  missed: { number: number; day: number }[];
  reminders: Reminder[];
  /** Nothing of the loan is left to pay. */
  closes: boolean;
}

/** What one chargeable day added. Amounts in minor units. */
export interface Accrual {
  component: 'interest' | 'penal';
  number: number;
  chargeable_day: number;
  amount: bigint;
  tax: bigint;
  /** What the amount was taken of, the rate, and the rule that said so. */
  base: bigint;
  rate: string;
  rule: string;
}

export interface ClassChange {
  day: number;
  from: AssetClass;
  to: AssetClass;
  days_past_due: number;
}

export interface Reminder {
  number: number;
  due_day: number;
  /** Days after the due date; negative before it. */
  days_after: number;
  owed: bigint;
}

/** Carries a loan through `through`, a day number. @param bookDate the business date that a day belongs to */
export function carry(loan: LoanStanding, through: number, bookDate: (day: number) => string): Booking[] {
  const bookings: Booking[] = [];
  if (loan.state !== 'active' || loan.carried_through === null) return bookings;
  for (let day = nextWorkDay(loan, loan.carried_through); day <= through; day = nextWorkDay(loan, day)) {
    const business_date = bookDate(day);
    let booking = bookings.at(-1);
    if (booking?.business_date !== business_date) {
      booking = emptyBooking(business_date, day);
      bookings.push(booking);
    }
    booking.last_day = day;
    liveDay(loan, day, booking);
    loan.carried_through = day;
    if (loan.state !== 'active') return bookings;
  }
  if (loan.carried_through < through) loan.carried_through = through;
  return bookings;
}

/** The first day after `after` on which something happens to the loan by itself; Infinity where none does. */
export function nextWorkDay(loan: LoanStanding, after: number): number {
  const { daily_interest, delinquency, penal, reminders } = loan.terms;
  let next = Number.POSITIVE_INFINITY;
  const consider = (day: number) => {
    if (day > after && day < next) next = day;
  };
  for (const instalment of loan.unpaid) {
    const { due_day, from_day, fell_due_on } = instalment;
    if (fell_due_on === null) {
      consider(Math.max(due_day, after + 1));
      if (daily_interest && from_day !== null && instalment.interest > 0n) {
        consider(Math.max(from_day + 1, after + 1));
      }
      for (const days of reminders.before_due_days) consider(due_day - days);
      // Later instalments come later in every respect.
      if (due_day - maxOf(reminders.before_due_days) > next) break;
    } else if (isInArrears(instalment)) {
      consider(due_day + 1);
      if (mayBeCharged(loan, instalment)) consider(Math.max(due_day + penal.grace_days + 1, after + 1));
      for (const days of reminders.overdue_days) consider(due_day + days);
    }
  }
  if (loan.class_held_through !== null) consider(loan.class_held_through + 1);
  const oldest = oldestDueDay(loan, after);
  if (oldest !== null) {
    const threshold = nextThreshold(delinquency, daysPastDue(delinquency, oldest, after));
    if (threshold !== null)
      consider(Math.max(oldest + threshold - delinquency.due_date_counts_as, after + 1));
  }
  return next;
}

function liveDay(loan: LoanStanding, day: number, booking: Booking): void {
  if (loan.terms.daily_interest) accrueInterest(loan, day, booking);
  for (const instalment of loan.unpaid) {
    if (instalment.due_day > day) break;
    if (instalment.fell_due_on === null) fallDue(loan, instalment, booking);
  }
  if (loan.advance > 0n) useAdvance(loan, day, booking);
  for (const instalment of loan.unpaid) {
    if (instalment.due_day >= day) break;
    if (!isInArrears(instalment)) continue;
    chargePenalty(loan, instalment, day, booking);
    if (instalment.due_day === day - 1) booking.missed.push({ number: instalment.number, day });
  }
  classify(loan, day, booking);
  remind(loan, day, booking);
}

function useAdvance(loan: LoanStanding, day: number, booking: Booking): void {
  const due = loan.unpaid.filter((each) => each.due_day <= day);
  const allocated = allocate(loan.advance, due.map(owedOf), waterfallOf(loan));
  if (total(allocated) === 0n) return;
  loan.advance -= allocated.taken;
  booking.lines.add('debit', 'advance', allocated.taken);
  settle(loan, allocated, booking);
  closeIfPaid(loan, booking);
}

function mayBeCharged(loan: LoanStanding, instalment: Instalment): boolean {
  const { penal } = loan.terms;
  if (penalBase(penal, owedOf(instalment)) === 0n) return false;
  return hasRoom(penal, chargedOn(loan, instalment));
}

function chargedOn(
  { penal_charged: of_loan }: LoanStanding,
  { penal_base_days: base_days }: Instalment,
): Charged {
  return { base_days, of_loan };
}

/** A row for each day that becomes chargeable: several on the day that ends a grace which is charged back. */
function chargePenalty(loan: LoanStanding, instalment: Instalment, day: number, booking: Booking): void {
  const { penal } = loan.terms;
  const days = chargeableDays(penal, day - instalment.due_day);
  for (let chargeable_day = day - days + 1; chargeable_day <= day; chargeable_day += 1) {
    if (!mayBeCharged(loan, instalment)) return;
    const base = penalBase(penal, owedOf(instalment));
    const { charge: amount, tax } = chargeOfDay(penal, base, chargedOn(loan, instalment));
    instalment.penal_base_days += base;
    instalment.changed = true;
    if (amount <= 0n) continue;
    instalment.penal += amount + tax;
    instalment.penal_tax += tax;
    loan.penal_charged += amount;
    const suspend = loan.asset_class === 'npa';
    if (suspend) loan.suspended_penal += amount;
    booking.lines.add('debit', 'penal', amount + tax);
    booking.lines.add('credit', suspend ? 'penal-suspense' : 'penal-income', amount);
    booking.lines.add('credit', 'tax-payable', tax);
    booking.accruals.push({
      ...{ component: 'penal', number: instalment.number, chargeable_day, amount, tax, base },
      ...{ rate: penal.daily_rate, rule: penal.version },
    });
  }
}

/** Sets the asset class as of the end of `day`, and moves unpaid interest out of income or back into it. */
export function classify(loan: LoanStanding, day: number, booking: Pick<Booking, 'lines' | 'changes'>): void {
  const { delinquency } = loan.terms;
  const from = loan.asset_class;
  const days_past_due = daysPastDue(delinquency, oldestDueDay(loan, day), day);
  const to = isHeld(loan, day) ? from : assetClass(delinquency, days_past_due, from);
  if (from === to) return;
  if (to === 'npa') suspendIncome(loan, booking.lines);
  if (from === 'npa') returnIncome(loan, booking.lines);
  loan.asset_class = to;
  booking.changes.push({ day, from, to, days_past_due });
}

function isHeld({ asset_class, class_held_through }: LoanStanding, day: number): boolean {
  return asset_class === 'npa' && class_held_through !== null && day <= class_held_through;
}

/** What was taken as income and is not paid: interest due or accrued, and penal charges without tax. */
function suspendIncome(loan: LoanStanding, lines: Lines): void {
  let interest = 0n;
  let penal = 0n;
  for (const instalment of loan.unpaid) {
    interest +=
      (instalment.fell_due_on === null ? instalment.accrued : instalment.interest) - instalment.paid.interest;
    const unpaid = instalment.penal - instalment.penal_tax - instalment.paid.penal;
    if (unpaid > 0n) penal += unpaid;
  }
  lines.move('interest-income', 'interest-suspense', interest - loan.suspended_interest);
  lines.move('penal-income', 'penal-suspense', penal - loan.suspended_penal);
  loan.suspended_interest = interest;
  loan.suspended_penal = penal;
}

function returnIncome(loan: LoanStanding, lines: Lines): void {
  lines.move('interest-suspense', 'interest-income', loan.suspended_interest);
  lines.move('penal-suspense', 'penal-income', loan.suspended_penal);
  loan.suspended_interest = 0n;
  loan.suspended_penal = 0n;
}

function remind(loan: LoanStanding, day: number, booking: Booking): void {
  const { before_due_days, overdue_days } = loan.terms.reminders;
  for (const instalment of loan.unpaid) {
    const days_after = day - instalment.due_day;
    if (days_after < -maxOf(before_due_days)) break;
    const days = days_after < 0 ? before_due_days : overdue_days;
    if (!days.includes(Math.abs(days_after)) || (days_after > 0 && !isInArrears(instalment))) continue;
    const owed = total(owedOf(instalment));
    booking.reminders.push({ number: instalment.number, due_day: instalment.due_day, days_after, owed });
  }
}

function maxOf(days: readonly number[]): number {
  return days.length === 0 ? 0 : Math.max(...days);
}

/** A journal of a loan's life that holds nothing yet. */
export function emptyBooking(business_date: string, day: number): Booking {
  return {
    ...{ business_date, last_day: day, lines: new Lines(), accruals: [] },
    ...{ changes: [], missed: [], reminders: [], closes: false },
  };
}
