import { bookDate, type Calendar } from '../../calendar/business-date.ts';
import { dateOfDay } from '../../calendar/day-number.ts';
import { type Accrual, type Booking, carry, emptyBooking } from './carry.ts';
import { chargeFee, type Fee } from './fee.ts';
import { Lines, type Role } from './lines.ts';
import { type Paid, type Payment, pay } from './pay.ts';
import { copyOf, type LoanStanding } from './standing.ts';
import { type Waiver, waive } from './waive.ts';

/**
 * Telling a loan's life again. What is dated back, or undone, is not patched into today's figures: the
 * life is told once as it was booked and once as it should have been, from the same beginning through the
 * same day, and the difference of the two is what is posted. The first telling must come to how the loan
 * stands, or nothing is posted at all.
 *
 * It begins where the schedule was made (the disbursal, or the last prepayment, restructure or tranche), so
 * that its cost is bounded by one schedule.
 */
export type Happening = {
  /** Place in the order of the books: of one day, the earlier booked comes first. */
  seq: number;
  day: number;
} & (
  | ({ kind: 'repayment' } & Pick<Payment, 'amount' | 'source' | 'excess'>)
  | ({ kind: 'waiver' } & Pick<Waiver, 'component' | 'number' | 'amount'>)
  | ({ kind: 'fee' } & Pick<Fee, 'amount' | 'tax'>)
);

export interface Told {
  standing: LoanStanding;
  /** Debits less credits of every role, over the whole life told. */
  net: Map<Role, bigint>;
  accruals: Map<string, Accrual>;
  /** Numbers of the instalments that were not paid on their due date. */
  missed: Set<number>;
  /** What became of the happening asked after. */
  of: Paid | null;
}

/** @param beginning how the loan stood when its schedule was made; it is not changed. */
export function tell(
  beginning: LoanStanding,
  happenings: readonly Happening[],
  { through, calendar, asked }: { through: number; calendar: Calendar; asked?: Happening },
): Told {
  const standing = copyOf(beginning);
  const told: Told = { standing, net: new Map(), accruals: new Map(), missed: new Set(), of: null };
  const dateOf = (day: number) => bookDate(dateOfDay(day), calendar);
  const note = (booking: Booking) => {
    for (const [role, minor] of booking.lines.net()) told.net.set(role, (told.net.get(role) ?? 0n) + minor);
    for (const accrual of booking.accruals) told.accruals.set(keyOf(accrual), accrual);
    for (const { number } of booking.missed) told.missed.add(number);
  };
  const inOrder = happenings.toSorted((one, other) => one.day - other.day || one.seq - other.seq);
  for (const happening of inOrder) {
    for (const booking of carry(standing, happening.day, dateOf)) note(booking);
    if (standing.state !== 'active') {
      if (happening.kind === 'repayment') note(unneeded(happening, dateOf(happening.day)));
      continue;
    }
    const done = happen(standing, happening, dateOf(happening.day));
    note(done.booking);
    if (happening === asked && 'taken' in done) told.of = done;
  }
  for (const booking of carry(standing, through, dateOf)) note(booking);
  return told;
}

function happen(loan: LoanStanding, happening: Happening, business_date: string) {
  switch (happening.kind) {
    case 'repayment':
      return pay(loan, { ...happening, business_date });
    case 'waiver':
      return waive(loan, { ...happening, business_date });
    case 'fee':
      return chargeFee(loan, { ...happening, business_date });
  }
}

/** A payment that came when, as the life is now told, the loan was over: the money came all the same. */
function unneeded(
  { amount, source, day }: Happening & { kind: 'repayment' },
  business_date: string,
): Booking {
  const booking = emptyBooking(business_date, day);
  if (source === 'collection') booking.lines.move('bank', 'wallet', amount);
  if (source === 'gateway') booking.lines.move('collection-clearing', 'wallet', amount);
  return booking;
}

/** What must be posted to come from one telling to the other. */
export function difference(was: Told, is: Told): Lines {
  const net = new Map(is.net);
  for (const [role, minor] of was.net) net.set(role, (net.get(role) ?? 0n) - minor);
  return Lines.ofNet(net);
}

/** What each chargeable day was off by. */
export function corrections(was: Told, is: Told): Accrual[] {
  const changed: Accrual[] = [];
  for (const key of new Set([...was.accruals.keys(), ...is.accruals.keys()])) {
    const before = was.accruals.get(key);
    const after = is.accruals.get(key);
    const amount = (after?.amount ?? 0n) - (before?.amount ?? 0n);
    const tax = (after?.tax ?? 0n) - (before?.tax ?? 0n);
    if (amount !== 0n || tax !== 0n) changed.push({ ...(after ?? before)!, amount, tax });
  }
  return changed;
}

/** How one standing differs from another, in words; null where they are the same money. */
export function discrepancy(one: LoanStanding, other: LoanStanding): string | null {
  for (const field of ['state', 'asset_class', 'penal_charged', 'suspended_interest', 'advance'] as const) {
    if (one[field] !== other[field]) return `${field} is ${one[field]}, told again ${other[field]}`;
  }
  const told = new Map(other.unpaid.map((each) => [each.number, each]));
  for (const instalment of one.unpaid) {
    const again = told.get(instalment.number);
    if (!again) return `instalment ${instalment.number} is not in the life told again`;
    for (const component of ['penal', 'fees', 'interest', 'principal'] as const) {
      const owed = instalment[component] - instalment.paid[component];
      const owed_again = again[component] - again.paid[component];
      if (owed !== owed_again) {
        return `instalment ${instalment.number} owes ${owed} of ${component}, told again ${owed_again}`;
      }
    }
  }
  return null;
}

function keyOf({ component, number, chargeable_day }: Accrual): string {
  return `${component}/${number}/${chargeable_day}`;
}
