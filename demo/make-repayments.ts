import { addDays } from '../src/calendar/business-date.ts';
import { STANDARD_PRODUCT } from '../src/loans/products.ts';
import { annuity, dueDates, minorText } from '../src/loans/schedule.ts';
import { Dice } from '../src/simulation/dice.ts';
import { BUSINESS_DAYS, START_DATE } from './calendar.ts';
import type { ApplicationLine, RepaymentLine } from './read-csv.ts';

type Habit = (due_on: string, instalment: bigint, dice: Dice) => { paid_on: string; amount: bigint }[];

const prompt: Habit = (due_on, instalment) => [{ paid_on: due_on, amount: instalment }];
const early: Habit = (due_on, instalment, dice) => [
  { paid_on: addDays(due_on, -dice.between(1, 4)), amount: instalment },
];
const late: Habit = (due_on, instalment, dice) => [
  { paid_on: addDays(due_on, dice.between(3, 15)), amount: instalment },
];
const inTwoParts: Habit = (due_on, instalment, dice) => [
  { paid_on: due_on, amount: instalment / 2n },
  { paid_on: addDays(due_on, dice.between(5, 12)), amount: instalment - instalment / 2n },
];
const tooLittle: Habit = (due_on, instalment) => [{ paid_on: due_on, amount: (instalment * 3n) / 5n }];
const tooMuch: Habit = (due_on, instalment) => [{ paid_on: due_on, amount: (instalment * 5n) / 4n }];
const never: Habit = () => [];

/** How borrowers pay, each as often as it stands here. */
const HABITS: Habit[] = [
  ...[prompt, prompt, prompt, prompt, prompt, prompt, prompt, prompt, prompt, prompt, prompt, prompt],
  ...[early, early, late, late, late, inTwoParts, tooLittle, tooMuch, never],
];
/** One loan in so many is paid off at once, with more than is owed. */
const PAID_OFF_EVERY = 45;
/** One repayment in so many is made online. */
const ONLINE_EVERY = 40;
const CALENDAR_DAYS = Math.floor((BUSINESS_DAYS * 7) / 5) - 2;

/** Two to three months of repayments of the loans that must come of the applications. */
export function makeRepayments(applications: readonly ApplicationLine[]): RepaymentLine[] {
  const dice = new Dice('repayments');
  const lines: RepaymentLine[] = [];
  const last_day = addDays(START_DATE, CALENDAR_DAYS);
  const granted = applications.filter(({ expected }) => expected === 'offered');
  for (const [index, application] of granted.entries()) {
    const terms = {
      principal: application.amount,
      annual_rate: STANDARD_PRODUCT.annual_rate,
      tenure_months: Number(application.tenure_months),
    };
    const { instalment } = annuity(terms);
    const habit = dice.one(HABITS);
    const due = dueDates(START_DATE, terms.tenure_months);
    const payments = due
      .filter((due_on) => due_on <= last_day)
      .flatMap((due_on, place) =>
        habit(due_on, instalment, dice).map((payment) => ({ ...payment, number: place + 1 })),
      );
    const paid_off = index % PAID_OFF_EVERY === 7 && habit !== never;
    const kept = payments.filter(({ paid_on }) => paid_on <= last_day).slice(0, paid_off ? 1 : undefined);
    for (const { paid_on, amount, number } of kept) {
      lines.push({
        payment: '',
        application: application.reference,
        instalment: String(number),
        paid_on,
        amount: minorText(paid_off ? instalment * BigInt(terms.tenure_months + 1) : amount),
        source: 'collection',
        expected: paid_off ? 'closed' : 'repaid',
      });
    }
  }
  lines.sort((a, b) => (a.paid_on === b.paid_on ? 0 : a.paid_on < b.paid_on ? -1 : 1));
  const numbered = lines.map((line, index) => ({
    ...line,
    payment: `PAY-${String(index + 1).padStart(5, '0')}`,
    source: isOnline(line, index) ? ('gateway' as const) : line.source,
  }));
  return withBlemishes(numbered);
}

function isOnline({ expected }: RepaymentLine, index: number): boolean {
  return expected === 'repaid' && index % ONLINE_EVERY === 7;
}

/** Payments for loans that are not there, amounts nobody can read, and one message sent twice. */
function withBlemishes(lines: RepaymentLine[]): RepaymentLine[] {
  const stray = (place: number, changes: Partial<RepaymentLine>): RepaymentLine => ({
    ...lines[place]!,
    payment: `${lines[place]!.payment}-X`,
    ...changes,
  });
  const strays = [
    ...[30, 90, 150, 210].map((place) =>
      stray(place, { application: `APP-2025-${place}`, expected: 'refused/unknown-loan' }),
    ),
    stray(60, { amount: '12.345', expected: 'invalid/amount' }),
    stray(120, { amount: 'four thousand', expected: 'invalid/amount' }),
    stray(180, { amount: '-500', expected: 'invalid/amount' }),
    ...[45, 160, 260].map((place) => ({ ...lines[place]!, expected: 'replayed' })),
  ];
  return [...lines, ...strays].sort((a, b) => (a.paid_on === b.paid_on ? 0 : a.paid_on < b.paid_on ? -1 : 1));
}
