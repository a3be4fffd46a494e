import { expect, test } from 'vitest';
import { createClient, KistError } from '../../src/client/index.ts';
import { ACCEPTED, bakery, breakDown, inTurn, jobInState, problem } from './service.ts';

test('a job is enqueued with its payload, and the key is left to Kist', async () => {
  const { kist, requests } = await bakery({ 'POST /v1/jobs/bread.bake': () => ACCEPTED });
  const job = await kist.enqueue('bread.bake', { loaves: 3 }, { priority: 10 });
  expect(job).toEqual({ ...ACCEPTED, replayed: false });
  expect(requests).toEqual([
    {
      method: 'POST',
      url: '/v1/jobs/bread.bake',
      key: undefined,
      body: { payload: { loaves: 3 }, priority: 10 },
    },
  ]);
});

test('a repeat says so', async () => {
  const { kist } = await bakery({
    'POST /v1/jobs/bread.bake': (_, reply) => reply.header('Idempotent-Replayed', 'true').send(ACCEPTED),
  });
  expect((await kist.enqueue('bread.bake', { loaves: 3 })).replayed).toBe(true);
});

test('an enqueue that meets trouble on its way is sent again, with the same key and payload', async () => {
  const { kist, requests } = await bakery({
    'POST /v1/jobs/bread.bake': inTurn(
      breakDown,
      problem(503, 'database-unavailable'),
      problem(429, 'slow-down'),
      problem(500, 'internal-error'),
      () => ACCEPTED,
    ),
  });
  await kist.enqueue('bread.bake', { loaves: 3 }, { key: 'monday' });
  expect(requests).toHaveLength(5);
  expect(new Set(requests.map(({ key, body }) => JSON.stringify([key, body])))).toEqual(
    new Set([JSON.stringify(['monday', { payload: { loaves: 3 } }])]),
  );
});

test('it gives up after the retries that are allowed', async () => {
  const { kist, requests } = await bakery(
    { 'POST /v1/jobs/bread.bake': problem(503, 'shutting-down') },
    { retries_max: 2 },
  );
  await expect(kist.enqueue('bread.bake', { loaves: 3 })).rejects.toMatchObject({ code: 'shutting-down' });
  expect(requests).toHaveLength(3);
});

test('Retry-After is honoured, and a very long one is passed on', async () => {
  const later = problem(429, 'slow-down');
  const { kist, requests } = await bakery({
    'POST /v1/jobs/bread.bake': inTurn(
      (request, reply) => later(request, reply.header('retry-after', '1')),
      () => ACCEPTED,
    ),
    'POST /v1/jobs/oven.clean': (request, reply) => later(request, reply.header('retry-after', '3600')),
  });
  const asked_at = Date.now();
  await kist.enqueue('bread.bake', { loaves: 3 });
  expect(Date.now() - asked_at).toBeGreaterThanOrEqual(1_000);
  await expect(kist.enqueue('oven.clean', {})).rejects.toMatchObject({ retry_after_ms: 3_600_000 });
  expect(requests).toHaveLength(3);
});

test('what is wrong with the request is not sent again, and named', async () => {
  const { kist, requests } = await bakery({
    'POST /v1/jobs/bread.bake': problem(400, 'invalid-payload', {
      detail: 'loaves must be positive',
      request_id: 'r-1',
      errors: [{ pointer: '/payload/loaves', message: 'must be positive' }],
    }),
  });
  const error = await kist.enqueue('bread.bake', { loaves: -1 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KistError);
  expect(error).toMatchObject({
    code: 'invalid-payload',
    status: 400,
    detail: 'loaves must be positive',
    request_id: 'r-1',
    errors: [{ pointer: '/payload/loaves', message: 'must be positive' }],
  });
  expect(requests).toHaveLength(1);
});

test('a key that no header can carry is refused before anything is sent', async () => {
  const { kist, requests } = await bakery({});
  await expect(kist.enqueue('oven.clean', {}, { key: 'línea\n' })).rejects.toMatchObject({
    code: 'invalid-key',
  });
  expect(requests).toEqual([]);
});

test('an answer from something in between, and no answer at all, are told apart', async () => {
  const { kist, url } = await bakery(
    { 'GET /v1/jobs/019a': (_, reply) => reply.code(404).type('text/html').send('<h1>Not here</h1>') },
    { retries_max: 0 },
  );
  await expect(kist.job('019a')).rejects.toMatchObject({ code: 'unexpected-answer', status: 404 });
  const nobody = createClient({ url: url.replace(/\d+$/, '1'), token: 'secret', retries_max: 0 });
  await expect(nobody.job('019a')).rejects.toMatchObject({ code: 'unreachable', status: 0 });
});

test('an answer that takes too long ends the attempt', async () => {
  const { kist } = await bakery(
    { 'GET /v1/jobs/019a': (_, reply) => void reply.hijack() },
    { timeout_ms: 50, retries_max: 0 },
  );
  await expect(kist.job('019a')).rejects.toMatchObject({ code: 'request-timeout' });
});

test('every attempt carries a fresh token', async () => {
  const seen: (string | undefined)[] = [];
  let number = 0;
  const { kist } = await bakery(
    {
      'GET /v1/jobs/019a': inTurn(
        ({ headers }, reply) => {
          seen.push(headers.authorization);
          return breakDown({ raw: reply.request.raw } as never, reply);
        },
        ({ headers }) => {
          seen.push(headers.authorization);
          return ACCEPTED;
        },
      ),
    },
    {
      token: async () => {
        number += 1;
        return `token-${number}`;
      },
    },
  );
  await kist.job('019a');
  expect(seen).toEqual(['Bearer token-1', 'Bearer token-2']);
});

test('many jobs go in batches of a thousand, each answered on its own', async () => {
  const { kist, requests } = await bakery({
    'POST /v1/jobs': ({ body }) => ({
      jobs: (body as { jobs: { payload: { loaves: number } }[] }).jobs.map(({ payload }) =>
        payload.loaves === 0
          ? { status: 400, code: 'invalid-payload', detail: 'no loaves' }
          : { status: 202, ...ACCEPTED, id: `job-${payload.loaves}`, replayed: true },
      ),
    }),
  });
  const jobs = Array.from({ length: 2_500 }, (_, loaves) => ({
    kind: 'bread.bake' as const,
    payload: { loaves },
  }));
  const answers = await kist.enqueueMany(jobs);
  expect(requests.map(({ body }) => (body as { jobs: [] }).jobs.length)).toEqual([1_000, 1_000, 500]);
  expect(answers).toHaveLength(2_500);
  expect(answers[0]).toMatchObject({ accepted: false, error: { code: 'invalid-payload', status: 400 } });
  expect(answers[2_499]).toMatchObject({ accepted: true, job: { id: 'job-2499', replayed: true } });
});

test('batches are cut by size as well', async () => {
  const { kist, requests } = await bakery({
    'POST /v1/jobs': ({ body }) => ({
      jobs: (body as { jobs: [] }).jobs.map(() => ({ status: 202, ...ACCEPTED })),
    }),
  });
  const large = { loaves: 1, note: 'x'.repeat(600_000) };
  await kist.enqueueMany(Array.from({ length: 5 }, () => ({ kind: 'bread.bake', payload: large })));
  expect(requests.map(({ body }) => (body as { jobs: [] }).jobs.length)).toEqual([2, 2, 1]);
});

test('waiting polls until the job rests, and gives its result', async () => {
  const { kist, requests } = await bakery({
    'GET /v1/jobs/019a': inTurn(
      jobInState('pending'),
      breakDown,
      jobInState('pending'),
      jobInState('done', { result: { outcome: 'baked', loaves: 3 } }),
    ),
  });
  const result = await kist.wait({ id: '019a', kind: 'bread.bake' });
  expect(result.outcome === 'baked' && result.loaves).toBe(3);
  expect(requests[0]!.url).toBe('/v1/jobs/019a?wait=10000ms');
  expect(requests).toHaveLength(4);
});

test('a job that does not end well is an error that has the job', async () => {
  const { kist } = await bakery({
    'GET /v1/jobs/019a': jobInState('dead', { code: 'oven-broken', message: 'The oven is cold.' }),
  });
  await expect(kist.wait('019a')).rejects.toMatchObject({
    code: 'job-dead',
    detail: 'Job 019a (bread.bake) is dead: oven-broken: The oven is cold.',
    job: { state: 'dead', code: 'oven-broken' },
  });
  expect((await kist.waitForRest('019a')).state).toBe('dead');
});

test('waiting ends when its time is over, or when it is aborted', async () => {
  const { kist } = await bakery({ 'GET /v1/jobs/019a': jobInState('pending') });
  await expect(kist.wait('019a', { timeout_ms: 30 })).rejects.toMatchObject({ code: 'wait-timeout' });
  const enough = new AbortController();
  const waiting = kist.wait('019a', { signal: enough.signal });
  enough.abort(new Error('The user went away.'));
  await expect(waiting).rejects.toThrow('The user went away.');
});

test('enqueueAndWait takes a stored result without asking again', async () => {
  const { kist, requests } = await bakery({
    'POST /v1/jobs/oven.clean': () => ({ ...ACCEPTED, state: 'done', result: { outcome: 'cleaned' } }),
  });
  expect(await kist.enqueueAndWait('oven.clean', {})).toEqual({ outcome: 'cleaned' });
  expect(requests).toHaveLength(1);
});

test('an order to act on a job is not repeated when its answer is lost: it may have been obeyed', async () => {
  const { kist, requests } = await bakery({
    'POST /v1/jobs/019a/redrive': inTurn(breakDown, jobInState('pending')),
    'POST /v1/jobs/019a/cancel': inTurn(problem(429, 'slow-down'), jobInState('cancelled')),
  });
  await expect(kist.redrive('019a')).rejects.toMatchObject({ code: 'unreachable' });
  expect((await kist.cancel('019a')).state).toBe('cancelled');
  expect(requests).toHaveLength(3);
});

test('a job that two people must send back to work is not taken for one on its way', async () => {
  const approval = { id: '01a0', state: 'proposed', description: 'Send bread.bake 019a back to work.' };
  const { kist } = await bakery({
    'POST /v1/jobs/019a/redrive': (_, reply) => reply.code(202).send(approval),
  });
  await expect(kist.redrive('019a')).rejects.toMatchObject({
    code: 'approval-required',
    detail: 'Approval 01a0: Send bread.bake 019a back to work.',
  });
});

test('other routes are reached by request, and repeated only where that is safe', async () => {
  const loan = { id: 'loan-1' };
  const { kist, requests } = await bakery({
    'POST /v1/loans/1/repayments': inTurn(breakDown, () => loan),
    'GET /v1/jobs': () => ({ jobs: [ACCEPTED], next: null }),
  });
  expect(await kist.request('POST', '/v1/loans/1/repayments', { body: {}, key: 'emi-1' })).toEqual(loan);
  expect(requests.map(({ key }) => key)).toEqual(['emi-1', 'emi-1']);
  expect(await kist.list({ state: 'pending', limit: 1 })).toEqual([ACCEPTED]);
  expect(requests.at(-1)!.url).toBe('/v1/jobs?state=pending&limit=1');
});
