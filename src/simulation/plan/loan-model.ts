import { bookDate, type Calendar, type IsoDate } from '../../calendar/business-date.ts';
import { dateOfDay, dayNumber } from '../../calendar/day-number.ts';
import { total } from '../../loans/allocation.ts';
import { planSchedule } from '../../loans/calculator/plan.ts';
import { type Booking, carry, nextWorkDay } from '../../loans/life/carry.ts';
import type { Role } from '../../loans/life/lines.ts';
import { type Payment, pay } from '../../loans/life/pay.ts';
import { difference, type Happening, type Told, tell } from '../../loans/life/replay.ts';
import { copyOf, freshInstalment, type LoanStanding, owedInAll } from '../../loans/life/standing.ts';
import { loanTerms } from '../../loans/life/terms.ts';
import type { Product } from '../../loans/products.ts';

interface Taken {
  happening: Happening;
  reference: string;
  /** Debits less credits of each role, as it was booked. */
  net: ReadonlyMap<Role, bigint>;
}

export interface Outcome {
  outcome: string;
  /** What the wallet gained; negative where it lost. */
  wallet: bigint;
}

interface Wish extends Pick<Payment, 'amount' | 'source'> {
  reference: string;
  /** Day numbers. */
  paid_on: number;
  today: number;
  /** What the wallet has to spend. */
  available: bigint;
}

/**
 * What a loan should come to: the pure engine of src/loans/life told what was done to it, with no database,
 * queue or process in between. Amounts are in minor units, days are day numbers.
 */
export class LoanModel {
  readonly #beginning: LoanStanding;
  readonly #calendar: Calendar;
  readonly #taken: Taken[] = [];
  readonly disbursed_day: number;
  #standing: LoanStanding;
  #seq = 0;

  constructor(
    loan: {
      number: number;
      product: Product;
      principal: bigint;
      tenure_months: number;
      score: number | null;
    },
    disbursed_on: IsoDate,
    calendar: Calendar,
  ) {
    const { product, tenure_months } = loan;
    const { rows } = planSchedule({
      ...{ principal: loan.principal, annual_rate: product.annual_rate, instalments: tenure_months },
      ...{ disbursed_on, rules: product.rules.schedule, calendar },
    });
    this.#calendar = calendar;
    this.disbursed_day = dayNumber(disbursed_on);
    this.#beginning = {
      ...{ id: String(loan.number), wallet_id: '', currency: product.currency },
      ...{ terms: loanTerms(product.rules, loan.score), state: 'active', asset_class: 'standard' },
      ...{ carried_through: this.disbursed_day, advance: 0n },
      ...{ penal_charged: 0n, suspended_interest: 0n, suspended_penal: 0n },
      class_held_through: null,
      unpaid: rows.map(freshInstalment),
    };
    this.#standing = copyOf(this.#beginning);
  }

  get standing(): LoanStanding {
    return this.#standing;
  }

  get state(): LoanStanding['state'] {
    return this.#standing.state;
  }

  /** Repayments that may still bounce, the latest last. */
  get repayments(): readonly { reference: string; day: number }[] {
    return this.#taken.map(({ reference, happening }) => ({ reference, day: happening.day }));
  }

  /**
   * Brings the loan to where the closes of day through `day`, a business date, leave it: a close passes over
   * loans that it brings nothing.
   * @returns what the wallet gained by it
   */
  closeThrough(day: number): bigint {
    let gained = 0n;
    for (;;) {
      const loan = this.#standing;
      if (loan.state !== 'active') return gained;
      const next = nextWorkDay(loan, loan.carried_through!);
      if (next > day) return gained;
      gained += this.#carryTo(dayNumber(this.#dateOf(next)));
    }
  }

  #carryTo(day: number): bigint {
    return walletGain(carry(this.#standing, day, this.#dateOf));
  }

  /** What is due on a day, and what the next instalment will ask for. */
  duesOn(day: number): { due: bigint; coming: bigint } {
    const loan = copyOf(this.#standing);
    carry(loan, day, this.#dateOf);
    if (loan.state !== 'active') return { due: 0n, coming: 0n };
    const owed = (isDue: boolean) => loan.unpaid.filter((each) => (each.fell_due_on !== null) === isDue);
    return {
      due: total(owedInAll(owed(true))),
      coming: total(owedInAll(owed(false).slice(0, 1))),
    };
  }

  repay(wish: Wish): Outcome {
    if (this.state !== 'active') return refused('loan-not-active');
    const happening: Happening = {
      ...{ seq: this.#seq + 1, day: Math.max(wish.paid_on, 0), kind: 'repayment' },
      ...{ amount: wish.amount, source: wish.source },
    };
    if (wish.paid_on < this.#standing.carried_through!) return this.#repayBack(wish, happening);
    const carried = this.#carryTo(wish.paid_on);
    if (this.state !== 'active') return refused('loan-not-active', carried);
    const loan = copyOf(this.#standing);
    const paid = pay(loan, { ...wish, day: wish.paid_on, business_date: this.#dateOf(wish.paid_on) });
    if (paid.booking.lines.isEmpty) return refused('nothing-due', carried);
    const gain = walletGain([paid.booking]);
    if (wish.available + carried + gain < 0n) return refused('insufficient-funds', carried);
    this.#standing = loan;
    this.#take({ happening, reference: wish.reference, net: paid.booking.lines.net() });
    return { outcome: `repaid/${this.state}`, wallet: carried + gain };
  }

  #repayBack({ today, available, reference }: Wish, happening: Happening): Outcome {
    const carried = this.#carryTo(today);
    if (this.state !== 'active') return refused('loan-not-active', carried);
    const told = this.#tell([...this.#happenings(), happening], today, happening);
    if (!told.of) return refused('loan-not-active', carried);
    const was = this.toldThrough(today);
    const net = difference(was, told).net();
    const gain = -(net.get('wallet') ?? 0n);
    if (available + carried + gain < 0n) return refused('insufficient-funds', carried);
    this.#standing = told.standing;
    this.#take({ happening, reference, net });
    return { outcome: `repaid/${this.state}`, wallet: carried + gain };
  }

  bounce(reference: string, { today, available }: Pick<Wish, 'today' | 'available'>): Outcome {
    const carried = this.#carryTo(today);
    const taken = this.#taken.find((each) => each.reference === reference);
    if (!taken) throw new Error(`Nothing was paid as ${reference}.`);
    const rest = this.#happenings().filter((happening) => happening !== taken.happening);
    const told = this.#tell(rest, today);
    const was = this.toldThrough(today);
    const change = difference(was, told).net();
    const undoing = negated(taken.net);
    const adjusting = sum(change, taken.net);
    const held = this.#balances(was, available + carried);
    if (!admits(held, [undoing, adjusting]) && !admits(held, [adjusting, undoing])) {
      return refused('insufficient-funds', carried);
    }
    const gain = -(change.get('wallet') ?? 0n);
    this.#taken.splice(this.#taken.indexOf(taken), 1);
    this.#seq += 1;
    this.#standing = told.standing;
    return { outcome: `reversed/${this.state}`, wallet: carried + gain };
  }

  /** The whole life in one telling, from the disbursal through a day. */
  toldThrough(day: number): Told {
    return this.#tell(this.#happenings(), day);
  }

  #take(taken: Taken): void {
    this.#seq += 1;
    this.#taken.push(taken);
  }

  #happenings(): Happening[] {
    return this.#taken.map(({ happening }) => happening);
  }

  #tell(happenings: readonly Happening[], through: number, asked?: Happening): Told {
    const { carried_through } = this.#standing;
    const until = Math.max(through, carried_through ?? through);
    return tell(this.#beginning, happenings, {
      ...{ through: until, calendar: this.#calendar, ...(asked ? { asked } : {}) },
    });
  }

  /** What the loan's accounts and the wallet hold after a life: assets debited, the others credited. */
  #balances(was: Told, available: bigint): Map<Role, bigint> {
    const principal = this.#beginning.unpaid.reduce((total, each) => total + each.principal, 0n);
    return sum(
      was.net,
      new Map<Role, bigint>([['principal', principal]]),
      new Map([['wallet', -available - (was.net.get('wallet') ?? 0n)]]),
    );
  }

  readonly #dateOf = (day: number): IsoDate => bookDate(dateOfDay(day), this.#calendar);
}

function refused(code: string, wallet = 0n): Outcome {
  return { outcome: `refused/${code}`, wallet };
}

/** A wallet is credited with what it gains. */
function walletGain(bookings: readonly Booking[]): bigint {
  return bookings.reduce((sum, { lines }) => sum - (lines.net().get('wallet') ?? 0n), 0n);
}

type Net = ReadonlyMap<Role, bigint>;

/** Accounts that may not pass below zero, with the side on which they stand. */
const KEPT: readonly [Role, bigint][] = [
  ...(['principal', 'interest', 'accrued', 'penal', 'fees'] as const).map((role): [Role, bigint] => [
    role,
    1n,
  ]),
  ...(['advance', 'wallet'] as const).map((role): [Role, bigint] => [role, -1n]),
];

/** Whether balances take journals, one after the other. */
function admits(held: Net, journals: readonly Net[]): boolean {
  let balances = held;
  return journals.every((journal) => {
    balances = sum(balances, journal);
    return KEPT.every(([role, side]) => (balances.get(role) ?? 0n) * side >= 0n);
  });
}

function sum(...nets: readonly Net[]): Map<Role, bigint> {
  const total = new Map<Role, bigint>();
  for (const net of nets) for (const [role, minor] of net) total.set(role, (total.get(role) ?? 0n) + minor);
  return total;
}

function negated(net: Net): Map<Role, bigint> {
  return new Map([...net].map(([role, minor]) => [role, -minor]));
}
