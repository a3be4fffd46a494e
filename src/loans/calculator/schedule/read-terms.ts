import type { IsoDate } from '../../../calendar/business-date.ts';
import { type Day, parseDay } from '../dates.ts';
import { CalculationError, type CalculationErrorCode } from '../errors.ts';
import { LIST_LENGTH_MAX } from '../fields.ts';
import { decimalsOf, parseUnits } from '../fractions.ts';
import { later } from './periods.ts';
import type { ScheduleRequest } from './request.ts';
import type { Event, Terms } from './terms.ts';

/** Terms as asked for, and in which units their amounts are counted. */
export interface ReadTerms {
  terms: Terms;
  /** Decimals of a unit: those of the rounding, or of the amount that has the most. */
  places: number;
}

/**
 * The terms that a request states.
 * @throws CalculationError where they contradict each other.
 */
export function readTerms(request: ScheduleRequest): ReadTerms {
  const places = placesOf(request);
  const units = (text: string) => parseUnits(text, places);
  const rates = rateReader(request);
  const start = parseDay(request.disbursedOn);
  const dueDays = readDueDays(request, start);
  const terms: Terms = {
    principal: firstPayout(request, units),
    rate: rates.at(request.disbursedOn),
    rateDenominator: rates.denominator,
    start,
    rows: rowsOf(request),
    every: request.every,
    firstDue: readFirstDue(request, start),
    dueDays,
    shift: readShift(request),
    dayCount: request.dayCount,
    amortisation: request.amortisation,
    fixedInstalment: request.fixedInstalment === undefined ? undefined : units(request.fixedInstalment),
    rounding: {
      mode: request.rounding.mode,
      step: 10n ** BigInt(places - request.rounding.places),
      multiple:
        request.rounding.instalmentMultiple === undefined
          ? undefined
          : units(request.rounding.instalmentMultiple),
    },
    grace: {
      principal: request.grace.principal,
      interest: request.grace.interest,
      moratorium: request.grace.moratorium.instalments,
      treatment: request.grace.moratorium.treatment,
    },
    events: readEvents(request, units, rates.read),
    pauses: request.pauses.map(({ from, to }) => ({ from: parseDay(from), to: parseDay(to) })),
  };
  refuseContradictions(request, terms);
  return { terms, places };
}

function placesOf(request: ScheduleRequest): number {
  const { places, instalmentMultiple } = request.rounding;
  let most = Math.max(places, decimalsOf(request.principal));
  for (const text of [request.fixedInstalment, instalmentMultiple]) {
    if (text !== undefined) most = Math.max(most, decimalsOf(text));
  }
  for (const list of [request.tranches, request.prepayments, request.fees]) {
    for (const { amount } of list) most = Math.max(most, decimalsOf(amount));
  }
  return most;
}

function rateReader({ annualRate, rateChanges }: ScheduleRequest) {
  const decimals = rateChanges.reduce(
    (most, change) => Math.max(most, decimalsOf(change.annualRate)),
    decimalsOf(annualRate),
  );
  const read = (percent: string) => parseUnits(percent, decimals);
  return {
    read,
    denominator: 100n * 10n ** BigInt(decimals),
    /** Changes up to the day have happened on it. */
    at: (day: IsoDate) => read(rateChanges.findLast(({ on }) => on <= day)?.annualRate ?? annualRate),
  };
}

function rowsOf({ instalments, dueDates, fixedInstalment }: ScheduleRequest): number {
  if (fixedInstalment !== undefined) return dueDates?.length ?? LIST_LENGTH_MAX;
  if (instalments !== undefined && dueDates && dueDates.length !== instalments) {
    refuse('invalid-value', `There are ${dueDates.length} due dates for ${instalments} rows.`, 'dueDates');
  }
  const rows = instalments ?? dueDates?.length;
  return rows ?? refuse('missing-field', 'The field instalments is missing.', 'instalments');
}

function readDueDays({ dueDates, disbursedOn, firstDueOn }: ScheduleRequest, start: Day): Day[] | undefined {
  if (!dueDates) return undefined;
  if (firstDueOn !== undefined && firstDueOn !== dueDates[0]) {
    refuse('invalid-value', `The first of dueDates is ${dueDates[0]}.`, 'firstDueOn');
  }
  const days = dueDates.map(parseDay);
  const wrong = days.findIndex((day, index) => day.serial <= (days[index - 1] ?? start).serial);
  if (wrong >= 0) {
    const before = dueDates[wrong - 1] ?? disbursedOn;
    refuse('dates-disordered', `${dueDates[wrong]} does not come after ${before}.`, `dueDates.${wrong}`);
  }
  return days;
}

/** Only a first due day of its own is one: others keep the day of the month of the disbursal. */
function readFirstDue({ firstDueOn, dueDates, every }: ScheduleRequest, start: Day): Day | undefined {
  if (firstDueOn === undefined || dueDates) return undefined;
  const first = parseDay(firstDueOn);
  if (first.serial <= start.serial) {
    refuse('dates-disordered', 'The first due date must come after the disbursal.', 'firstDueOn');
  }
  return later(start, every, 1).serial === first.serial ? undefined : first;
}

const WEEKDAYS = ['thursday', 'friday', 'saturday', 'sunday', 'monday', 'tuesday', 'wednesday'] as const;

function readShift({ holidays }: ScheduleRequest): Terms['shift'] {
  if (holidays.shift === 'none') return undefined;
  const closed = new Set(holidays.dates.map((date) => parseDay(date).serial));
  const weekend = new Set<string>(holidays.weekend);
  return {
    to: holidays.shift,
    isOpen: ({ serial }) => !closed.has(serial) && !weekend.has(WEEKDAYS[((serial % 7) + 7) % 7]!),
  };
}

/** A list of payouts that begins on the day of the disbursal has the first one in it. */
function firstPayout(request: ScheduleRequest, units: (text: string) => bigint): bigint {
  const { principal, tranches, disbursedOn } = request;
  const first = tranches[0];
  if (first?.on !== disbursedOn) return units(principal);
  const sum = tranches.reduce((total, { amount }) => total + units(amount), 0n);
  if (sum !== units(principal)) {
    refuse('invalid-value', 'Tranches from disbursedOn on must add up to the principal.', 'tranches');
  }
  return units(first.amount);
}

function readEvents(
  request: ScheduleRequest,
  units: (text: string) => bigint,
  rate: (percent: string) => bigint,
): Event[] {
  const { rateChanges, tranches, prepayments, disbursedOn } = request;
  inOrder(rateChanges, 'rateChanges');
  inOrder(tranches, 'tranches', disbursedOn);
  inOrder(prepayments, 'prepayments', disbursedOn);
  const events: Event[] = [];
  rateChanges.forEach(({ on, annualRate }, index) => {
    if (on <= disbursedOn) return;
    events.push({
      kind: 'rate-change',
      on: parseDay(on),
      field: `rateChanges.${index}`,
      rate: rate(annualRate),
    });
  });
  tranches.forEach(({ on, amount }, index) => {
    if (on === disbursedOn) return;
    events.push({ kind: 'payout', on: parseDay(on), field: `tranches.${index}`, amount: units(amount) });
  });
  prepayments.forEach(({ on, amount, effect }, index) => {
    const field = `prepayments.${index}`;
    events.push({ kind: 'prepayment', on: parseDay(on), field, amount: units(amount), effect });
  });
  return events.sort((left, right) => left.on.serial - right.on.serial);
}

function inOrder(list: readonly { on: IsoDate }[], field: string, first?: IsoDate): void {
  list.forEach(({ on }, index) => {
    const before = list[index - 1]?.on;
    if (first !== undefined && on < first) {
      refuse('dates-disordered', `${on} is before the disbursal.`, `${field}.${index}.on`);
    }
    if (before !== undefined && on <= before) {
      refuse('dates-disordered', `${on} does not come after ${before}.`, `${field}.${index}.on`);
    }
  });
}

function refuseContradictions(request: ScheduleRequest, terms: Terms): void {
  refusePauses(request);
  const { grace, fixedInstalment } = terms;
  const unpaid = grace.moratorium + Math.max(grace.principal, grace.interest);
  if (unpaid >= terms.rows) {
    refuse('invalid-value', `Grace of ${unpaid} of ${terms.rows} rows leaves none that pays.`, 'grace');
  }
  if (terms.dayCount === 'actual/actual-ICMA' && (terms.dueDays || UNITS_OF_DAYS.has(terms.every.unit))) {
    const message = 'actual/actual-ICMA counts within regular coupon periods of months or years.';
    refuse('not-supported', message, 'dayCount');
  }
  if (fixedInstalment === undefined) return;
  if (terms.amortisation !== 'equal-instalment') {
    refuse('not-supported', `A fixed instalment is not for ${terms.amortisation}.`, 'fixedInstalment');
  }
  if (grace.moratorium > 0 && grace.treatment === 'spread') {
    const message = 'Over how many rows to spread is not known where the instalment is fixed.';
    refuse('not-supported', message, 'grace.moratorium.treatment');
  }
  const reducing = request.prepayments.findIndex(({ effect }) => effect === 'reduce-instalment');
  if (reducing >= 0) {
    const message = 'A fixed instalment is not reduced: a prepayment reduces the term.';
    refuse('not-supported', message, `prepayments.${reducing}.effect`);
  }
}

const UNITS_OF_DAYS = new Set(['day', 'week']);

function refusePauses({ pauses }: ScheduleRequest): void {
  pauses.forEach(({ from, to }, index) => {
    const before = pauses[index - 1]?.to;
    if (to <= from) refuse('dates-disordered', `${to} does not come after ${from}.`, `pauses.${index}.to`);
    if (before !== undefined && from < before) {
      refuse('dates-disordered', `${from} is within the pause before.`, `pauses.${index}.from`);
    }
  });
}

function refuse(code: CalculationErrorCode, message: string, field: string): never {
  throw new CalculationError(code, message, field);
}
