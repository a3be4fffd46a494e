import type { Day } from '../dates.ts';
import type { RoundingMode } from '../rounding.ts';
import type {
  AMORTISATIONS,
  MORATORIUM_TREATMENTS,
  PERIOD_UNITS,
  SCHEDULE_DAY_COUNTS,
  SHIFTS,
} from './request.ts';

export type Amortisation = (typeof AMORTISATIONS)[number];
export type ScheduleDayCount = (typeof SCHEDULE_DAY_COUNTS)[number];
export type Shift = (typeof SHIFTS)[number];
export type MoratoriumTreatment = (typeof MORATORIUM_TREATMENTS)[number];

export interface Every {
  count: number;
  unit: (typeof PERIOD_UNITS)[number];
}

/** How amounts, which are whole units of the currency's smallest part in use, are rounded. */
export interface Rounding {
  mode: RoundingMode;
  /** Computed amounts are multiples of this many units. */
  step: bigint;
  /** The level instalment is a multiple of this many units. */
  multiple: bigint | undefined;
}

export interface Grace {
  /** Rows that pay no principal, after the moratorium. */
  principal: number;
  /** Rows that put their interest off, after the moratorium. */
  interest: number;
  /** First rows that pay nothing. */
  moratorium: number;
  treatment: MoratoriumTreatment;
}

/** Something that happens to the loan on a day, after that day's row. `field` is where the request says it. */
export type Event = { on: Day; field: string } & (
  | { kind: 'rate-change'; rate: bigint }
  | { kind: 'payout'; amount: bigint }
  | { kind: 'prepayment'; amount: bigint; effect: 'reduce-instalment' | 'reduce-term' }
);

/** No interest from `from` up to but without `to`. */
export interface Pause {
  from: Day;
  to: Day;
}

/** What a schedule is worked out from, checked. */
export interface Terms {
  /** Paid out on `start`. */
  principal: bigint;
  /** The yearly rate on `start` as a fraction: rate / rateDenominator is 0.12 for 12 %. */
  rate: bigint;
  /** Of all rates. */
  rateDenominator: bigint;
  start: Day;
  /** Rows; the most there may be where the instalment is fixed. */
  rows: number;
  every: Every;
  /** Given, where it is not one period after `start`. */
  firstDue: Day | undefined;
  /** Given, instead of `every` and `firstDue`. */
  dueDays: readonly Day[] | undefined;
  shift: { to: Shift; isOpen: (day: Day) => boolean } | undefined;
  dayCount: ScheduleDayCount;
  amortisation: Amortisation;
  fixedInstalment: bigint | undefined;
  rounding: Rounding;
  grace: Grace;
  /** Ascending. */
  events: readonly Event[];
  /** Ascending, none into another. */
  pauses: readonly Pause[];
}
