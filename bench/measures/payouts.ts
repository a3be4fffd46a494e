import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { systemClock } from '../../src/calendar/clock.ts';
import type { Transaction } from '../../src/db/pools.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { controlAccounts } from '../../src/ledger/accounts.ts';
import { businessDateAt } from '../../src/ledger/business-day.ts';
import { toDecimal } from '../../src/ledger/money.ts';
import { post } from '../../src/ledger/post.ts';
import { addBankAccount } from '../../src/payments/bank-accounts.ts';
import { setGatewayAccount } from '../../src/payments/gateway/accounts.ts';
import { beginPayouts } from '../../src/payments/payouts/begin.ts';
import type { JobRequest } from '../../src/runtime/definition.ts';
import { keyRingIn } from '../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { openWallet } from '../../src/wallets/wallets.ts';
import type { Measure, Plan } from '../measure.ts';
import { busyShare, compared, cpuTimes, median, round } from '../measure.ts';
import { acceptJobs, type Lender, openLender, TENANT } from '../portfolio.ts';
import { type Servers, startChild, startServers } from '../servers.ts';

/** How far away the gateway is. */
const LATENCY_MS = 50;
/**
 * How many calls a worker process has under way: so many that the gateway's distance is the limit, and twice as
 * many, where two cores are.
 */
const CALLS = [
  { calls: 4, name: 'payouts-vs-distance', target: 0.9 },
  { calls: 8, name: 'payouts-at-twice-the-calls', target: null },
] as const;
const AMOUNT = '100.00';
const WALLETS = 200;

/** Payouts from the queue, against what the gateway's distance alone allows. */
export async function payOut(plan: Plan): Promise<Measure[]> {
  const servers = await startServers();
  const lender = await openLender(servers);
  const gateway = await startChild('sandbox', { delay_ms: LATENCY_MS });
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-bench-key-'));
  try {
    const key_file = path.join(folder, 'key');
    await openGateway(lender, key_file, gateway.ready);
    const settings = { KIST_RAZORPAY_URL: gateway.ready.url as string, KIST_SECRET_KEY: key_file };
    const count = Math.ceil(plan.jobs / 4);
    // Makes the beneficiaries known.
    await oneRound(servers, lender, settings, WALLETS);
    const rounds = CALLS.map(() => [] as Round[]);
    for (let taken = 0; taken < plan.rounds; taken += 1) {
      for (const [place, { calls }] of CALLS.entries()) {
        const own = { ...settings, KIST_GATEWAY_CALLS: String(calls) };
        rounds[place]!.push(await oneRound(servers, lender, own, count));
      }
    }
    return CALLS.map((which, place) => measureOf(which, rounds[place]!));
  } finally {
    await gateway.stop();
    await lender.close();
    await servers.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function measureOf({ calls, name, target }: (typeof CALLS)[number], rounds: Round[]): Measure {
  const busy = round(100 * median(rounds.map((each) => each.busy)));
  const ideal = {
    name: `${calls} calls at once ÷ ${LATENCY_MS} ms, the CPU ${busy} % busy`,
    values: rounds.map(() => (calls * 1_000) / LATENCY_MS),
  };
  const rates = rounds.map(({ rate }) => rate);
  return compared(name, 'payouts/s', rates, ideal, target);
}

async function openGateway(
  lender: Lender,
  key_file: string,
  account: Record<string, unknown>,
): Promise<void> {
  const box = createSecretBox(await keyRingIn(key_file));
  const { key_id, key_secret, account_number } = account as Record<string, string>;
  await inTenant(lender.pool, TENANT, (tx) =>
    setGatewayAccount(
      tx,
      box,
      { tenant: TENANT, gateway: 'razorpay', actor: 'service:bench' },
      {
        key_id: key_id!,
        key_secret: key_secret!,
        account_number: account_number!,
        webhook_secret: 'not-used-here',
      },
    ),
  );
}

interface Round {
  rate: number;
  /** The share of the machine's CPU that was in use, by whomever. */
  busy: number;
}

async function oneRound(
  servers: Servers,
  lender: Lender,
  settings: Record<string, string>,
  count: number,
): Promise<Round> {
  const { databaseUrl, redisUrl } = servers;
  await acceptJobs(servers, redisUrl, await begin(lender, count));
  const worker = await startChild<{ rate: number }>('worker', {
    ...{ databaseUrl, redisUrl, settings, expected: count, queue: 'payouts' },
  });
  try {
    const before = cpuTimes();
    const { rate } = await worker.answer;
    return { rate, busy: busyShare(before, cpuTimes()) };
  } finally {
    await worker.stop();
  }
}

interface Borrower {
  wallet: string;
  bank_account: string;
}
let borrowers: Borrower[] = [];

/** Takes the money out of wallets. @returns the jobs that pay it, accepted by nobody yet */
async function begin(lender: Lender, count: number): Promise<JobRequest[]> {
  const jobs: JobRequest[] = [];
  await inTenant(lender.pool, TENANT, async (tx) => {
    if (borrowers.length === 0) borrowers = await openBorrowers(tx);
    await fund(tx, (Number(AMOUNT) * Math.ceil(count / WALLETS)).toFixed(2));
    const way = { mode: 'IMPS', gateway: 'razorpay', purpose: 'withdrawal', loan: null } as const;
    const wishes = Array.from({ length: count }, (_, index) => ({
      ...{ ...borrowers[index % WALLETS]!, ...way },
      ...{ amount: AMOUNT, currency: 'INR', reference: uuidv7() },
    }));
    const accept = async (requests: JobRequest[]) => jobs.push(...requests);
    await beginPayouts(tx, { tenant: TENANT, clock: systemClock, accept }, wishes);
  });
  return jobs;
}

async function openBorrowers(tx: Transaction): Promise<Borrower[]> {
  const opened: Borrower[] = [];
  for (let index = 0; index < WALLETS; index += 1) {
    const wallet = uuidv7();
    await openWallet(tx, { id: wallet, owner: `bench-${index}`, currency: 'INR' });
    await tx.query(sql.unsafe`
      INSERT INTO borrower (tenant_id, id, reference, name, phone, date_of_birth, city)
      VALUES (current_tenant(), ${wallet}, ${wallet}, 'Asha Rao', '+919812345678', '1990-01-01', 'Pune')`);
    const account_number = String(112_143_112_154_000 + index);
    const request = { holder: 'Asha Rao', ifsc: 'HDFC0000001', account_number };
    const { account } = await addBankAccount(tx, { borrower: wallet, actor: 'service:bench' }, request);
    opened.push({ wallet, bank_account: account.id });
  }
  return opened;
}

/** Puts so much into every wallet. */
async function fund(tx: Transaction, amount: string): Promise<void> {
  const posted_at = systemClock.now();
  const business_date = await businessDateAt(tx, TENANT, posted_at);
  const { bank } = await controlAccounts(tx, TENANT);
  const money = { amount: toDecimal(amount), currency: 'INR' };
  await post(
    tx,
    borrowers.map(({ wallet }) => {
      const id = uuidv7();
      return {
        ...{ id, stream: wallet, kind: 'bench.fund', key: id, posted_at, business_date },
        entries: [
          { account: bank, direction: 'debit' as const, ...money },
          { account: wallet, direction: 'credit' as const, ...money },
        ],
      };
    }),
  );
}
