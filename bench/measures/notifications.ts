import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { inTenant } from '../../src/db/transaction.ts';
import { setProviderAccount } from '../../src/notifications/providers/accounts.ts';
import type { Provider } from '../../src/notifications/providers/provider.ts';
import { createProviders } from '../../src/notifications/providers/providers.ts';
import { jobsOf, notificationRequest } from '../../src/notifications/request.ts';
import type { JobRequest } from '../../src/runtime/definition.ts';
import { loadJobs } from '../../src/runtime/registry.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { keyRingIn } from '../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { JOBS_FOLDER } from '../../src/system.ts';
import { compared, inTurn, type Measure, type Plan } from '../measure.ts';
import { acceptJobs, type Lender, openLender, TENANT } from '../portfolio.ts';
import { type Servers, startChild, startServers } from '../servers.ts';

const CONNECTIONS = 64;
/** A round of taking is a second long: of one alone, the noise is greater than what is looked for. */
const TAKING_ROUNDS_MIN = 5;
/** How far away providers are, and how many calls a worker process has under way by a channel. */
const LATENCY_MS = 50;
const CALLS = 8;
const QUEUE = 'notifications-email';

const LENDERS = 1_000;
const FAILING = 'lender-0';
/** While lenders send this many a second between them, the one that fails sends so many besides. */
const PER_SECOND = 60;
const FAILING_PER_SECOND = 10;

/** Notifications taken over HTTP, against jobs accepted one by one. */
export async function acceptNotifications(plan: Plan): Promise<Measure[]> {
  const servers = await startServers();
  const lender = await openLender(servers);
  const { databaseUrl, redisUrl } = servers;
  const api = await startChild('api', { databaseUrl, redisUrl });
  const url = api.ready.url as string;
  const token = await lender.token();
  const count = plan.jobs * 2;
  const load = async (route: string, bodies: string[]) => {
    const given = { url, token, connections: CONNECTIONS, jobs_per_request: 1, path: route, bodies };
    const child = await startChild<{ rate: number; refused: number }>('http-load', given);
    const { rate, refused } = await child.answer.finally(() => child.stop());
    if (refused > 0) throw new Error(`${refused} requests were refused.`);
    return rate;
  };
  try {
    const notify = () => load('/v1/notifications', Array.from({ length: count }, requestBody));
    const singly = () => load('/v1/jobs/wallet.deposit', Array.from({ length: count }, depositBody));
    // A process that has just begun takes half as many; whoever came second would gain by it.
    await notify();
    await singly();
    const { a, b } = await inTurn(Math.max(plan.rounds, TAKING_ROUNDS_MIN), notify, singly);
    const against = { name: 'jobs accepted one by one', values: b };
    return [compared('notify-vs-accept-singly', 'requests/s', a, against, 0.9)];
  } finally {
    await api.stop();
    await lender.close();
    await servers.stop();
  }
}

function request() {
  const recipient = { email: `borrower-${uuidv7()}@example.com` };
  const content = { email: { subject: 'Your instalment', text: 'Your instalment is due on Friday.' } };
  return { type: 'EMAIL', recipient, content, ordering: 'none' };
}

function requestBody(): string {
  return JSON.stringify(request());
}

function depositBody(): string {
  return JSON.stringify({
    payload: { wallet: uuidv7(), amount: '100.00', currency: 'INR', reference: uuidv7() },
  });
}

function jobs(count: number): JobRequest[] {
  return Array.from({ length: count }, () => jobsOf(uuidv7(), notificationRequest.parse(request()))).flat();
}

/** Mails from the queue, against what the provider's distance alone allows. */
export async function sendNotifications(plan: Plan): Promise<Measure[]> {
  return withProviders([TENANT], null, async ({ servers, settings }) => {
    const rates: number[] = [];
    for (let round = 0; round < plan.rounds; round += 1) {
      const { databaseUrl, redisUrl } = servers;
      const expected = Math.ceil(plan.jobs / 2);
      await acceptJobs(servers, redisUrl, jobs(expected));
      const worker = await startChild<{ rate: number }>('worker', {
        ...{ databaseUrl, redisUrl, settings, expected, queue: QUEUE },
      });
      rates.push((await worker.answer.finally(() => worker.stop())).rate);
    }
    const values = rates.map(() => (CALLS * 1_000) / LATENCY_MS);
    const ideal = { name: `${CALLS} calls at once ÷ ${LATENCY_MS} ms`, values };
    return [compared('notices-vs-distance', 'mails/s', rates, ideal, 0.9)];
  });
}

/** How long the mails of a thousand lenders take while one of them only fails, against none failing. */
export async function fairNotifications(plan: Plan): Promise<Measure[]> {
  const lenders = Array.from({ length: LENDERS }, (_, index) => `lender-${index}`);
  const run = (failing: string | null) =>
    withProviders(lenders, failing, (world) => oneFairRound(world, plan.latency_seconds * 2));
  const { a: sick, b: well } = await inTurn(
    plan.rounds,
    () => run(FAILING),
    () => run(null),
  );
  const against = { name: 'p99 with none failing', values: well.map(({ p99_ms }) => p99_ms) };
  const fair = compared(
    'notices-beside-failing',
    'ms p99',
    sick.map(({ p99_ms }) => p99_ms),
    against,
    1.2,
  );
  const memory = compared(
    'notices-worker-memory',
    'MB',
    sick.map(({ memory_mb }) => memory_mb),
    { name: 'MB allowed', values: sick.map(() => 250) },
    1,
  );
  return [
    { ...fair, higherIsBetter: false },
    { ...memory, higherIsBetter: false },
  ];
}

interface World {
  servers: Servers;
  settings: Record<string, string>;
}

async function withProviders<T>(
  lenders: string[],
  failing: string | null,
  work: (world: World) => Promise<T>,
): Promise<T> {
  const servers = await startServers();
  const lender = await openLender(servers);
  const providers = await startChild('notices', { delay_ms: LATENCY_MS, lenders, failing });
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-bench-key-'));
  const key_file = path.join(folder, 'key');
  try {
    await servers.sql(
      'INSERT INTO tenant (tenant_id, name) SELECT id, id FROM unnest($1::text[]) AS t (id) ON CONFLICT DO NOTHING',
      [lenders],
    );
    await openAccounts(lender, key_file, lenders, providers.ready.keys as string[]);
    const settings = {
      KIST_BREVO_URL: providers.ready.url as string,
      KIST_SECRET_KEY: key_file,
      KIST_NOTIFICATION_CALLS: String(CALLS),
    };
    return await work({ servers, settings });
  } finally {
    await providers.stop();
    await lender.close();
    await servers.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openAccounts(
  { pool }: Lender,
  key_file: string,
  lenders: string[],
  keys: string[],
): Promise<void> {
  const box = createSecretBox(await keyRingIn(key_file));
  const brevo = createProviders().email.get('brevo') as Provider;
  for (const [index, tenant] of lenders.entries()) {
    const credentials = { api_key: keys[index], sender: { email: 'post@lender.example' } };
    const account = { channel: 'email', provider: 'brevo' } as const;
    const wish = { tenant, ...account, actor: 'service:bench', now: new Date() };
    await inTenant(pool, tenant, (tx) => setProviderAccount(tx, box, wish, brevo, { credentials }));
  }
}

async function oneFairRound(
  { servers, settings }: World,
  seconds: number,
): Promise<{ p99_ms: number; memory_mb: number }> {
  const { databaseUrl, redisUrl } = servers;
  const expected = PER_SECOND * seconds;
  const worker = await startChild<{ p99_ms: number; memory_mb: number }>('worker', {
    ...{ databaseUrl, redisUrl, settings, expected, queue: QUEUE, except: FAILING },
  });
  const runtime = await createRuntime({
    ...{ databaseUrl, redisUrl: redisUrl ?? undefined, sweep_after_ms: 600_000 },
    ...{ registry: await loadJobs(JOBS_FOLDER), log: pino({ level: 'silent' }) },
  });
  try {
    await submitSteadily(runtime, expected);
    return await worker.answer;
  } finally {
    await runtime.stop();
    await worker.stop();
  }
}

/** Lender after lender, evenly over the time; beside them the one that may be failing. */
async function submitSteadily(runtime: Runtime, count: number): Promise<void> {
  const began = performance.now();
  for (let index = 0; index < count; index += 1) {
    const due_ms = began + (index * 1_000) / PER_SECOND;
    if (due_ms > performance.now()) await pause(due_ms - performance.now());
    const tenants = [`lender-${1 + (index % (LENDERS - 1))}`];
    if (index % (PER_SECOND / FAILING_PER_SECOND) === 0) tenants.push(FAILING);
    await Promise.all(tenants.map((tenant) => runtime.submit(tenant, 'service:bench', jobs(1))));
  }
}
