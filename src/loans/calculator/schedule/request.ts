import { z } from 'zod';
import { amount, date, LIST_LENGTH_MAX, list, percent } from '../fields.ts';
import { roundingSchema } from '../rounding.ts';

export const AMORTISATIONS = ['equal-instalment', 'equal-principal', 'flat', 'interest-only'] as const;
export const PERIOD_UNITS = ['day', 'week', 'month', 'year'] as const;
export const SHIFTS = ['none', 'next', 'previous', 'modified-next'] as const;
export const SCHEDULE_DAY_COUNTS = [
  'months',
  '30/360',
  '30E/360',
  '30E/360-ISDA',
  'actual/365',
  'actual/360',
  'actual/364',
  'actual/actual-ISDA',
  'actual/actual-ICMA',
  'actual/actual-AFB',
] as const;
export const MORATORIUM_TREATMENTS = ['capitalise', 'carry-forward', 'spread'] as const;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

const PERIOD_COUNT_MAX = 1_000;
const FEES_MAX = 100;
const FEE_NAME_MAX = 100;
const rows = z.int().min(0).max(LIST_LENGTH_MAX);

const every = z.strictObject({
  count: z.int().min(1).max(PERIOD_COUNT_MAX).default(1),
  unit: z.enum(PERIOD_UNITS).default('month'),
});

const grace = z.strictObject({
  principal: rows.default(0).meta({ description: 'Rows that pay interest only' }),
  interest: rows.default(0).meta({
    description: 'Rows whose interest is paid with the first row after them, without interest on it',
  }),
  moratorium: z
    .strictObject({
      instalments: rows.default(0).meta({ description: 'First rows that pay nothing' }),
      treatment: z.enum(MORATORIUM_TREATMENTS).default('capitalise').meta({
        description:
          'Interest of these rows: capitalise = added to the principal at each due date; carry-forward = paid with the first row after; spread = paid in equal parts with all rows after',
      }),
    })
    .prefault({})
    .meta({ description: 'Comes before the other graces' }),
});

const holidays = z.strictObject({
  dates: list(date).default([]).meta({ description: 'Days without business' }),
  weekend: z.array(z.enum(WEEKDAYS)).max(6).default(['saturday', 'sunday']),
  shift: z.enum(SHIFTS).default('none').meta({
    description:
      'Where a due date without business goes; modified-next = next, but not into another month. A day taken by the row before goes to the next open day. Interest runs to the day as moved; with months and ICMA a period counts whole all the same',
  }),
});

/**
 * What `schedule` reads. Only the form is checked here; how the dates follow each other is checked by
 * `schedule` itself.
 */
export const scheduleRequest = z.strictObject({
  principal: amount.meta({ description: 'Paid out on disbursedOn, less the fees of that day' }),
  annualRate: percent,
  instalments: z.int().min(1).max(LIST_LENGTH_MAX).optional().meta({
    description: 'Rows of the schedule. Needed unless dueDates or fixedInstalment tell them',
  }),
  every: every.prefault({}).meta({ description: 'Length of a period, one month unless told' }),
  disbursedOn: date,
  firstDueOn: date.optional().meta({
    description:
      'One period after disbursedOn unless told. A first period of another length bears interest by the day count, once; with months and ICMA: for the whole periods back from firstDueOn, and for the days before by the period they lie in',
  }),
  dueDates: list(date).min(1).optional().meta({
    description: 'All due dates, ascending. With months, every period after the first counts as one `every`',
  }),
  amortisation: z.enum(AMORTISATIONS).default('equal-instalment').meta({
    description:
      'equal-instalment: principal and interest together are level, but a row pays its interest at least. equal-principal: the principal is level. flat: so is the interest, on all that was lent over the whole term. interest-only: the principal with the last row',
  }),
  fixedInstalment: amount.optional().meta({
    description: 'The level instalment: the number of rows follows from it, `instalments` is not used',
  }),
  dayCount: z.enum(SCHEDULE_DAY_COUNTS).default('months').meta({
    description:
      'months = rate × count / 12 a period (weeks / 52, days / 365), whatever its days. Where something happens within a period, the days before and after it count apart: what the convention counts to their end less what it counts to their beginning; with months and ICMA their share of the days of the period. actual/actual-ICMA takes regular coupons: no days or weeks, no dueDates',
  }),
  rounding: roundingSchema.prefault({}),
  grace: grace.prefault({}),
  tranches: list(z.strictObject({ on: date, amount }))
    .default([])
    .meta({
      description:
        'Payouts after the first, on top of the principal. A list that begins on disbursedOn is every payout, and adds up to the principal',
    }),
  rateChanges: list(z.strictObject({ on: date, annualRate: percent }))
    .default([])
    .meta({
      description:
        'The rate from the day on. The level instalment is solved anew in the row whose period has the day, without knowing of later changes; so it is for tranches',
    }),
  pauses: list(z.strictObject({ from: date, to: date }))
    .default([])
    .meta({
      description:
        'No interest on the days from `from` up to but without `to`. The level instalment is solved knowing of them',
    }),
  prepayments: list(
    z.strictObject({
      on: date,
      amount,
      effect: z.enum(['reduce-instalment', 'reduce-term']).default('reduce-instalment'),
    }),
  )
    .default([])
    .meta({
      description:
        'Lowers the principal on the day, after a row that is due on it; interest accrued so far falls due with its row. reduce-term keeps the instalment, so that there are fewer rows and a short last one. It is in no row, but in totals.prepaid. One of all that is owed ends the loan',
    }),
  fees: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(FEE_NAME_MAX),
        on: z.union([z.literal('instalment'), date]),
        amount,
      }),
    )
    .max(FEES_MAX)
    .default([])
    .meta({
      description:
        'On a day: falls due with the row of its period, or is kept back from the payout on disbursedOn. "instalment": with every row',
    }),
  holidays: holidays.prefault({}),
});
export type ScheduleRequest = z.output<typeof scheduleRequest>;
