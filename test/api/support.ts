import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { z } from 'zod';
import { type ApiOptions, buildApi } from '../../src/api/app.ts';
import { createGuard } from '../../src/approvals/guard.ts';
import { systemClock } from '../../src/calendar/clock.ts';
import type { Pool } from '../../src/db/pools.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { PLATFORM } from '../../src/identity/actor.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { generateServiceKeys } from '../../src/identity/keys.ts';
import { addOperator } from '../../src/identity/operators.ts';
import { addService } from '../../src/identity/services.ts';
import { signServiceToken } from '../../src/identity/sign.ts';
import { openChart } from '../../src/ledger/accounts.ts';
import { addProduct, STANDARD_PRODUCT } from '../../src/loans/products.ts';
import { createGateways } from '../../src/payments/gateway/gateways.ts';
import { defineAtomic, type JobDefinition, type Services } from '../../src/runtime/definition.ts';
import { Refuse } from '../../src/runtime/outcomes.ts';
import { loadJobs, Registry } from '../../src/runtime/registry.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { leaveMark, quiet, type TestRuntime, testRuntime } from '../support/runtime.ts';

/** A kind that Kist accepts only from itself. */
const inside = defineAtomic({
  kind: 'inside.only',
  queue: 'inside',
  summary: 'Not for callers.',
  payload: z.strictObject({}),
  result: z.strictObject({}),
  key: () => 'inside',
  public: false,
  run: async (_tx, jobs) => jobs.map(() => ({})),
});

/** A kind whose jobs always die. */
const doomed = defineAtomic({
  kind: 'doomed.run',
  queue: 'doomed',
  summary: 'Dies.',
  payload: z.strictObject({ name: z.string() }),
  result: z.strictObject({}),
  key: ({ name }) => name,
  run: async () => {
    throw new Refuse('doomed', 'It never had a chance.');
  },
});

const EVERYTHING = [
  ...[
    'jobs:*',
    'loans:*',
    'wallets:*',
    'ledger:*',
    'days:*',
    'switches:*',
    'approvals:*',
    'products:*',
    'policy:*',
    'events:*',
    'webhooks:*',
    'gateways:*',
    'bank-accounts:*',
    'borrowers:*',
    'payments:*',
    'notifications:*',
  ],
];
const APPROVING = [
  ...['loans:*', 'approvals:read', 'jobs:approve', 'ledger:approve', 'switches:approve', 'products:approve'],
  ...['policy:approve', 'payments:approve'],
];
/** Who may ask, by the name tests call them. */
const SERVICES = {
  all: { tenant: 'acme', scopes: EVERYTHING },
  approver: { tenant: 'acme', scopes: APPROVING },
  director: { tenant: 'acme', scopes: APPROVING },
  reader: { tenant: 'acme', scopes: ['jobs:read'] },
  globex: { tenant: 'globex', scopes: EVERYTHING },
} as const;
type ServiceName = keyof typeof SERVICES;

export const PASSWORD = 'correct horse battery staple';

/** Services of the tenants given, an operator of acme and one of the platform. @returns the services' tokens */
export async function addPeople(pool: Pool, tenants: string[]): Promise<Record<ServiceName, string>> {
  const keys = generateServiceKeys();
  const tokens: Partial<Record<ServiceName, string>> = {};
  for (const [name, { tenant, scopes }] of Object.entries(SERVICES)) {
    if (!tenants.includes(tenant)) continue;
    await addService(pool, { tenant, name, scopes, public_key: keys.publicKey });
    const token = await signServiceToken(keys.privateKey, { tenant, service: name });
    tokens[name as ServiceName] = `Bearer ${token}`;
  }
  const asha = { email: 'asha@acme.in', name: 'Asha', password: PASSWORD };
  await addOperator(pool, { tenant: 'acme', role: 'admin', ...asha });
  const nils = { email: 'nils@kist.example', name: 'Nils', password: PASSWORD };
  await addOperator(pool, { tenant: PLATFORM, role: 'operator', ...nils });
  return tokens as Record<ServiceName, string>;
}

export interface TestApi extends TestRuntime {
  app: FastifyInstance;
  /** What services put into their Authorization header. */
  tokens: Record<ServiceName, string>;
  /** Sends a request as the service that may do everything, or as another. */
  send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH',
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
}

/** The whole API on a database of its own; workers run only where asked for, or for the queues given. */
export async function testApi({
  workers = false,
  services,
  ...options
}: Partial<ApiOptions> & { workers?: boolean | string[]; services?: Services } = {}): Promise<TestApi> {
  const registry = await loadJobs('jobs');
  const definitions = [...registry.kinds.values(), leaveMark, inside, doomed] as JobDefinition[];
  const started = await testRuntime(definitions, {
    tenants: ['acme', 'globex'],
    guard: createGuard(new Registry(definitions), options.clock ?? systemClock),
    ...(options.clock ? { clock: options.clock } : {}),
    ...(services ? { services } : {}),
  });
  const { runtime, database } = started;
  for (const tenant of ['acme', 'globex']) {
    await inTenant(database.app, tenant, async (tx) => {
      await openChart(tx, tenant, 'INR');
      await addProduct(tx, STANDARD_PRODUCT);
    });
  }
  const tokens = await addPeople(database.app, ['acme', 'globex']);
  if (workers) await runtime.startWorkers(workers === true ? undefined : workers);
  const app = buildApi({
    runtime,
    identity: createIdentity({ pool: runtime.pool, log: quiet }),
    pool: runtime.pool,
    clock: systemClock,
    webhooks: await testWebhooks(),
    gateways: createGateways(),
    config: { KIST_TRUSTED_PROXIES: '', KIST_CREDIT_BACKLOG_MAX: 10_000 },
    log: quiet,
    ...options,
  });
  const send: TestApi['send'] = (method, url, body, headers = {}) => {
    const request: InjectOptions = { method, url, headers: { authorization: tokens.all, ...headers } };
    if (body !== undefined) request.payload = body as object;
    return app.inject(request);
  };
  return {
    ...started,
    app,
    tokens,
    send,
    close: async () => {
      await app.close();
      await started.close();
    },
  };
}
