import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { type ApiOptions, buildApi } from '../../src/api/app.ts';
import { systemClock } from '../../src/calendar/clock.ts';
import { inTenant } from '../../src/db/transaction.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { IdentityError } from '../../src/identity/errors.ts';
import type { Identity, Session } from '../../src/identity/identity.ts';
import { scopesOf } from '../../src/identity/roles.ts';
import { openChart } from '../../src/ledger/accounts.ts';
import { defineAtomic, type JobDefinition } from '../../src/runtime/definition.ts';
import { Refuse } from '../../src/runtime/outcomes.ts';
import { loadJobs } from '../../src/runtime/registry.ts';
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

const scopes = new Set(['jobs:*', 'loans:*', 'wallets:*', 'ledger:*', 'switches:*']);
const services: Record<string, Actor> = {
  all: { kind: 'service', name: 'los', tenant: 'acme', scopes },
  reader: { kind: 'service', name: 'report', tenant: 'acme', scopes: new Set(['jobs:read']) },
  globex: { kind: 'service', name: 'los', tenant: 'globex', scopes },
};

const session: Session = {
  actor: {
    kind: 'operator',
    name: 'asha@acme.in',
    tenant: 'acme',
    role: 'admin',
    scopes: scopesOf('admin', 'acme'),
  },
  operator_id: uuidv7(),
  display_name: 'Asha',
  created_at: new Date(),
  expires_at: new Date(Date.now() + 3_600_000),
  csrf_token: 'the-token-of-this-session',
};

function identityOfTests(): Identity {
  return {
    authenticateService: async (authorization: string | undefined) => {
      const actor = services[authorization?.replace('Bearer ', '') ?? ''];
      if (!actor) throw new IdentityError('missing-token', 'No token.');
      return actor;
    },
    sessionOf: async (token: string | undefined) => {
      if (token !== 'asha') throw new IdentityError('no-session', 'There is no such session.');
      return session;
    },
  } as unknown as Identity;
}

export interface TestApi extends TestRuntime {
  app: FastifyInstance;
  /** Sends a request as the service that may do everything, or as another. */
  send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH',
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
}

/** The whole API on a database of its own; workers run only where asked for. */
export async function testApi(options: Partial<ApiOptions> & { workers?: boolean } = {}): Promise<TestApi> {
  const registry = await loadJobs('jobs');
  const definitions = [...registry.kinds.values(), leaveMark, inside, doomed] as JobDefinition[];
  const started = await testRuntime(definitions, { tenants: ['acme', 'globex'] });
  const { runtime, database } = started;
  for (const tenant of ['acme', 'globex']) {
    await inTenant(database.app, tenant, (tx) => openChart(tx, tenant, 'INR'));
  }
  if (options.workers) await runtime.startWorkers();
  const app = buildApi({
    runtime,
    identity: identityOfTests(),
    pool: runtime.pool,
    clock: systemClock,
    config: { KIST_TRUSTED_PROXIES: '' },
    log: quiet,
    ...options,
  });
  const send: TestApi['send'] = (method, url, body, headers = {}) => {
    const request: InjectOptions = { method, url, headers: { authorization: 'Bearer all', ...headers } };
    if (body !== undefined) request.payload = body as object;
    return app.inject(request);
  };
  return {
    ...started,
    app,
    send,
    close: async () => {
      await app.close();
      await started.close();
    },
  };
}
