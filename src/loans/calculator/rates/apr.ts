import { z } from 'zod';
import { CalculationError } from '../errors.ts';
import { amount, LIST_LENGTH_MAX } from '../fields.ts';
import type { Fraction } from '../fractions.ts';
import { Precise } from '../precise.ts';
import type { Trace } from '../trace.ts';
import type { Series } from './series.ts';
import { type Equation, solveRate } from './solve.ts';
import { commonDenominator, isWhole, time } from './times.ts';

const COUNT_MAX = 100_000;
const UNIT_PERIODS_MAX = 366;
/** Times with a common part down to this are counted in it, which is quicker and exact. */
const DENOMINATOR_MAX = 10n ** 9n;
const PERCENT_PLACES = 6;
const MONTHS_PER_YEAR = 12;
/** Where several rates satisfy an equation, the one nearest to ten percent a year. */
const GUESS = 0.1;

const count = z.int().min(1).max(COUNT_MAX).default(1).meta({ description: 'How many equal payments' });

const recurring = z.strictObject({
  t: time,
  step: time.optional().meta({ description: 'From one of the `count` payments to the next' }),
  count,
  amount,
});
const recurringInUnitPeriods = z.strictObject({
  t: time.refine(isWhole, { error: 'must be whole unit periods; `odd` takes the part of one' }),
  odd: time
    .refine(({ numerator, denominator }) => numerator < denominator, { error: 'must be below 1' })
    .optional()
    .meta({ description: 'Part of a unit period on top of `t`, at simple interest', examples: ['4/30'] }),
  step: time
    .refine(isWhole, { error: 'must be whole unit periods' })
    .optional()
    .meta({ description: 'From one of the `count` payments to the next; every unit period unless told' }),
  count,
  amount,
});

const flows = <Flow extends z.ZodType>(flow: Flow) => z.array(flow).min(1).max(LIST_LENGTH_MAX);

/** What `apr` reads. eu: t and step in years. us: t in unit periods. in: t and step in months. */
export const aprRequest = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('eu'), advances: flows(recurring), payments: flows(recurring) }),
  z.strictObject({
    method: z.literal('us'),
    unitPeriodsPerYear: z.int().min(1).max(UNIT_PERIODS_MAX),
    advances: flows(recurringInUnitPeriods),
    payments: flows(recurringInUnitPeriods),
  }),
  z.strictObject({ method: z.literal('in'), advances: flows(recurring), payments: flows(recurring) }),
]);
export type AprRequest = z.output<typeof aprRequest>;

export interface AprAnswer {
  /** Percent a year, 6 decimals; null where there is none. */
  rate: string | null;
  /** With `explain`. */
  trace?: { rate: Trace };
}

/** One entry of the lists, whatever the method. */
interface Flow {
  amount: string;
  t: Fraction;
  step?: Fraction | undefined;
  odd?: Fraction | undefined;
  count: number;
}

const RULES = {
  eu: 'apr-eu-2008-48/1',
  us: 'apr-us-regulation-z-j/1',
  in: 'apr-in-kfs/1',
} as const;

/**
 * The annual percentage rate at which all advances are worth all payments.
 *
 * - eu (directives 2008/48/EC, 2014/17/EU): Σ C(1+X)^−t = Σ D(1+X)^−s, t in years; effective a year.
 * - us (Regulation Z, appendix J): Σ A / ((1+fi)(1+i)^t) = Σ P / ((1+fi)(1+i)^t), t in unit periods;
 *   nominal, i × unit periods a year.
 * - in (RBI, key facts statement): t in months; nominal, monthly rate × 12.
 *
 * @throws CalculationError where a `step` is missing
 */
export function apr(request: AprRequest, options: { explain?: boolean } = {}): AprAnswer {
  const { method, advances, payments } = request;
  const periodsPerYear = {
    eu: 1,
    in: MONTHS_PER_YEAR,
    us: 'unitPeriodsPerYear' in request ? request.unitPeriodsPerYear : 1,
  }[method];
  const rate = solveRate(equationOf(request), GUESS / periodsPerYear);
  const percent = rate?.times(periodsPerYear).times(100) ?? null;
  const answer: AprAnswer = { rate: percent?.toFixed(PERCENT_PLACES, Precise.ROUND_HALF_UP) ?? null };
  if (!options.explain) return answer;
  return {
    ...answer,
    trace: {
      rate: {
        rule: RULES[method],
        inputs: { periodsPerYear, advances: describe(advances), payments: describe(payments) },
        unrounded: percent?.toSignificantDigits(34).toString() ?? 'none',
        rounding: `half-up to ${PERCENT_PLACES} places`,
      },
    },
  };
}

function equationOf({ method, advances, payments }: AprRequest): Equation {
  const all: Flow[] = [...advances, ...payments];
  const common = commonDenominator(all.flatMap(({ t, step }) => (step ? [t, step] : [t])));
  const unit = common > DENOMINATOR_MAX ? 1n : common;
  const steps = method === 'eu' ? null : { numerator: 1n, denominator: 1n };
  const read = (list: readonly Flow[], name: string): Series[] =>
    list.map((flow, index) => {
      const step = flow.step ?? (flow.count === 1 ? { numerator: 1n, denominator: 1n } : steps);
      if (!step) {
        const field = `${name}.${index}.step`;
        throw new CalculationError('missing-field', `The field ${field} is missing.`, field);
      }
      return {
        amount: new Precise(flow.amount),
        at: inUnits(flow.t, unit),
        step: inUnits(step, unit),
        count: flow.count,
        odd: flow.odd
          ? new Precise(String(flow.odd.numerator)).div(String(flow.odd.denominator))
          : new Precise(0),
      };
    });
  return {
    in: read(advances, 'advances'),
    out: read(payments, 'payments'),
    unitsPerPeriod: Number(unit),
  };
}

function inUnits({ numerator, denominator }: Fraction, unit: bigint): Precise {
  return new Precise(String(numerator * unit)).div(String(denominator));
}

/** `90 at 1/12 × 12 every 1/12`, and so on. */
function describe(list: readonly Flow[]): string {
  return list
    .map(({ amount, t, step, odd, count }) => {
      const place = `${amount} at ${text(t)}${odd ? ` + odd ${text(odd)}` : ''}`;
      return count === 1 ? place : `${place} × ${count} every ${step ? text(step) : '1'}`;
    })
    .join('; ');
}

function text({ numerator, denominator }: Fraction): string {
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;
}
