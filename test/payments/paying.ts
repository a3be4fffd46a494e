import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import look from '../../jobs/payments.look.ts';
import sendPayout from '../../jobs/payments.payout.ts';
import retryPayout from '../../jobs/payments.retry-payout.ts';
import walletPayout from '../../jobs/wallet.payout.ts';
import { SteppedClock } from '../../src/calendar/clock.ts';
import type { Transaction } from '../../src/db/pools.ts';
import type { GatewayAccount } from '../../src/payments/gateway/gateway.ts';
import { createGateways } from '../../src/payments/gateway/gateways.ts';
import { LookDuty } from '../../src/payments/look-duty.ts';
import { type Move, movesOf } from '../../src/payments/moves.ts';
import { attemptsOf, type Payout } from '../../src/payments/payouts/rows.ts';
import type { Pace, Payments } from '../../src/payments/services.ts';
import type { JobDefinition, Services } from '../../src/runtime/definition.ts';
import type { RuntimeOptions } from '../../src/runtime/runtime.ts';
import type { JobView } from '../../src/runtime/types.ts';
import { NO_FAULTS } from '../../src/sandbox/faults.ts';
import { type GatewayOptions, SANDBOX_ACCOUNT } from '../../src/sandbox/gateway/settings.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type Books, NOON, openBooks } from '../ledger/books.ts';
import { quiet, type TestRuntime, testRuntime } from '../support/runtime.ts';

/** What takes minutes outside takes moments here. */
export const HASTY_PACE: Pace = {
  replays_ms: [20, 20, 20],
  lookups_ms: [20, 20, 20, 20],
  away_ms: 30,
  locked_out_ms: 30,
  again_ms: 20,
  checks_ms: Array(200).fill(20),
  strangers_ms: [10, 10],
};

export const PAYOUT_JOBS = [walletPayout, sendPayout, retryPayout, look] as unknown as JobDefinition[];

export const PAYING_ACCOUNT = {
  ...{ tenant: 'acme', gateway: 'razorpay' },
  ...SANDBOX_ACCOUNT,
} as GatewayAccount;

export interface Paying {
  system: TestRuntime;
  books: Books;
  sandbox: Sandbox;
  clock: SteppedClock;
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** A borrower with a bank account and a wallet that holds so much. @returns the wallet */
  borrower(holding: string, account?: { account_number?: string; ifsc?: string }): Promise<string>;
  /** Begins a payout of a wallet's money and waits until its job rests. */
  payOut(wallet: string, amount: string, reference?: string): Promise<{ job: JobView; payout: Payout }>;
  /** As payOut, but waits for nothing. @returns the payout's id */
  begin(wallet: string, amount: string, reference?: string): Promise<string>;
  payout(id: string): Promise<Payout>;
  /** All attempts of an instruction. */
  attempts(id: string): Promise<readonly Payout[]>;
  moves(id: string): Promise<readonly Move[]>;
  /** `from → to (evidence)` of every move. */
  story(id: string): Promise<string[]>;
  exceptions(): Promise<readonly string[]>;
  /** What stands on a control account. */
  standing(code: string): Promise<string>;
  close(): Promise<void>;
}

/** How the simulator at `url` is paid through. */
export function payingServices(
  url: string,
  account: () => GatewayAccount | null = () => PAYING_ACCOUNT,
): Services {
  const payments: Payments = {
    gateways: createGateways({ razorpay_url: url, timeout_ms: 500 }),
    account: async () => account(),
    pace: HASTY_PACE,
  };
  return { payments } as Services;
}

/** Real Postgres, the real carrier, the gateway's simulator over HTTP, and a worker. */
export async function openPaying(
  options: {
    gateway?: GatewayOptions;
    jobs?: JobDefinition[];
    runtime?: Partial<RuntimeOptions>;
    account?: () => GatewayAccount | null;
    /** Without a worker: who opened it starts one. */
    idle?: boolean;
  } = {},
): Promise<Paying> {
  const clock = new SteppedClock(NOON);
  const sandbox = await startSandbox({
    ...{ port: 0, faults: NO_FAULTS },
    gateway: {
      now: () => clock.now(),
      processing_ms_min: 0,
      processing_ms_max: 0,
      tick_ms: 5,
      ...options.gateway,
    },
  });
  const services = payingServices(sandbox.url, options.account);
  const system = await testRuntime([...PAYOUT_JOBS, ...(options.jobs ?? [])], {
    ...{ services, clock },
    duties: [(opened) => new LookDuty(opened, clock, quiet)],
    ...options.runtime,
  });
  const books = await openBooks(system.database);
  if (!options.idle) {
    await system.runtime.startWorkers();
    await system.runtime.startClock();
  }
  return {
    ...helpers({ system, books, clock, sandbox }),
    close: async () => {
      await system.close();
      await sandbox.stop();
    },
  };
}

/** A borrower with a wallet that holds so much, and a bank account. */
export async function openBorrower(
  books: Books,
  holding: string,
  { account_number = '1121431121541121', ifsc = 'HDFC0000001' } = {},
): Promise<{ wallet: string; bank_account: string }> {
  const wallet = await books.wallet('asha', holding);
  const bank_account = await books.run(async (tx) => {
    await tx.query(sql.unsafe`
      INSERT INTO borrower (tenant_id, id, reference, name, phone, date_of_birth, city)
      VALUES (current_tenant(), ${wallet}, ${wallet}, 'Asha Rao', '+919812345678', '1990-01-01', 'Pune')`);
    return tx.oneFirst(sql.type(z.object({ id: z.string() }))`
      INSERT INTO bank_account (tenant_id, borrower_id, holder, ifsc, account_number, added_by)
      VALUES (current_tenant(), ${wallet}, 'Asha Rao', ${ifsc}, ${account_number}, 'service:test')
      RETURNING id`);
  });
  return { wallet, bank_account };
}

type Opened = Pick<Paying, 'system' | 'books' | 'clock' | 'sandbox'>;

function helpers(opened: Opened): Omit<Paying, 'close'> {
  const { system, books } = opened;
  const { run } = books;
  const job = async (kind: string, key: string): Promise<JobView> =>
    system.rested((await system.runtime.list('acme', { kind, key, limit: 1 }))[0]!);
  const begin: Paying['begin'] = async (wallet, amount, reference = uuidv7()) => {
    const accepted = await system.accept('wallet.payout', { wallet, amount, currency: 'INR', reference });
    const { result } = await system.rested(accepted);
    const begun = result as { outcome: string; payout: string };
    if (begun.outcome !== 'begun') throw new Error(JSON.stringify(begun));
    return begun.payout;
  };
  const attempts = (id: string) => run((tx) => attemptsOf(tx, id));
  const payout = async (id: string) => (await attempts(id))[0]!;
  const moves = (id: string) => run((tx) => movesOf(tx, id));
  return {
    ...{ ...opened, run, begin, payout, attempts, moves },
    borrower: async (holding, account) => (await openBorrower(books, holding, account)).wallet,
    payOut: async (wallet, amount, reference) => {
      const id = await begin(wallet, amount, reference);
      return { job: await job('payments.payout', id), payout: await payout(id) };
    },
    story: async (id) =>
      (await moves(id)).map(
        ({ from_state, to_state, evidence }) => `${from_state} → ${to_state} (${evidence})`,
      ),
    exceptions: () =>
      run((tx) =>
        tx.anyFirst(sql.type(z.object({ code: z.string() }))`
          SELECT code FROM payment_exception WHERE resolved_at IS NULL ORDER BY raised_at, code`),
      ),
    standing: (code) =>
      run((tx) =>
        tx.oneFirst(sql.type(z.object({ standing: z.string() }))`
          SELECT coalesce(sum(CASE direction WHEN 'debit' THEN amount ELSE -amount END), 0)::numeric(20, 2) AS standing
          FROM entry e JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
          WHERE e.tenant_id = current_tenant() AND a.code = ${code}`),
      ),
  };
}
