import { pino } from 'pino';
import { nextBusinessDate } from '../../src/calendar/business-date.ts';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { businessDayAt } from '../../src/ledger/business-day.ts';
import { carryChunk } from '../../src/loans/day/chunk.ts';
import { duesOf } from '../../src/loans/dues.ts';
import { productRules } from '../../src/loans/product-rules.ts';
import { addProduct, STANDARD_PRODUCT } from '../../src/loans/products.ts';
import { takeRepayments } from '../../src/loans/repayment.ts';
import { loanOf, scheduleOf } from '../../src/loans/views.ts';
import { disburseOn, noon } from '../aged.ts';
import { type Measure, median, type Plan, round } from '../measure.ts';
import { type Lender, openLender, TENANT } from '../portfolio.ts';
import { startServers } from '../servers.ts';

const MONTHS = 36;
const DISBURSED_ON = '2026-01-05';
const AGE_DAYS = 700;
const DAYS_TIMED = 10;
/** Before them, for the compilers and caches on either side. */
const DAYS_WARMING = 10;
const CHUNK = 1_000;
const CALENDAR = { time_zone: 'Asia/Kolkata', holidays: new Set<string>() };
const ALL = {
  from_loan: '00000000-0000-0000-0000-000000000000',
  to_loan: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
};

/** Loans whose interest accrues day by day: every day writes something about each of them. */
const DAILY = {
  ...STANDARD_PRODUCT,
  code: 'daily',
  rules: productRules.parse({ accrual: { interest: 'daily' } }),
};

/** Loans that are lived with, every business day closed and every instalment paid on its date. */
class Portfolio {
  readonly #lender: Lender;
  readonly #loans: string[];
  readonly #clock = new SteppedClock(noon(DISBURSED_ON));
  #day = DISBURSED_ON;

  constructor(lender: Lender, loans: string[]) {
    this.#lender = lender;
    this.#loans = loans;
  }

  /** Lives through a business day. @returns how long its close took, in ms */
  async live(): Promise<number> {
    this.#day = nextBusinessDate(this.#day, CALENDAR);
    this.#clock.moveTo(noon(this.#day));
    const started = performance.now();
    await this.#close();
    const took_ms = performance.now() - started;
    await this.#pay();
    return took_ms;
  }

  get age_days(): number {
    return (Date.parse(this.#day) - Date.parse(DISBURSED_ON)) / 86_400_000;
  }

  async #close(): Promise<void> {
    await inTenant(this.#lender.pool, TENANT, async (tx) => {
      const posted_at = this.#clock.now();
      const desk = { tenant: TENANT, posted_at, day: await businessDayAt(tx, TENANT, posted_at) };
      const context = { accept: async () => {}, log: pino({ level: 'silent' }) };
      const { tally } = await carryChunk(tx, desk, context, { ...ALL, through: this.#day });
      if (tally.refused > 0) throw new Error(`${tally.refused} loans could not be carried.`);
    });
  }

  /** The wallets hold what was paid out, and pay from it what is due. */
  async #pay(): Promise<void> {
    const due = await inTenant(this.#lender.pool, TENANT, (tx) =>
      Promise.all(
        this.#loans.map(async (loan) => ({
          loan,
          dues: (await duesOf(tx, TENANT, loan, this.#clock.now()))!,
        })),
      ),
    );
    const payments = due
      .filter(({ dues }) => dues.total !== '0.00')
      .map(({ loan, dues }) => ({
        ...{ loan, amount: dues.total, currency: 'INR', source: 'collection' as const },
        reference: `${loan}/${this.#day}`,
      }));
    if (payments.length === 0) return;
    const context = { clock: this.#clock, accept: async () => {} };
    await inTenant(this.#lender.pool, TENANT, (tx) => takeRepayments(tx, TENANT, context, payments));
  }

  /** Reads every loan as the API does. @returns ms a loan */
  async read(): Promise<number> {
    const started = performance.now();
    for (const loan of this.#loans) {
      await inTenant(this.#lender.pool, TENANT, async (tx) => {
        await loanOf(tx, loan);
        await scheduleOf(tx, loan, this.#day);
        await duesOf(tx, TENANT, loan, this.#clock.now());
      });
    }
    return (performance.now() - started) / this.#loans.length;
  }
}

/** What closing a day, and reading a loan, costs on the first days of loans and on their 700th. */
export async function age(plan: Plan): Promise<Measure[]> {
  const count = Math.min(plan.loans_aged, CHUNK);
  const servers = await startServers();
  const lender = await openLender(servers);
  try {
    await inTenant(lender.pool, TENANT, (tx) => addProduct(tx, DAILY));
    const wish = { count, product: DAILY.code, months: MONTHS };
    const young = new Portfolio(lender, await disburseOn(lender.pool, DISBURSED_ON, wish));
    await servers.sql('VACUUM ANALYZE');
    await timed(DAYS_WARMING, () => young.live());
    const first = {
      closes: await timed(DAYS_TIMED, () => young.live()),
      reads: await timed(3, () => young.read()),
    };
    while (young.age_days < AGE_DAYS) await young.live();
    await servers.sql('VACUUM ANALYZE');
    const late = {
      closes: await timed(DAYS_TIMED, () => young.live()),
      reads: await timed(3, () => young.read()),
    };
    return [
      against('close-day-age', 'ms/1,000 loans', {
        ...{ target: 1.1, scale: 1_000 / count, early: first.closes, late: late.closes },
      }),
      against('read-loan-age', 'ms/loan', { target: 1.2, scale: 1, early: first.reads, late: late.reads }),
    ];
  } finally {
    await lender.close();
    await servers.stop();
  }
}

async function timed(times: number, work: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let time = 0; time < times; time += 1) values.push(await work());
  return values;
}

function against(
  name: string,
  unit: string,
  { early, late, scale, target }: { early: number[]; late: number[]; scale: number; target: number },
): Measure {
  return {
    ...{ name, unit, value: round(median(late) * scale) },
    against: { name: 'the first days of their lives', value: round(median(early) * scale) },
    ...{ ratio: round(median(late) / median(early)), target, higherIsBetter: false },
  };
}
