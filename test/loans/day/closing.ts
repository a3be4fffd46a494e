import { verify } from 'node:crypto';
import disburse from '../../../jobs/loan.disburse.ts';
import { SteppedClock } from '../../../src/calendar/clock.ts';
import type { Sealer } from '../../../src/ledger/sealer.ts';
import type { DayReport } from '../../../src/loans/day/report.ts';
import type { Services } from '../../../src/runtime/definition.ts';
import { loadJobs } from '../../../src/runtime/registry.ts';
import type { RuntimeOptions } from '../../../src/runtime/runtime.ts';
import type { JobView } from '../../../src/runtime/types.ts';
import { JOBS_FOLDER } from '../../../src/system.ts';
import { NOON, testSealer } from '../../ledger/books.ts';
import { type TestRuntime, testRuntime } from '../../support/runtime.ts';
import { until } from '../../support/until.ts';
import { type Lender, type LoanWish, openLender } from '../lending.ts';

const registry = await loadJobs(JOBS_FOLDER);
const CLOSE_OF_DAY = registry.schedules.filter(({ name }) => name === 'close-of-day');

/** Lenders whose days are closed by workers, as in production; all on one clock. */
export interface Closing extends TestRuntime {
  clock: SteppedClock;
  sealer: Sealer;
  lenders: Record<string, Lender>;
  /** The first tenant's. */
  lender: Lender;
  /** Moves the clock to an instant and accepts the closes that are due. */
  evening(instant: string): Promise<void>;
  /** Waits until a day is closed. */
  closed(business_date: string, tenant?: string): Promise<DayRow>;
  day(business_date: string, tenant?: string): Promise<DayRow | undefined>;
  /** Opens loans and pays them out. @returns their ids */
  lend(loans: LoanWish[], tenant?: string): Promise<string[]>;
  job(kind: string, key: string, tenant?: string): Promise<JobView | undefined>;
}

export interface DayRow {
  business_date: string;
  state: string;
  chunks: number;
  chunks_done: number;
  /** The signed text, and what it says. */
  text: string;
  report: DayReport;
  key_id: string;
  signature: Buffer;
}

export interface ClosingOptions extends Partial<RuntimeOptions> {
  tenants?: string[];
  /** Every schedule of the release, not only the close of day. */
  all_schedules?: boolean;
  /** One of its own is made where none is given. */
  sealer?: Sealer;
  /** Where the clock stands at first. */
  start?: Date;
}

export async function openClosing(options: ClosingOptions = {}): Promise<Closing> {
  const {
    tenants = ['acme'],
    all_schedules = false,
    sealer = testSealer(),
    start = NOON,
    ...settings
  } = options;
  const clock = new SteppedClock(start);
  const world = await testRuntime([...registry.kinds.values()], {
    ...{ ...settings, tenants, clock, services: { sealer } as Services },
    schedules: all_schedules ? [...registry.schedules] : CLOSE_OF_DAY,
  });
  const lenders: Record<string, Lender> = {};
  for (const tenant of tenants) lenders[tenant] = await openLender(world.database, tenant, clock);
  const first = tenants[0]!;
  const day: Closing['day'] = async (business_date, tenant = first) => {
    const { rows } = await world.database.superuser(
      `SELECT business_date::text, state, chunks, chunks_done, report::text AS text, report, key_id, signature
       FROM business_day WHERE tenant_id = $1 AND business_date = $2`,
      [tenant, business_date],
    );
    return rows[0];
  };
  return {
    ...{ ...world, clock, sealer, lenders, lender: lenders[first]!, day },
    evening: async (instant) => {
      clock.moveTo(new Date(instant));
      await world.runtime.runSchedules();
    },
    closed: (business_date, tenant) =>
      until(`${business_date} is closed`, async () => {
        const row = await day(business_date, tenant);
        return row?.state === 'closed' ? row : undefined;
      }),
    lend: async (wishes, tenant = first) => {
      const lender = lenders[tenant]!;
      const loans = await lender.open(wishes);
      await lender.work(
        disburse,
        loans.map((loan) => ({ loan })),
      );
      return loans;
    },
    job: async (kind, key, tenant = first) => (await world.runtime.list(tenant, { kind, key, limit: 1 }))[0],
  };
}

/** Whether the sealer signed the report as it is stored. */
export function isSigned({ text, signature, key_id }: DayRow, sealer: Sealer): boolean {
  return key_id === sealer.key_id && verify(null, Buffer.from(text), sealer.public_key, signature);
}
