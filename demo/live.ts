import { v5 as uuidv5 } from 'uuid';
import { addDays, nextBusinessDate } from '../src/calendar/business-date.ts';
import type { SteppedClock } from '../src/calendar/clock.ts';
import type { Client } from '../src/client/client.ts';
import type { Runtime } from '../src/runtime/types.ts';
import { BUSINESS_DAYS, DAYS_A_WEEK, morning, night, START_DATE } from './calendar.ts';
import { type Expectations, refusalOf } from './expectations.ts';
import { outcomeOf, payOnline } from './pay-online.ts';
import { progress } from './progress.ts';
import type { RepaymentLine } from './read-csv.ts';
import { type Accountant, readBankStatement } from './reconcile.ts';
import { together } from './together.ts';

const REQUESTS_AT_ONCE = 16;
const ROUNDS_MAX = 1_000;
/** Names loans that are not there, the same in every run. */
const NOWHERE = '0197a3c0-5a1e-7b57-9d3c-6b69737400de';

export interface Days {
  runtime: Runtime;
  clock: SteppedClock;
  kist: Client;
  /** Loan by the application's reference. */
  loans: ReadonlyMap<string, string>;
  lines: readonly RepaymentLine[];
  expectations: Expectations;
  accountant: Accountant;
  /** Payments made online so far. */
  online: { line: RepaymentLine; id: string }[];
}

/**
 * Lives through the business days: schedules in the morning, the day's payments, the books sealed at night, and
 * the bank's statement read every Friday.
 */
export async function liveThrough(days: Days): Promise<void> {
  const { runtime, clock, kist } = days;
  const bar = progress('Business days', BUSINESS_DAYS);
  const calendar = { time_zone: 'Asia/Kolkata', holidays: new Set<string>() };
  let date = START_DATE;
  let unread_from = date;
  let sent = 0;
  for (let day = 1; day <= BUSINESS_DAYS; day += 1) {
    clock.moveTo(night(date));
    await runtime.runSchedules();
    if (day % DAYS_A_WEEK === 0) {
      await readBankStatement(days.accountant, unread_from, date);
      unread_from = addDays(date, 1);
    }
    date = nextBusinessDate(date, calendar);
    clock.moveTo(morning(date));
    await runtime.runSchedules();
    await untilAtRest(kist);
    const until = days.lines.findIndex(({ paid_on }) => paid_on > date);
    const today = days.lines.slice(sent, until === -1 ? undefined : until);
    sent += today.length;
    await payAll(days, today);
    bar.step();
  }
  clock.moveTo(night(date));
  await runtime.runSchedules();
  await untilAtRest(kist);
  await readBankStatement(days.accountant, unread_from, date);
  for (const { line, id } of days.online) {
    days.expectations.check(line.payment, line.expected, await outcomeOf(runtime.pool, id));
  }
  bar.end(`${sent} payments, up to ${date}`);
}

/** A message that came twice is sent after those that came once. */
async function payAll(days: Days, lines: readonly RepaymentLine[]): Promise<void> {
  const isRepeat = ({ expected }: RepaymentLine) => expected === 'replayed';
  for (const wave of [lines.filter((line) => !isRepeat(line)), lines.filter(isRepeat)]) {
    await together(wave, REQUESTS_AT_ONCE, async (line) => {
      if (line.source === 'gateway')
        return days.online.push({
          line,
          id: await payOnline({ ...days.accountant, ...days }, days.loans.get(line.application)!, line),
        });
      return days.expectations.check(line.payment, line.expected, await pay(days, line));
    });
  }
  if (lines.some(({ source }) => source === 'gateway')) await untilAtRest(days.kist);
}

async function pay({ kist, loans }: Days, line: RepaymentLine): Promise<string> {
  const loan = loans.get(line.application) ?? uuidv5(line.application, NOWHERE);
  const { payment, amount, source, expected } = line;
  try {
    const job = await kist.request<{ id: string; replayed?: boolean }>(
      'POST',
      `/v1/loans/${loan}/repayments`,
      {
        body: { amount, currency: 'INR', reference: payment, source },
        key: payment,
      },
    );
    const { state, result } = await kist.waitForRest<'loan.repay'>(job.id);
    if (state !== 'done' || !result) return state;
    if (expected === 'replayed') return 'replayed';
    if (result.outcome === 'refused') return `refused/${result.code}`;
    return result.loan_state === 'closed' ? 'closed' : 'repaid';
  } catch (error) {
    return refusalOf(error);
  }
}

/** Waits until the tenant has no job left that is neither done nor dead, held or cancelled. */
export async function untilAtRest(kist: Client): Promise<void> {
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    // The newest one: when it rests, most of the others do.
    const [job] = await kist.list({ state: 'pending', limit: 1 });
    if (!job) return;
    await kist.waitForRest(job.id);
  }
  throw new Error(`New jobs still come after ${ROUNDS_MAX} rounds of waiting.`);
}
