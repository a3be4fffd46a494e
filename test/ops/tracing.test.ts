import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createPostgresBackend, Queue, type QueueOptions, Worker } from 'bullmq';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { currentTrace, startTracing, tracedFetch, traceRequests } from '../../src/ops/tracing.ts';
import type { JobDefinition } from '../../src/runtime/definition.ts';
import { databaseForThisTest } from '../support/database.ts';
import { ownRedisUrl } from '../support/redis.ts';
import { defineStaged, namePayload, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';
import { carriers, REDIS_CARRIER } from './carrier.ts';
import { MEERA, openServer, openWallets, PASSWORD } from './server.ts';

interface ExportedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
}

const JOBS = 8;
const SERVER = 2;
const CLIENT = 3;
const CONSUMER = 5;

/** @returns the address of a server that answers so until the test ends. */
async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A collector that understands OTLP over HTTP, and nothing else. */
async function openCollector() {
  const spans: ExportedSpan[] = [];
  const url = await listen(async (request, response) => {
    const body = (await json(request)) as {
      resourceSpans: { scopeSpans: { spans: ExportedSpan[] }[] }[];
    };
    spans.push(...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  return { url, spans };
}

test('without an exporter there is no tracing', () => {
  expect(startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: undefined }, pino({ level: 'silent' }))).toBeUndefined();
  expect(currentTrace()).toBeUndefined();
});

test('a trace that nobody can read does not fail the job that carries it', async () => {
  const collector = await openCollector();
  const log = pino({ level: 'silent' });
  const tracing = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, log)!;
  onTestFinished(() => tracing.stop());
  const { contextManager } = tracing.telemetry;
  expect(contextManager.fromMetadata(contextManager.active(), 'not JSON')).toBe(contextManager.active());
});

test('one trace from the HTTP request to the end of its job', async () => {
  const collector = await openCollector();
  const tracing = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, pino({ level: 'silent' }))!;
  onTestFinished(() => tracing.stop());
  const { app, identity, runtime } = await openServer({ tracing });
  openWallets.add('w-1');
  const { token, session } = await identity.login(MEERA, PASSWORD, { ip: null, user_agent: null });
  const accepted = await app.inject({
    method: 'POST',
    url: '/v1/jobs/payout.send',
    headers: {
      cookie: `kist_session=${token}`,
      'x-csrf-token': session.csrf_token,
      'kist-tenant': 'acme',
      'sec-fetch-site': 'same-origin',
    },
    payload: { payload: { wallet: 'w-1', borrower: 'Asha Rao' } },
  });
  expect(accepted.json()).toMatchObject({ kind: 'payout.send' });
  const [, trace_id] = String(accepted.headers.traceparent).split('-');
  const job = await runtime.waitForRest('acme', accepted.json().id, 10_000);
  expect(job).toMatchObject({ state: 'done' });

  const span = await until('both spans have arrived', async () => {
    await tracing.flush();
    const ofTrace = collector.spans.filter((each) => each.traceId === trace_id);
    const request = ofTrace.find((each) => each.kind === SERVER);
    const run = ofTrace.find((each) => each.kind === CONSUMER);
    return request && run && { request, run };
  });
  expect(span.request.name).toBe('POST /v1/jobs/payout.send');
  expect(span.run).toMatchObject({ name: 'process payouts', parentSpanId: span.request.spanId });
});

test('calls that wait for each other in a lane go out each in the trace of its own job', async () => {
  const collector = await openCollector();
  const tracing = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, pino({ level: 'silent' }))!;
  onTestFinished(() => tracing.stop());
  const askBureau = defineStaged({
    kind: 'bureau.ask',
    queue: 'bureau',
    summary: 'Asks one after the other.',
    payload: namePayload,
    result: z.strictObject({ heard: z.string() }),
    key: ({ name }) => name,
    concurrency: 1,
    prepare: async () => ({}),
    call: async () => (await tracedFetch(bureau)).text(),
    settle: async (_tx, _job, heard) => ({ heard }),
  }) as unknown as JobDefinition;
  const { runtime, close } = await testRuntime([askBureau], { telemetry: tracing.telemetry });
  const { queue } = runtime.carrierQueues().find(({ dead }) => !dead)!;
  const bureau = await listen(async (request, response) => {
    allWait ??= until('all others wait in the lane', async () => (await queue.getActiveCount()) === JOBS);
    await allWait;
    response.end(request.headers.traceparent);
  });
  let allWait: Promise<unknown> | undefined;
  onTestFinished(close);
  const traces = Array.from({ length: JOBS }, () => randomBytes(16).toString('hex'));
  const accepted = await Promise.all(
    traces.map((trace, index) => {
      const traceparent = `00-${trace}-b7ad6b7169203331-01`;
      const request = { kind: 'bureau.ask', payload: { name: `borrower ${index}` } };
      return runtime.submit('acme', 'service:test', [request], JSON.stringify({ traceparent }));
    }),
  );
  await runtime.startWorkers();
  const heard = await Promise.all(
    accepted.map(async ([acceptance]) => {
      if (acceptance?.status !== 'accepted') throw new Error('not accepted');
      const job = await runtime.waitForRest('acme', acceptance.job.id, 15_000);
      return (job!.result as { heard: string }).heard.split('-')[1];
    }),
  );
  expect(heard).toEqual(traces);
});

for (const { carrier, missing } of carriers) {
  test.skipIf(missing)(`request, job on ${carrier} and call to a provider are one trace`, async () => {
    const collector = await openCollector();
    const tracing = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, pino({ level: 'silent' }))!;
    const database = await databaseForThisTest();
    const onRedis = carrier === REDIS_CARRIER;
    const options = {
      telemetry: tracing.telemetry,
      ...(onRedis
        ? { connection: { url: ownRedisUrl()! }, prefix: '{tracing}' }
        : { connection: { connectionString: database.url, options: '-c role=kist_carrier', max: 4 } }),
    } as QueueOptions;
    const backend = (onRedis ? undefined : createPostgresBackend) as never;
    const provider = await listen((request, response) => response.end(request.headers.traceparent));

    const heard: (string | null)[] = [];
    const queue = new Queue('credit', options, backend);
    const worker = new Worker(
      'credit',
      async () => {
        heard.push(await (await tracedFetch(`${provider}/score`)).text());
      },
      { ...options, drainDelay: 1 },
      backend,
    );
    queue.on('error', () => {});
    worker.on('error', () => {});
    const stored: { trace: string | undefined }[] = [];
    const app = fastify();
    traceRequests(app);
    app.post('/v1/jobs/:kind', async () => {
      stored.push({ trace: currentTrace() });
      return {};
    });
    onTestFinished(async () => {
      await app.close();
      await worker.close(true);
      await queue.close();
    });

    const callers_trace = '0af7651916cd43dd8448eb211c80319c';
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/jobs/credit.check',
      headers: { traceparent: `00-${callers_trace}-b7ad6b7169203331-01` },
      payload: { borrower: 7 },
    });
    expect(answer.headers.traceparent).toMatch(new RegExp(`^00-${callers_trace}-`));
    // The dispatcher runs later, outside of the request, from what was stored with the job.
    await queue.addBulk([
      { name: 'credit.check', data: {}, opts: { jobId: 'j-1', telemetry: { metadata: stored[0]!.trace! } } },
    ]);
    await until('the job has called the provider', () => heard.length > 0);
    await worker.close();
    await tracing.stop();

    const ofTrace = collector.spans.filter((span) => span.traceId === callers_trace);
    const request = ofTrace.find((span) => span.kind === SERVER)!;
    const job = ofTrace.find((span) => span.kind === CONSUMER)!;
    const call = ofTrace.find((span) => span.kind === CLIENT)!;
    expect(request).toMatchObject({ name: 'POST /v1/jobs/:kind', parentSpanId: 'b7ad6b7169203331' });
    expect(job.parentSpanId).toBe(request.spanId);
    expect(call).toMatchObject({ name: 'GET /score', parentSpanId: job.spanId });
    expect(heard[0]).toBe(`00-${callers_trace}-${call.spanId}-01`);
  });
}
