import type { Day } from '../dates.ts';
import { CalculationError } from '../errors.ts';
import type { Fraction } from '../fractions.ts';
import { Debt, type Happenings, type Stint } from './debt.ts';
import { type Level, part, roundUnits } from './level.ts';
import { Periods } from './periods.ts';
import { firstOfPrincipal, lastRowAt, newLevel, type Standing } from './settling.ts';
import type { Terms } from './terms.ts';

/** One row. Amounts are in units. */
export interface Row {
  number: number;
  from: Day;
  due: Day;
  principal: bigint;
  interest: bigint;
  /** Principal owed after it. */
  balance: bigint;
  working: Working;
}

/** How a row's amounts came about. */
export interface Working {
  balanceBefore: bigint;
  paidOut: bigint;
  prepaid: bigint;
  capitalised: bigint;
  stints: readonly Stint[];
  /** Interest of the period before it is rounded. */
  accrued: Fraction;
  /** Interest of the period. */
  own: bigint;
  /** Interest of rows before that falls due with this one, or of this one that is put off (negative). */
  moved: bigint;
  level: Level | undefined;
}

/**
 * The rows of a loan. Interest is counted exactly and rounded once a row. The principal of a row is what the
 * instalment leaves of it, not below nothing, and no more than leaves a step for each later row; the last row
 * takes the rest. So there are exactly the rows asked for, unless a prepayment ends the loan sooner.
 *
 * A change of rate, a payout and a prepayment that reduces the instalment have the instalment solved anew in
 * the row whose period they fall into. The days before and after them bear interest apart.
 * @throws CalculationError
 */
export function scheduleRows(terms: Terms): Row[] {
  const loan = new Loan(terms);
  const rows: Row[] = [];
  while (rows.length < loan.last) rows.push(loan.next());
  loan.debt.refuseWhatComesTooLate();
  return rows;
}

class Loan {
  /** The last row, as far as is known. */
  last: number;
  readonly debt: Debt;
  readonly #terms: Terms;
  readonly #periods: Periods;
  #number = 0;
  #level: Level | undefined;
  #flatInterestLeft = 0n;
  /** Prepaid to shorten the term before there was an instalment to keep. */
  #shortening = 0n;
  /** Interest of rows before that the next row that pays interest takes at once. */
  #putOff = 0n;
  /** Interest of a moratorium that all later rows pay a part of. */
  #spread = { left: 0n, each: 0n };

  constructor(terms: Terms) {
    this.#terms = terms;
    this.#periods = new Periods(terms);
    this.last = terms.rows;
    this.debt = new Debt(terms);
  }

  next(): Row {
    this.#number += 1;
    const period = this.#periods.of(this.#number);
    const balanceBefore = this.debt.balance;
    const { stints, sum, happenings } = this.debt.accrue(period);
    if (this.debt.isOver()) this.last = this.#number;

    const suspended = this.#number <= this.#terms.grace.moratorium && this.#number < this.last;
    const own = suspended ? this.#rounded(sum) : this.#ownInterest(sum, happenings);
    const capitalised = suspended ? this.#suspend(own) : 0n;
    const interest = suspended ? 0n : this.#interestDue(own);
    const level = this.#level;
    const principal = suspended ? 0n : this.#principalDue(own);
    this.debt.balance -= principal;
    const { paidOut, prepaid } = happenings;
    const moved = interest - own + capitalised;
    return {
      number: this.#number,
      from: period.from,
      due: period.due,
      principal,
      interest,
      balance: this.debt.balance,
      working: { balanceBefore, paidOut, prepaid, capitalised, stints, accrued: sum, own, moved, level },
    };
  }

  /** Interest of a row that pays nothing: its part that becomes principal. The rest is kept for later rows. */
  #suspend(interest: bigint): bigint {
    switch (this.#terms.grace.treatment) {
      case 'capitalise':
        this.debt.capitalise(interest);
        return interest;
      case 'carry-forward':
        this.#putOff += interest;
        return 0n;
      case 'spread':
        this.#spread.left += interest;
        return 0n;
    }
  }

  /** The period's own interest, once the instalment is settled. */
  #ownInterest(accrued: Fraction, happenings: Readonly<Happenings>): bigint {
    this.#settle(accrued, happenings);
    if (this.#terms.amortisation !== 'flat') return this.#rounded(accrued);
    const each = this.#level!.flat.each;
    const left = this.#flatInterestLeft;
    const interest = this.#number === this.last || each > left ? left : each;
    this.#flatInterestLeft -= interest;
    return interest;
  }

  /** Finds the instalment where there is none, or none that still holds, and the term it leads to. */
  #settle(accrued: Fraction, { unsettled, shortening }: Readonly<Happenings>): void {
    const { amortisation, fixedInstalment } = this.#terms;
    this.#shortening += shortening;
    const first = amortisation === 'flat' ? this.#number : firstOfPrincipal(this.#terms);
    if (amortisation === 'interest-only' || this.#number < first) return;
    if (this.#level && !unsettled && this.#shortening === 0n) return;

    const standing = this.#standing(accrued);
    if (fixedInstalment !== undefined) this.#settleFixed(standing, fixedInstalment);
    else {
      if (!this.#level || unsettled) this.#setLevel(newLevel(standing, this.#shortening));
      if (this.#shortening > 0n) this.#shorten(standing, this.#level!.amount);
    }
    this.#shortening = 0n;
  }

  #settleFixed(standing: Standing, amount: bigint): void {
    this.#level = { amount, exact: undefined, flat: { each: 0n, total: 0n } };
    if (standing.debt.balance === 0n) return;
    const last = lastRowAt(standing, amount, this.#terms.rows);
    if (last === Number.POSITIVE_INFINITY) {
      const message = 'The instalment does not even pay the interest: the loan would never be paid off.';
      throw new CalculationError('never-pays-off', message, 'fixedInstalment');
    }
    if (last > this.#terms.rows) {
      const message = `The instalment would not pay the loan off within ${this.#terms.rows} rows.`;
      throw new CalculationError('too-many-instalments', message, 'fixedInstalment');
    }
    this.last = last;
  }

  #shorten(standing: Standing, amount: bigint): void {
    if (standing.debt.balance > 0n) this.last = Math.min(this.last, lastRowAt(standing, amount, this.last));
    if (this.#terms.amortisation !== 'flat') return;
    this.#setLevel({ ...newLevel({ ...standing, last: this.last }, 0n), amount });
  }

  #setLevel(level: Level): void {
    this.#level = level;
    this.#flatInterestLeft = level.flat.total;
  }

  #interestDue(own: bigint): bigint {
    const { moratorium, interest } = this.#terms.grace;
    const due = own + this.#spreadPart();
    if (this.#number <= moratorium + interest && this.#number < this.last) {
      this.#putOff += due;
      return 0n;
    }
    const withPutOff = due + this.#putOff;
    this.#putOff = 0n;
    return withPutOff;
  }

  #spreadPart(): bigint {
    const spread = this.#spread;
    if (spread.left === 0n) return 0n;
    if (spread.each === 0n) {
      const whole = { numerator: spread.left, denominator: 1n };
      spread.each = this.#rounded(part(whole, this.last - this.#number + 1));
    }
    const paid = this.#number === this.last || spread.each > spread.left ? spread.left : spread.each;
    spread.left -= paid;
    return paid;
  }

  #principalDue(own: bigint): bigint {
    const { amortisation, rounding } = this.#terms;
    if (this.#number === this.last) return this.debt.balance;
    if (amortisation === 'interest-only' || this.#number < firstOfPrincipal(this.#terms)) return 0n;
    const wanted = amortisation === 'equal-principal' ? this.#level!.amount : this.#level!.amount - own;
    // A long first period may ask for more interest than the instalment: the rest settle on a new one.
    if (wanted < 0n) this.#level = undefined;
    const most = this.debt.balance - BigInt(this.last - this.#number) * rounding.step;
    const principal = wanted < most ? wanted : most;
    return principal > 0n ? principal : 0n;
  }

  #standing(accrued: Fraction): Standing {
    return {
      terms: this.#terms,
      periods: this.#periods,
      number: this.#number,
      last: this.last,
      debt: this.debt,
      accrued,
    };
  }

  #rounded(fraction: Fraction): bigint {
    const { step, mode } = this.#terms.rounding;
    return roundUnits(fraction, step, mode);
  }
}
