import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../src/calendar/clock.ts';
import type { Client } from '../src/client/client.ts';
import type { Pool } from '../src/db/pools.ts';
import { inTenant } from '../src/db/transaction.ts';
import { toDecimal } from '../src/ledger/money.ts';
import { minorText } from '../src/loans/schedule.ts';
import type { Pace } from '../src/payments/services.ts';
import type { Gateway } from '../src/sandbox/gateway/gateway.ts';
import { type GatewayOptions, SANDBOX_ACCOUNT } from '../src/sandbox/gateway/settings.ts';
import { TENANT } from './identities.ts';
import { progress } from './progress.ts';
import type { ApplicationLine } from './read-csv.ts';
import { together } from './together.ts';

const REQUESTS_AT_ONCE = 16;
const WEBHOOK_SECRET_BYTES = 24;

/** Those that docs/payments.md names, as far as the demo brings them about. */
const EVENTS = [
  ...['initiated', 'processed', 'updated', 'failed', 'reversed'].map((event) => `payout.${event}`),
  ...['payment.authorized', 'payment.captured', 'payment.failed', 'order.paid'],
];

/** The demo lives through months in a minute; what waits minutes outside waits moments here. */
export const PAYMENT_PACE: Pace = {
  replays_ms: [50, 50, 100],
  lookups_ms: [100, 200, 400, 400],
  away_ms: 100,
  locked_out_ms: 200,
  again_ms: 200,
  checks_ms: [100, 200, 400, 800, 1_600],
  strangers_ms: [100, 200, 400],
};

/**
 * What goes wrong at the gateway: each of these befalls whatever comes next. The last three are wrong lines in what
 * it says of settlements.
 * @param file where it keeps its state, so that the second run meets the gateway of the first
 */
export function gatewayOptions(clock: Clock, file: string): GatewayOptions {
  const script = [
    { fault: 'commit-then-500', call: 'payout.create', times: 3 },
    { fault: 'commit-then-reset', call: 'payout.create', times: 2 },
    { fault: 'error-500', call: 'payout.create', times: 2 },
    { fault: 'rate-limited', call: 'payout.create', times: 3 },
    { fault: 'webhook-first', call: 'payout.create', times: 3 },
    { fault: 'failed', reason: 'beneficiary_bank_offline', times: 2 },
    { fault: 'failed', reason: 'bank_account_closed' },
    { fault: 'processed-reversed', days: 2 },
    { fault: 'slow-processed', days: 2, times: 4 },
    { fault: 'duplicate', times: 10 },
    { fault: 'swapped', times: 5 },
    { fault: 'missing', times: 5 },
    { fault: 'forged', times: 3 },
    { fault: 'fee-off' },
    { fault: 'row-missing' },
    { fault: 'adjustment' },
  ] as const;
  return {
    file,
    now: () => clock.now(),
    faults: { script: script.map((fault) => ({ subject: '*', ...fault })) },
  };
}

/** Tells Kist of the lender's account with the gateway, and the gateway where its events go. */
export async function openGateway(treasury: Client, gateway: Gateway, url: string): Promise<void> {
  const { key_id, key_secret, account_number } = SANDBOX_ACCOUNT;
  const webhook_secret = randomBytes(WEBHOOK_SECRET_BYTES).toString('hex');
  await treasury.request('PUT', '/v1/gateways/razorpay', {
    body: { key_id, key_secret, account_number, webhook_secret },
    repeatable: true,
  });
  gateway.setWebhook({
    ...{ url: `${url}/v1/webhooks/razorpay/${TENANT}`, secret: webhook_secret, events: EVENTS },
  });
}

/** Says where each applicant is to be paid. */
export async function addBankAccounts(kist: Client, lines: readonly ApplicationLine[]): Promise<void> {
  const people = new Map(lines.map((line) => [line.applicant, line]));
  const bar = progress('Bank accounts', people.size);
  await together([...people.values()], REQUESTS_AT_ONCE, async ({ applicant, name }) => {
    const digits = BigInt(`0x${createHash('sha256').update(applicant).digest('hex').slice(0, 12)}`);
    await kist.request('POST', `/v1/borrowers/${encodeURIComponent(applicant)}/bank-accounts`, {
      body: {
        holder: asTheBankHasIt(name),
        ifsc: 'HDFC0000123',
        account_number: digits.toString().padStart(15, '5'),
      },
      repeatable: true,
    });
    bar.step();
  });
  bar.end();
}

/** Some applicants are called what no bank would write down. */
function asTheBankHasIt(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{M} .'-]/gu, ' ')
    .trim()
    .padEnd(3, '.');
}

const loanRow = z.object({ loan: z.string(), paid: z.string(), references: z.array(z.string()) });
const stateRow = z.object({ state: z.string(), count: z.number() });

/** Holds what the gateway truly paid against the books, loan by loan. */
export async function paidOut(pool: Pool, gateway: Gateway): Promise<{ message: string; wrong: string[] }> {
  const { states, loans, exceptions } = await inTenant(pool, TENANT, async (tx) => ({
    states: await tx.any(sql.type(stateRow)`
      SELECT state, count(*)::int4 AS count FROM payout WHERE tenant_id = ${TENANT}
      GROUP BY state ORDER BY count(*) DESC`),
    loans: await tx.any(sql.type(loanRow)`
      SELECT loan_id AS loan, coalesce(sum(amount) FILTER (WHERE state = 'succeeded'), 0) AS paid,
             array_agg(id::text) AS references
      FROM payout WHERE tenant_id = ${TENANT} AND loan_id IS NOT NULL
      GROUP BY loan_id`),
    exceptions: await tx.oneFirst(sql.type(z.object({ count: z.number() }))`
      SELECT count(*)::int4 AS count FROM payment_exception
      WHERE tenant_id = ${TENANT} AND resolved_at IS NULL`),
  }));
  const kept = new Map(gateway.paidOut().map((each) => [each.reference_id, each.kept]));
  // A gateway whose state was deleted has heard of nothing.
  const known = loans.filter(({ references }) => references.some((reference) => kept.has(reference)));
  const wrong = known.flatMap(({ loan, paid, references }) => {
    const paise = references.reduce((sum, reference) => sum + (kept.get(reference) ?? 0), 0);
    const truth = minorText(BigInt(paise));
    return toDecimal(truth).eq(toDecimal(paid))
      ? []
      : [`loan ${loan}: the gateway paid ${truth}, the books say ${paid}`];
  });
  const counts = states.map(({ state, count }) => `${count} ${state}`).join(', ');
  const message = `payouts: ${counts}; ${exceptions} before people; ${known.length} loans as the gateway paid them`;
  return { message, wrong };
}
