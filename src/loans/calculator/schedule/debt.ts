import type { Day } from '../dates.ts';
import { CalculationError } from '../errors.ts';
import { type Fraction, NOTHING, plus } from '../fractions.ts';
import { stretches } from './accrual.ts';
import { interestOn, roundUnits } from './level.ts';
import type { Period } from './periods.ts';
import type { Event, Terms } from './terms.ts';

/** Days over which neither principal nor rate changed. */
export interface Stint {
  from: Day;
  /** What the interest is taken of. */
  principal: bigint;
  rate: bigint;
  share: Fraction;
}

/** What happened within one period. */
export interface Happenings {
  paidOut: bigint;
  prepaid: bigint;
  /** Prepaid to shorten the term. */
  shortening: bigint;
  /** Something asks for a new instalment. */
  unsettled: boolean;
}

/** The interest of one period. */
export interface Accrued {
  stints: readonly Stint[];
  /** Before it is rounded. */
  sum: Fraction;
  happenings: Readonly<Happenings>;
}

const QUIET: Readonly<Happenings> = { paidOut: 0n, prepaid: 0n, shortening: 0n, unsettled: false };

/** The principal that is owed, the interest it bears, and the events that change either, day by day. */
export class Debt {
  balance: bigint;
  rate: bigint;
  /** What flat interest is taken of: all that was paid out, less the proportion of it that was prepaid. */
  flatBase: bigint;
  readonly #terms: Terms;
  #eventsSeen = 0;

  constructor(terms: Terms) {
    this.#terms = terms;
    this.balance = terms.principal;
    this.flatBase = terms.principal;
    this.rate = terms.rate;
  }

  /**
   * Lets the events of the next period happen, each on its day, and counts the interest between them.
   * @throws CalculationError for a prepayment of more than is owed
   */
  accrue(period: Period): Accrued {
    const events = this.#eventsBefore(period.due);
    if (events.length === 0 && this.#terms.pauses.length === 0) {
      const stint = this.#stint(period.from, period.share);
      return { stints: [stint], sum: this.#interest(stint), happenings: QUIET };
    }
    const happenings = { ...QUIET };
    const stints: Stint[] = [];
    let sum = NOTHING;
    let happened = 0;
    const days = events.map(({ on }) => on);
    for (const { from, share } of stretches(this.#terms, period, days)) {
      for (; happened < events.length && events[happened]!.on.serial <= from.serial; happened += 1) {
        this.#happen(events[happened]!, happenings);
      }
      const stint = this.#stint(from, share);
      sum = plus(this.#interest(stint), sum);
      stints.push(stint);
    }
    return { stints, sum, happenings };
  }

  capitalise(interest: bigint): void {
    this.balance += interest;
    this.flatBase += interest;
  }

  /** Whether nothing is owed any more, nor will be. */
  isOver(): boolean {
    return this.balance === 0n && !this.#toCome().some(({ kind }) => kind === 'payout');
  }

  /** @throws CalculationError for a payout or prepayment that the rows never came to. */
  refuseWhatComesTooLate(): void {
    const late = this.#toCome().find(({ kind }) => kind !== 'rate-change');
    if (!late) return;
    throw new CalculationError('after-last-due', 'On that day the loan is over.', `${late.field}.on`);
  }

  #toCome(): readonly Event[] {
    return this.#terms.events.slice(this.#eventsSeen);
  }

  #eventsBefore(due: Day): readonly Event[] {
    const { events } = this.#terms;
    const first = this.#eventsSeen;
    while (this.#eventsSeen < events.length && events[this.#eventsSeen]!.on.serial < due.serial) {
      this.#eventsSeen += 1;
    }
    return events.slice(first, this.#eventsSeen);
  }

  #happen(event: Event, happenings: Happenings): void {
    switch (event.kind) {
      case 'rate-change':
        this.rate = event.rate;
        happenings.unsettled = true;
        return;
      case 'payout':
        this.balance += event.amount;
        this.flatBase += event.amount;
        happenings.paidOut += event.amount;
        happenings.unsettled = true;
        return;
      case 'prepayment':
        this.#prepay(event.amount, event.field);
        happenings.prepaid += event.amount;
        if (event.effect === 'reduce-term') happenings.shortening += event.amount;
        else happenings.unsettled = true;
    }
  }

  #prepay(amount: bigint, field: string): void {
    if (amount > this.balance) {
      const message = 'The prepayment is more than the principal that is owed on its day.';
      throw new CalculationError('prepayment-too-large', message, `${field}.amount`);
    }
    const left = { numerator: this.flatBase * (this.balance - amount), denominator: this.balance };
    this.flatBase = roundUnits(left, 1n, 'half-even');
    this.balance -= amount;
  }

  #stint(from: Day, share: Fraction): Stint {
    const principal = this.#terms.amortisation === 'flat' ? this.flatBase : this.balance;
    return { from, principal, rate: this.rate, share };
  }

  #interest({ principal, rate, share }: Stint): Fraction {
    return interestOn(principal, { numerator: rate, denominator: this.#terms.rateDenominator }, share);
  }
}
