import { sql } from 'slonik';
import { z } from 'zod';
import checkJob from '../../../jobs/payments.check-bank-account.ts';
import reconcileJob from '../../../jobs/payments.reconcile.ts';
import { businessDateAt } from '../../../src/ledger/business-day.ts';
import { checksOf } from '../../../src/payments/account-checks/rows.ts';
import { type BankAccount, bankAccountOf } from '../../../src/payments/bank-accounts.ts';
import { movesOf } from '../../../src/payments/moves.ts';
import type { JobDefinition } from '../../../src/runtime/definition.ts';
import type { JobView } from '../../../src/runtime/types.ts';
import { SANDBOX_ACCOUNT } from '../../../src/sandbox/gateway/settings.ts';
import { until } from '../../support/until.ts';
import { openBorrower, openPaying, type Paying } from '../paying.ts';

/** How long the bank takes to answer, and a little more. */
const ANSWERED_MS = 10_000;
const DAY_MS = 86_400_000;

export interface Checking extends Paying {
  /** A borrower with a bank account of this number. */
  account(number: string): Promise<{ wallet: string; bank_account: string }>;
  /** Asks for a check as somebody, and waits for nothing. */
  ask(bank_account: string, wish?: { attempt?: number; as?: string; key?: string }): Promise<JobView>;
  /** As `ask`; the bank answers, and the job comes to rest. */
  check(bank_account: string, wish?: { attempt?: number; as?: string; key?: string }): Promise<JobView>;
  shown(bank_account: string): Promise<BankAccount>;
  checks(bank_account: string): ReturnType<typeof checksOf>;
  /** `from → to (evidence)` of every move of an account's last check. */
  storyOf(bank_account: string): Promise<string[]>;
  /** How often the gateway was asked to check an account, any. */
  asked(): number;
  /** What checks have cost at the gateway, whatever anybody was told. */
  spent(): string;
  /** Some time goes by, here and at the gateway. */
  pass(ms: number): void;
  /** The next business day's reconciliation. @returns its result */
  nextDay(): Promise<Record<string, unknown>>;
  /** What all journals about checks have moved, by account: debits above zero. */
  booked(): Promise<Record<string, string>>;
}

export async function openChecking(): Promise<Checking> {
  const paying = await openPaying({ jobs: [checkJob, reconcileJob] as unknown as JobDefinition[] });
  const { system, clock, run, sandbox } = paying;
  const checks: Checking['checks'] = (id) => run((tx) => checksOf(tx, id));
  const pass = (ms: number) => clock.moveTo(new Date(clock.now().getTime() + ms));
  const ask: Checking['ask'] = async (
    bank_account,
    { attempt = 1, as = 'service:origination', key } = {},
  ) => {
    const request = { kind: checkJob.kind, payload: { bank_account, attempt }, ...(key && { key }) };
    const [acceptance] = await system.runtime.submit('acme', as, [request]);
    if (acceptance!.status === 'refused') throw new Error(acceptance!.message);
    return acceptance!.job;
  };
  return {
    ...paying,
    ...{ ask, checks, pass },
    account: (account_number) => openBorrower(paying.books, '1000', { account_number }),
    check: async (bank_account, wish) => {
      const job = await ask(bank_account, wish);
      await until('the gateway has the check, or the job rests', async () => {
        const { state } = (await system.runtime.list('acme', { kind: job.kind, key: job.key, limit: 1 }))[0]!;
        return state !== 'pending' || (await checks(bank_account))[0]?.state === 'pending';
      });
      pass(ANSWERED_MS);
      return system.rested(job);
    },
    shown: async (id) => (await run((tx) => bankAccountOf(tx, id)))!,
    storyOf: async (bank_account) => {
      const [last] = await checks(bank_account);
      const moves = await run((tx) => movesOf(tx, last!.id));
      return moves.map(({ from_state, to_state, evidence }) => `${from_state} → ${to_state} (${evidence})`);
    },
    asked: () =>
      sandbox.gateway.log().filter(({ method, path }) => method === 'POST' && path.endsWith('/validations'))
        .length,
    spent: () => ((SANDBOX_ACCOUNT.opening_balance - sandbox.gateway.balance()) / 100).toFixed(2),
    nextDay: async () => {
      do pass(DAY_MS);
      while ([0, 6].includes(clock.now().getUTCDay()));
      const business_date = await run((tx) => businessDateAt(tx, 'acme', clock.now()));
      const job = await system.accept('payments.reconcile', { gateway: 'razorpay', business_date });
      return (await system.rested(job)).result as Record<string, unknown>;
    },
    booked: async () => {
      const rows = await run((tx) =>
        tx.any(sql.type(z.object({ code: z.string(), moved: z.string() }))`
          SELECT a.code, sum(CASE direction WHEN 'debit' THEN amount ELSE -amount END)::numeric(20, 2)::text AS moved
          FROM journal j JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
          JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
          WHERE j.tenant_id = current_tenant() AND j.kind LIKE 'account-check.%'
          GROUP BY a.code ORDER BY a.code`),
      );
      return Object.fromEntries(rows.map(({ code, moved }) => [code, moved]));
    },
  };
}
