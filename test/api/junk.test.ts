import fc from 'fast-check';
import type { HTTPMethods, InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApi } from './support.ts';

const RUNS_PER_ROUTE = 60;
const api = await testApi();
afterAll(() => api.close());

interface Route {
  method: HTTPMethods;
  path: string;
}
let routes: Route[] = [];
beforeAll(async () => {
  const document = (await api.app.inject({ url: '/openapi.json' })).json();
  routes = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase() as HTTPMethods, path })),
  );
  routes.push(
    ...['/login', '/logout', '/logout-everywhere', '/console/approvals/{id}', '/console/templates'].map(
      (path) => ({
        method: 'POST' as const,
        path,
      }),
    ),
    ...[
      '/',
      '/login',
      '/docs/errors',
      '/openapi.json',
      '/console/approvals',
      '/console/approvals/{id}',
      '/console/templates',
    ].map((path) => ({ method: 'GET' as const, path })),
    { method: 'POST', path: '/v1/jobs/{id}' },
  );
});

const ID = '018f0000-0000-7000-8000-000000000001';
const asUrlText = (value: unknown) =>
  encodeURIComponent((typeof value === 'object' ? JSON.stringify(value) : String(value)).toWellFormed());

const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      '',
      ' ',
      '\0',
      'a\0b',
      '\ud800',
      'x\udfff',
      'x'.repeat(5_000),
      '__proto__',
      '💸',
      "'; DROP TABLE job; --",
    ],
    ...[
      '1e400',
      'NaN',
      'Infinity',
      '-1',
      '0',
      '0.000000000000000001',
      '1e3',
      '1,000',
      '１０',
      '9'.repeat(40),
    ],
    ...[-1, 0, 1e308, 5e-324, 0.1, Number.MAX_SAFE_INTEGER + 2, 2 ** 31, true, null],
    ...[
      [],
      {},
      [[]],
      { __proto__: null, a: 1 },
      '9999-12-31T23:59:59Z',
      '0000-01-01T00:00:00Z',
      '2026-02-30',
    ],
    ...['00000000-0000-0000-0000-000000000000', ID, 'no-id', '*', '../../etc/passwd', '%00', '{id}'],
  ),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.jsonValue(),
);

/** Bodies that are nearly right: what the routes ask for, with some fields gone wrong. */
const right: Record<string, unknown>[] = [
  { payload: { name: 'x' }, priority: 1, run_at: '2030-01-01T00:00:00Z' },
  { jobs: [{ kind: 'mark.leave', payload: { name: 'x' }, key: 'k' }] },
  { payload: { from: ID, to: ID, amount: '1.00', currency: 'INR', reference: 'r' } },
  { payload: { wallet: ID, amount: '1.00', currency: 'INR', reference: 'r' } },
  { payload: { loan: ID, amount: '1.00', currency: 'INR', reference: 'r', source: 'wallet' } },
  { payload: { loan: ID } },
  { payload: { application: ID } },
  { from: ID, to: ID, amount: '1.00', currency: 'INR', reference: 'r' },
  { amount: '1.00', currency: 'INR', reference: 'r', source: 'wallet' },
  { id: ID, owner: 'o', currency: 'INR' },
  { reason: 'r' },
  { hash: '0'.repeat(64), reason: 'r' },
  { action: 'policy.change', request: { set: { expires_after_hours: 1 } }, reason: 'r' },
  { action: 'journal.reverse', request: { journal: ID } },
  {
    reference: 'r',
    product: 'personal-loan',
    applicant: { reference: 'p', name: 'n', phone: '+919812345678', date_of_birth: '1990-05-01', city: 'c' },
    amount: '50000.00',
    tenure_months: 12,
    monthly_income: '60000',
    monthly_obligations: '0',
  },
];

type Spoil = { place: number; value: unknown; depth: number };

/** Replaces, adds or removes one field, at some depth. */
function spoiled(body: unknown, { place, value, depth }: Spoil): unknown {
  if (typeof body !== 'object' || body === null) return value;
  if (Array.isArray(body)) return body.length === 0 ? [value] : [spoiled(body[0], { place, value, depth })];
  const names = Object.keys(body);
  const name = names[place % (names.length + 1)];
  if (name === undefined) return { ...body, [JSON.stringify(value) ?? '']: value };
  const field = (body as Record<string, unknown>)[name];
  return { ...body, [name]: depth > 0 ? spoiled(field, { place, value, depth: depth - 1 }) : value };
}

const body = fc.oneof(
  nasty.map((value) => JSON.stringify(value) ?? 'undefined'),
  fc.string({ unit: 'binary' }),
  fc
    .tuple(fc.constantFrom(...right), fc.nat(10), nasty, fc.nat(3))
    .map(([whole, place, value, depth]) => JSON.stringify(spoiled(whole, { place, value, depth }))),
  fc.constantFrom(
    '{"payload":1e400}',
    '{"__proto__":{"a":1}}',
    '{"a":1,"a":2}',
    '['.repeat(500),
    '"\\ud800"',
    '\ufeff{}',
  ),
);
const headerText = fc.string({ unit: fc.constantFrom(...' !"#,;=\\~aZ0'), maxLength: 300 });
const headers = fc.record(
  {
    'idempotency-key': headerText,
    'kist-tenant': fc.oneof(headerText, fc.constantFrom('acme', 'globex', 'platform', "'", '')),
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-7', 'x'),
    'x-forwarded-for': fc.constantFrom('1.2.3.4', 'unknown', '::1, 300.1.1.1', ',,,'),
    'x-request-id': headerText,
    traceparent: headerText,
    cookie: fc.oneof(headerText, fc.constant('kist_session=%00')),
  },
  { requiredKeys: [] },
);
const parameter = fc.oneof(
  fc.constant(ID),
  nasty.map((value) => asUrlText(value)),
);
const query = fc.array(
  fc.tuple(
    fc.constantFrom('after', 'limit', 'wait', 'kind', 'key', 'state', 'as_of', 'next', 'no_such'),
    nasty.map((value) => asUrlText(value)),
  ),
  { maxLength: 3 },
);

const request = fc.record({ route: fc.nat(), body, headers, parameter, query, isKnown: fc.boolean() });

test('whatever is thrown at a route, the answer is never our fault', async () => {
  const check = async (given: typeof request extends fc.Arbitrary<infer T> ? T : never) => {
    const route = routes[given.route % routes.length]!;
    const search = given.query.map(([name, value]) => `${name}=${value}`).join('&');
    const url = route.path.replaceAll(/\{\w+\}/g, given.parameter) + (search ? `?${search}` : '');
    const options: InjectOptions = {
      method: route.method as 'GET',
      url,
      headers: {
        'content-type': 'application/json',
        ...(given.isKnown ? { authorization: api.tokens.all } : {}),
        ...given.headers,
      },
      ...(route.method === 'GET' || route.method === 'DELETE' ? {} : { payload: given.body }),
    };
    const answer = await api.app.inject(options);
    if (answer.statusCode >= 500) throw new Error(`${route.method} ${url} → ${answer.body}`);
    if (answer.statusCode >= 400 && !String(answer.headers['content-type']).startsWith('text/html')) {
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
  };
  await fc.assert(fc.asyncProperty(request, check), { numRuns: RUNS_PER_ROUTE * routes.length });
}, 120_000);
