import { businessDate } from '../../calendar/business-date.ts';
import { dayNumber } from '../../calendar/day-number.ts';
import { minorUnits } from '../../loans/schedule.ts';
import type { SimulationOptions } from '../options.ts';
import type { Action, LendingWish, PlannedDay, PlannedFault } from './actions.ts';
import { type Borrower, planBorrower } from './borrower.ts';
import { dateOf, isBusinessDay, type PlannedCalendar, planCalendar } from './calendar.ts';
import { deedsOf, type Today } from './deeds.ts';
import { FATE_DAYS } from './fates.ts';
import { planFaults } from './faults.ts';
import { LoanModel } from './loan-model.ts';
import { accountOf, type ExpectedPayout, sendOut } from './paying.ts';

/** Days between two things that a borrower does. */
const REST_DAYS_MAX = 6;

/**
 * A portfolio's life, day by day: what everybody does, what must come of it, and what breaks meanwhile. A
 * pure function of the options; whatever really happens does not change it. The faults neither: leaving
 * them out leaves every action as it is.
 */
export class Plan {
  readonly options: SimulationOptions;
  readonly calendar: PlannedCalendar;
  readonly borrowers: readonly Borrower[];
  /** All that is paid out through the gateway, as far as the days were gone through. */
  readonly payouts: ExpectedPayout[] = [];
  readonly #faults: Map<number, PlannedFault[]>;

  constructor(options: SimulationOptions) {
    this.options = options;
    this.calendar = planCalendar(options);
    this.borrowers = Array.from({ length: options.loans }, (_, number) => planBorrower(options, number));
    this.#faults = planFaults(options, new Set(options.faults));
  }

  /** To be gone through once: the borrowers live along. */
  *days(): Generator<PlannedDay> {
    const jumps = this.options.faults.includes('clock-jump');
    for (let day = 0; day < this.options.days; day += 1) {
      const quiet = this.calendar.quiet.find(({ first, last }) => first <= day && day <= last);
      yield {
        ...{ day, date: dateOf(day), is_business_day: isBusinessDay(day, this.calendar) },
        is_leapt_over: jumps && quiet !== undefined && day < quiet.last,
        waves: quiet ? [] : this.#waves(day),
        faults: this.#faults.get(day) ?? [],
      };
    }
  }

  /** The last day whose books are closed at the end, as a day number. */
  get last_closed_day(): number {
    return this.#closedBefore(this.options.days);
  }

  #waves(day: number): Action[][] {
    const waves: Action[][] = [];
    const busy = new Set<Borrower>();
    for (const borrower of this.borrowers) {
      if (borrower.acts_on > day || busy.has(borrower)) continue;
      const actions = borrower.loan ? this.#act(borrower, day, busy) : this.#lend(borrower, day);
      actions.forEach((action, index) => {
        waves[index] = [...(waves[index] ?? []), action];
      });
    }
    return waves;
  }

  #lend(borrower: Borrower, day: number): Action[] {
    if (!isBusinessDay(day, this.calendar)) return [];
    const { number, wish, decided } = borrower;
    const approved = wish.judgement === 'approve';
    if (approved) {
      const loan = { ...borrower, principal: minorUnits(wish.amount), tenure_months: wish.tenure_months };
      borrower.loan = new LoanModel(loan, dateOf(day), this.calendar);
      borrower.wallet.available += loan.principal;
    }
    const deed = { ...wish, ...this.#arrangePayment(borrower, day) };
    borrower.acts_on = approved ? Math.max(day + 1, borrower.settled_on) : Number.POSITIVE_INFINITY;
    const end = approved ? 'disbursed' : wish.judgement === 'reject' ? 'rejected' : null;
    return [{ id: `${number}-0`, loan: number, deed, expected: [decided, end].filter(Boolean).join('/') }];
  }

  /** Most name a bank account; where the product says so, the loan goes on to it at once. */
  #arrangePayment(borrower: Borrower, day: number): Pick<LendingWish, 'account' | 'payment'> {
    const { dice, wish, product } = borrower;
    const names_account = dice.between(1, 10) > 1;
    if (names_account) borrower.bank = { accounts: 1, is_usable: true };
    const account = names_account ? accountOf(borrower) : null;
    if (wish.judgement !== 'approve' || product.rules.disbursement.to === 'wallet')
      return { account, payment: null };
    const { reference, amount } = wish;
    if (account === null) {
      const exceptions = ['no-bank-account'];
      this.payouts.push({ reference, amount: minorUnits(amount), ends: [], exceptions, from_suspense: 0n });
      return { account, payment: null };
    }
    const sent = { reference, amount, purpose: 'disbursal' as const };
    const { payment, expected } = sendOut(borrower, sent, { day, lasts: this.#lasts(day) });
    this.payouts.push(expected);
    return { account, payment };
  }

  /** Whether what begins on a day is over before the life is; only where that evening is lived. */
  #lasts(day: number): boolean {
    return isBusinessDay(day, this.calendar) && day + FATE_DAYS < this.options.days;
  }

  #act(borrower: Borrower, day: number, busy: Set<Borrower>): Action[] {
    const partner = this.#partnerOf(borrower, day, busy);
    for (const each of partner ? [borrower, partner] : [borrower]) this.#wake(each, day);
    const rested_on = day + borrower.dice.between(1, REST_DAYS_MAX);
    const onPayout = (expected: ExpectedPayout) => this.payouts.push(expected);
    const today: Today = {
      ...{ date: dateOf(day), calendar: this.calendar, partner },
      ...{ day, lasts: this.#lasts(day), onPayout },
    };
    const actions = deedsOf(borrower, today);
    borrower.acts_on = Math.max(rested_on, borrower.settled_on);
    busy.add(borrower);
    if (partner && actions.some(({ deed }) => deed.do === 'transfer')) busy.add(partner);
    return actions;
  }

  /** The next borrower after this one who has a wallet and does nothing else today. */
  #partnerOf(borrower: Borrower, day: number, busy: ReadonlySet<Borrower>): Borrower | null {
    const next = this.borrowers[(borrower.number + 1) % this.borrowers.length]!;
    const is_idle = next.acts_on > day && next.settled_on <= day;
    const is_free = next !== borrower && next.loan !== null && is_idle && !busy.has(next);
    return is_free ? next : null;
  }

  /** What the closes of day since then have brought. */
  #wake({ loan, wallet }: Borrower, day: number): void {
    wallet.available += loan!.closeThrough(this.#closedBefore(day));
    wallet.expireBefore(dateOf(day), this.calendar);
  }

  #closedBefore(day: number): number {
    const noon = new Date(`${dateOf(day - 1)}T12:00:00Z`);
    return dayNumber(businessDate(noon, { ...this.calendar, time_zone: 'UTC' }));
  }

  /** Brings every model to the end of the life. */
  end(): void {
    for (const borrower of this.borrowers) if (borrower.loan) this.#wake(borrower, this.options.days);
  }
}
