import { type Day, daysApart } from '../dates.ts';
import { formatUnits } from '../fractions.ts';
import { answerText, Precise } from '../precise.ts';
import { type Series, single } from '../rates/series.ts';
import { solveRate } from '../rates/solve.ts';
import type { Trace } from '../trace.ts';
import { type Fees, sumOf } from './fees.ts';
import { brokenShare, UNITS_PER_YEAR } from './periods.ts';
import type { ReadTerms } from './read-terms.ts';
import type { Row } from './rows.ts';
import type { Terms } from './terms.ts';

/** Money at a time, counted in periods from the disbursal. */
interface Flow {
  units: bigint;
  at: number;
}

const PERCENT_PLACES = 6;
/** Where several rates satisfy an equation, the one nearest to ten percent a year. */
const GUESS = 0.1;
const STEPS_MAX = 40;
const STEP_MIN = 1e-13;
/** Above this, doubles do not know six decimals of it. */
const PERCENT_MAX = 10_000;
/** Nearer than this to half of the last decimal, in such decimals, doubles do not know how to round. */
const HALF_MARGIN = 1e-3;

/**
 * The nominal rate a year, in percent with 6 decimals, at which the net payouts are worth all payments: the
 * rate of a period times the periods of a year, as the Indian key facts statement has it for months.
 * @returns null where there is none
 */
export function aprOf({ terms }: ReadTerms, rows: readonly Row[], fees: Fees): string | null {
  const { incoming, outgoing } = flowsOf(terms, rows, fees);
  const { count, unit } = terms.every;
  const percentPerRate = (UNITS_PER_YEAR[unit] * 100) / count;
  const quick = hasOneRate(incoming, outgoing) ? quickPercent(incoming, outgoing, percentPerRate) : null;
  return quick ?? inPlaces(exactPercent(terms, incoming, outgoing));
}

/** How it came about, with the 34 digits that it was rounded from. */
export function traceApr({ terms, places }: ReadTerms, rows: readonly Row[], fees: Fees): Trace {
  const { incoming, outgoing } = flowsOf(terms, rows, fees);
  const text = (flows: readonly Flow[]) =>
    flows.map(({ units, at }) => `${formatUnits(units, places)} at ${at}`).join('; ');
  const percent = exactPercent(terms, incoming, outgoing);
  return {
    rule: 'nominal-apr/1',
    inputs: {
      periodsPerYear: `${UNITS_PER_YEAR[terms.every.unit]}/${terms.every.count}`,
      payouts: text(incoming),
      payments: text(outgoing),
    },
    unrounded: percent === null ? 'none' : answerText(percent),
    rounding: `half-up to ${PERCENT_PLACES} places`,
  };
}

function exactPercent(
  { every }: Terms,
  incoming: readonly Flow[],
  outgoing: readonly Flow[],
): Precise | null {
  const perYear = UNITS_PER_YEAR[every.unit];
  const equation = { in: series(incoming), out: series(outgoing), unitsPerPeriod: 1 };
  const rate = solveRate(equation, (GUESS * every.count) / perYear);
  return rate?.times(perYear * 100).div(every.count) ?? null;
}

function inPlaces(percent: Precise | null): string | null {
  return percent?.toFixed(PERCENT_PLACES, Precise.ROUND_HALF_UP) ?? null;
}

function flowsOf(terms: Terms, rows: readonly Row[], fees: Fees): { incoming: Flow[]; outgoing: Flow[] } {
  const times = timesOf(terms, rows);
  const incoming = [{ units: terms.principal - sumOf(fees.atDisbursal), at: 0 }];
  const outgoing = rows.map(({ principal, interest }, index) => ({
    units: principal + interest + sumOf(fees.ofRows[index]!),
    at: times[index + 1]!,
  }));
  for (const event of terms.events) {
    if (event.kind === 'rate-change') continue;
    const at = timeOf(event.on, rows, times);
    (event.kind === 'payout' ? incoming : outgoing).push({ units: event.amount, at });
  }
  return {
    incoming: incoming.filter(({ units }) => units > 0n),
    outgoing: outgoing.filter(({ units }) => units > 0n),
  };
}

/** When each row is due, counted in periods from the disbursal; before them the disbursal itself, 0. */
function timesOf(terms: Terms, rows: readonly Row[]): number[] {
  const { every, start, firstDue, dueDays } = terms;
  const perYear = UNITS_PER_YEAR[every.unit] / every.count;
  const periodsUntil = (day: Day) => {
    const { numerator, denominator } = brokenShare(start, day, every);
    return (Number(numerator) * perYear) / Number(denominator);
  };
  if (dueDays) return [0, ...rows.map(({ due }) => periodsUntil(due))];
  const first = firstDue ? periodsUntil(firstDue) : 1;
  return [0, ...rows.map((_, index) => first + index)];
}

/** Within a period, time passes with its days. */
function timeOf(day: Day, rows: readonly Row[], times: readonly number[]): number {
  const index = rows.findIndex(({ due }) => day.serial < due.serial);
  const { from, due } = rows[index]!;
  const [before, after] = [times[index]!, times[index + 1]!];
  return before + ((after - before) * daysApart(from, day)) / daysApart(from, due);
}

/**
 * Whether what is owed without interest is more than nothing until some day, and less from then on. There is
 * exactly one rate above zero then (Norstrom), and zero is none.
 */
function hasOneRate(incoming: readonly Flow[], outgoing: readonly Flow[]): boolean {
  const flows = [...incoming, ...outgoing.map(({ units, at }) => ({ units: -units, at }))];
  let owed = 0n;
  let repaid = false;
  for (const { units } of flows.sort((one, other) => one.at - other.at)) {
    owed += units;
    if (repaid && owed >= 0n) return false;
    repaid = owed < 0n;
  }
  return repaid && incoming.length > 0;
}

/**
 * The rate by Newton's steps on the logarithm of what the payments are worth to what the payouts are. Doubles
 * know more of it than the decimals asked for; where they cannot tell which way to round, where the rate is
 * huge, and where the steps lead nowhere, null: `solveRate` knows 34 digits, but takes a hundred times as long.
 */
function quickPercent(
  incoming: readonly Flow[],
  outgoing: readonly Flow[],
  percentPerRate: number,
): string | null {
  let u = 0;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const [got, paid] = [worthAt(u, incoming), worthAt(u, outgoing)];
    const change = Math.log(paid.worth / got.worth) / (paid.duration - got.duration);
    u += change;
    if (!Number.isFinite(u)) return null;
    if (Math.abs(change) <= STEP_MIN) return u > 0 ? rounded(Math.expm1(u) * percentPerRate) : null;
  }
  return null;
}

function worthAt(u: number, flows: readonly Flow[]): { worth: number; duration: number } {
  let worth = 0;
  let moment = 0;
  for (const { units, at } of flows) {
    const discounted = Number(units) * Math.exp(-u * at);
    worth += discounted;
    moment += discounted * at;
  }
  return { worth, duration: moment / worth };
}

function series(flows: readonly Flow[]): Series[] {
  return flows.map(({ units, at }) => single(new Precise(String(units)), new Precise(at)));
}

function rounded(percent: number): string | null {
  if (percent > PERCENT_MAX) return null;
  const decimals = percent * 10 ** PERCENT_PLACES;
  const fromHalf = Math.abs(decimals - Math.floor(decimals) - 0.5);
  return fromHalf < HALF_MARGIN ? null : percent.toFixed(PERCENT_PLACES);
}
