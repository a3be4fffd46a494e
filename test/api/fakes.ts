import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { type ApiOptions, buildApi } from '../../src/api/app.ts';
import { systemClock } from '../../src/calendar/clock.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { IdentityError } from '../../src/identity/errors.ts';
import type { Identity, Session } from '../../src/identity/identity.ts';
import { scopesOf } from '../../src/identity/roles.ts';
import { defineAtomic, type JobDefinition, type JobRequest } from '../../src/runtime/definition.ts';
import { createEvents } from '../../src/runtime/events.ts';
import { Registry } from '../../src/runtime/registry.ts';
import type { Acceptance, JobView, Runtime } from '../../src/runtime/types.ts';

/** Stand-ins until the runtime and identity are there; what they stand for is in their types. */
const amount = z.string().regex(/^\d{1,15}(\.\d{1,2})?$/);

export const transfer = defineAtomic({
  kind: 'wallet.transfer',
  queue: 'wallets',
  summary: 'Move money from one wallet to another',
  payload: z.strictObject({ from: z.uuid(), to: z.uuid(), amount }),
  result: z.strictObject({ outcome: z.literal('transferred') }),
  key: ({ from, to, amount }) => `${from}/${to}/${amount}`,
  moves_money: true,
  run: async (_tx, jobs) => jobs.map(() => ({ outcome: 'transferred' as const })),
});

const inside = defineAtomic({
  kind: 'ledger.seal',
  queue: 'ledger',
  summary: 'Seal the books',
  payload: z.strictObject({}),
  result: z.strictObject({ outcome: z.literal('sealed') }),
  key: () => 'seal',
  public: false,
  run: async (_tx, jobs) => jobs.map(() => ({ outcome: 'sealed' as const })),
});

export function fakeRuntime(): Runtime & { jobs: Map<string, JobView>; broken: Error | null } {
  const registry = new Registry([transfer, inside] as unknown as JobDefinition[]);
  const jobs = new Map<string, JobView & { payload: string }>();
  const accept = (tenant: string, actor: string, request: JobRequest): Acceptance => {
    const definition = registry.get(request.kind)!;
    const parsed = definition.payload.safeParse(request.payload);
    if (!parsed.success) {
      const issues = parsed.error.issues.map(({ path, message }) => ({
        pointer: `/${path.join('/')}`,
        message,
      }));
      return { status: 'refused', code: 'invalid-payload', message: 'The payload is wrong.', issues };
    }
    const key = request.key ?? definition.key(parsed.data);
    const payload = JSON.stringify(request.payload);
    const first = [...jobs.values()].find((job) => job.tenant === tenant && job.key === key);
    if (first && first.payload !== payload) {
      return { status: 'refused', code: 'idempotency-conflict', message: 'Another payload had this key.' };
    }
    if (first) return { status: 'replayed', job: first };
    const now = new Date();
    const job = {
      id: uuidv7(),
      tenant,
      kind: request.kind,
      queue: definition.queue,
      key,
      state: 'pending' as const,
      priority: request.priority ?? 0,
      attempt: 0,
      attempt_limit: 5,
      code: null,
      message: null,
      result: null,
      accepted_by: actor,
      accepted_at: now,
      run_at: request.run_at ?? now,
      rested_at: null,
      payload,
    };
    jobs.set(job.id, job);
    return { status: 'accepted', job };
  };
  const find = (tenant: string, id: string) => {
    const job = jobs.get(id);
    return job?.tenant === tenant ? job : null;
  };
  const fake = {
    registry,
    jobs,
    broken: null as Error | null,
    events: createEvents(),
    submit: async (tenant: string, actor: string, requests: JobRequest[]) => {
      if (fake.broken) throw fake.broken;
      return requests.map((request) => accept(tenant, actor, request));
    },
    find: async (tenant: string, id: string) => {
      if (fake.broken) throw fake.broken;
      return find(tenant, id);
    },
    attempts: async () => [],
    list: async (tenant: string, filter: { limit: number; after?: string }) =>
      [...jobs.values()]
        .filter((job) => job.tenant === tenant && (!filter.after || job.id < filter.after))
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, filter.limit),
    waitForRest: async (tenant: string, id: string) => find(tenant, id),
    cancel: async (tenant: string, id: string) => {
      const job = find(tenant, id);
      if (!job) return { done: false, code: 'not-found', message: 'There is no such job.' };
      if (job.state !== 'pending') return { done: false, code: 'illegal-transition', message: 'It rests.' };
      job.state = 'cancelled';
      return { done: true, job };
    },
    switches: async () => [],
    stop: async () => {},
  };
  return fake as unknown as Runtime & { jobs: Map<string, JobView>; broken: Error | null };
}

const actors: Record<string, Actor> = {
  all: { kind: 'service', name: 'los', tenant: 'acme', scopes: new Set(['jobs:*', 'switches:write']) },
  reader: { kind: 'service', name: 'report', tenant: 'acme', scopes: new Set(['jobs:read']) },
  globex: { kind: 'service', name: 'los', tenant: 'globex', scopes: new Set(['jobs:*']) },
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

export function fakeIdentity(): Identity {
  return {
    authenticateService: async (authorization: string | undefined) => {
      const actor = actors[authorization?.replace('Bearer ', '') ?? ''];
      if (!actor) throw new IdentityError('missing-token', 'No token.');
      return actor;
    },
    sessionOf: async (token: string | undefined) => {
      if (token !== 'asha') throw new IdentityError('no-session', 'There is no such session.');
      return session;
    },
  } as unknown as Identity;
}

export function fakeApi(more: Partial<ApiOptions> = {}) {
  const runtime = fakeRuntime();
  const app = buildApi({
    runtime,
    identity: fakeIdentity(),
    pool: {} as ApiOptions['pool'],
    clock: systemClock,
    config: { KIST_TRUSTED_PROXIES: '' },
    log: pino({ level: 'silent' }),
    ...more,
  });
  return { app, runtime };
}
