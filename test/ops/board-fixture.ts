import { fastify } from 'fastify';
import { pino } from 'pino';
import { type BoardAudit, mountBoard } from '../../src/ops/board.ts';
import { ACT, LOOK, type OperatorSession } from '../../src/ops/gate.ts';
import type { Runtime } from '../../src/runtime/types.ts';

const person = (name: string, tenant: string, scopes: string[]): OperatorSession => ({
  actor: { kind: 'operator', name, tenant, scopes: new Set(scopes) },
  csrf_token: `csrf-of-${name}`,
});

/** Who is logged in, by what their cookie says. */
export const people: Record<string, OperatorSession> = {
  asha: person('asha', 'platform', [LOOK, ACT]),
  vikram: person('vikram', 'platform', [LOOK]),
  tom: person('tom', 'acme', ['jobs:read', 'jobs:operate']),
};

/** A board over a carrier's queues, with three people who may come. */
export function boardOver({ runtime }: { runtime: Pick<Runtime, 'carrierQueues'> }) {
  const audit: BoardAudit[] = [];
  const app = fastify();
  mountBoard(app, {
    runtime,
    sessionOf: async (request) => people[/who=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''] ?? null,
    clientIpOf: (request) => request.ip,
    recordAudit: async (rows) => {
      audit.push(...rows);
    },
    redactText: (text) => text.replace(/[\w.]+@\w+\.\w+/g, '[e-mail]'),
    environment: { label: 'test', color: '#0f6b5c' },
    log: pino({ level: 'silent' }),
  });
  const ask = (who: string | null, method: 'GET' | 'PUT' | 'POST' | 'PATCH', path: string, headers = {}) =>
    app.inject({
      method,
      url: `/board${path}`,
      headers: { ...(who ? { cookie: `who=${who}` } : {}), ...headers },
      ...(method === 'GET' ? {} : { payload: {} }),
    });
  return { app, audit, ask, act: (who: string, path: string) => ask(who, 'PUT', path, tokenOf(who)) };
}

export function tokenOf(who: string) {
  return { 'x-xsrf-token': people[who]!.csrf_token, 'sec-fetch-site': 'same-origin' };
}
