import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { inTenant } from '../../src/db/transaction.ts';
import { setGatewayAccount } from '../../src/payments/gateway/accounts.ts';
import { keyRingIn } from '../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { compared, inTurn, type Measure, type Plan } from '../measure.ts';
import { type Lender, openLender, TENANT } from '../portfolio.ts';
import { startChild, startServers } from '../servers.ts';

const SECRET = 'webhook-secret-of-the-bench';
const CONNECTIONS = 64;

/** Callbacks taken over HTTP, each checked, stored and its job accepted, against jobs accepted one by one. */
export async function receiveCallbacks(plan: Plan): Promise<Measure[]> {
  const servers = await startServers();
  const lender = await openLender(servers);
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-bench-key-'));
  const key_file = path.join(folder, 'key');
  const { databaseUrl, redisUrl } = servers;
  const settings = { KIST_SECRET_KEY: key_file };
  const api = await startChild('api', { databaseUrl, redisUrl, settings });
  const url = api.ready.url as string;
  const token = await lender.token();
  const load = async (task: { path: string; bodies: string[]; headers?: Record<string, string>[] }) => {
    const given = { url, token, connections: CONNECTIONS, jobs_per_request: 1, ...task };
    const child = await startChild<{ rate: number; refused: number }>('http-load', given);
    const { rate, refused } = await child.answer.finally(() => child.stop());
    if (refused > 0) throw new Error(`${refused} requests were refused.`);
    return rate;
  };
  try {
    await openAccount(lender, key_file);
    const callbacks = () => load({ path: `/v1/webhooks/razorpay/${TENANT}`, ...signedEvents(plan.jobs) });
    const singly = () => load({ path: '/v1/jobs/wallet.deposit', bodies: deposits(plan.jobs) });
    const { a, b } = await inTurn(plan.rounds, callbacks, singly);
    const against = { name: 'jobs accepted one by one', values: b };
    return [compared('callbacks-vs-accept-singly', 'callbacks/s', a, against, 0.5)];
  } finally {
    await api.stop();
    await lender.close();
    await servers.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openAccount({ pool }: Lender, key_file: string): Promise<void> {
  const box = createSecretBox(await keyRingIn(key_file));
  const wish = { tenant: TENANT, gateway: 'razorpay', actor: 'service:bench' };
  const account = { key_id: 'bench', key_secret: 'not-used-here', account_number: '2323230012345678' };
  await inTenant(pool, TENANT, (tx) =>
    setGatewayAccount(tx, box, wish, { ...account, webhook_secret: SECRET }),
  );
}

/** Each of another payout. */
function signedEvents(count: number): { bodies: string[]; headers: Record<string, string>[] } {
  const bodies = Array.from({ length: count }, () => payoutEvent());
  const headers = bodies.map((body) => ({
    'x-razorpay-event-id': randomUUID(),
    'x-razorpay-signature': createHmac('sha256', SECRET).update(body).digest('hex'),
  }));
  return { bodies, headers };
}

function payoutEvent(): string {
  const entity = {
    ...{ id: `pout_${uuidv7()}`, entity: 'payout', fund_account_id: 'fa_1', amount: 100_00, currency: 'INR' },
    ...{ notes: {}, fees: 590, tax: 90, status: 'processed', utr: '000000000001', mode: 'IMPS' },
    ...{ purpose: 'payout', reference_id: uuidv7(), narration: 'Loan disbursal', batch_id: null },
    ...{ status_details: null, created_at: 1_795_000_000 },
  };
  const envelope = {
    entity: 'event',
    account_id: 'acc_1',
    event: 'payout.processed',
    contains: ['payout'],
  };
  return JSON.stringify({ ...envelope, payload: { payout: { entity } }, created_at: 1_795_000_001 });
}

function deposits(count: number): string[] {
  const wallet = uuidv7();
  return Array.from({ length: count }, () =>
    JSON.stringify({ payload: { wallet, amount: '100.00', currency: 'INR', reference: uuidv7() } }),
  );
}
