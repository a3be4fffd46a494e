import {
  type Context,
  context,
  diag,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Telemetry } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';

const TRACER = 'kist';
const FLUSH_MS_MAX = 3_000;

export interface Tracing {
  /** For createRuntime: BullMQ's spans become children of the request that accepted the job. */
  telemetry: Telemetry;
  /** Sends what is still unsent. */
  flush(): Promise<void>;
  /** Sends what is still unsent, and stops. */
  stop(): Promise<void>;
}

/**
 * OpenTelemetry, when OTEL_EXPORTER_OTLP_ENDPOINT says where spans go; otherwise nothing is loaded into
 * the path of a request, and this answers undefined.
 */
export function startTracing(
  config: Pick<Config, 'OTEL_EXPORTER_OTLP_ENDPOINT'>,
  log: Logger,
): Tracing | undefined {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint) return undefined;
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME ?? 'kist' }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  diag.setLogger(quietly(log));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  const flush = () => provider.forceFlush({ timeoutMillis: FLUSH_MS_MAX }).catch(() => {});
  return {
    telemetry: bullTelemetry(),
    flush,
    stop: async () => {
      await flush();
      await provider.shutdown().catch(() => {});
      trace.disable();
      context.disable();
      propagation.disable();
      diag.disable();
    },
  };
}

/**
 * bullmq-otel with two things it leaves out: BullMQ's endless loops start outside of any request, and a
 * trace nobody can read is left aside, for it must never fail the job that carries it.
 */
function bullTelemetry(): Telemetry {
  const telemetry: Telemetry = new BullMQOtel({ tracerName: TRACER });
  const manager = telemetry.contextManager;
  const fromMetadata = manager.fromMetadata.bind(manager);
  manager.root = () => ROOT_CONTEXT;
  manager.fromMetadata = (active, metadata) => {
    try {
      return fromMetadata(active, metadata);
    } catch {
      return active;
    }
  };
  return telemetry;
}

/** An exporter that cannot reach its collector must not flood the log. */
function quietly(log: Logger) {
  const warn = (message: string) => log.warn({ tracing: true }, message);
  const nothing = () => {};
  return { error: warn, warn, info: nothing, debug: nothing, verbose: nothing };
}

/**
 * Where the present request or job stands in its trace, as the carrier's telemetry writes it:
 * `{"traceparent":"00-…"}`. Stored with a job, it makes the job's run part of that trace.
 * @returns undefined outside of any trace.
 */
export function currentTrace(): string | undefined {
  const headers = traceHeaders();
  return 'traceparent' in headers ? JSON.stringify(headers) : undefined;
}

/** The W3C headers that continue the present trace in another service; none outside of a trace. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** fetch that continues the present trace: for clients of outside providers. */
export const tracedFetch: typeof fetch = async (input, init) => fetchInTrace(new Request(input, init));

/** tracedFetch, for addresses whose path holds a secret: the trace shows this path instead. */
export function tracedFetchAs(shown_path: string): typeof fetch {
  return async (input, init) => fetchInTrace(new Request(input, init), shown_path);
}

function fetchInTrace(request: Request, shown_path?: string): Promise<Response> {
  const { origin, pathname } = new URL(request.url);
  const path = shown_path ?? pathname;
  const span = trace.getTracer(TRACER).startSpan(`${request.method} ${path}`, {
    kind: SpanKind.CLIENT,
    attributes: { 'http.request.method': request.method, 'server.address': origin, 'url.path': path },
  });
  return context.with(trace.setSpan(context.active(), span), async () => {
    for (const [name, value] of Object.entries(traceHeaders())) request.headers.set(name, value);
    try {
      const answer = await fetch(request);
      finish(span, answer.status);
      return answer;
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      throw error;
    }
  });
}

interface Traced {
  span: Span;
  context: Context;
}

/**
 * A span for each request, as a child of the caller's (traceparent in); the answer carries the trace
 * back (traceparent out), so that whoever asked can find it.
 */
export function traceRequests(app: FastifyInstance): void {
  const tracer = trace.getTracer(TRACER);
  const requests = new WeakMap<FastifyRequest, Traced>();
  app.addHook('onRequest', (request, reply, done) => {
    const parent = propagation.extract(context.active(), request.headers);
    const route = request.routeOptions.url ?? 'unknown';
    const span = tracer.startSpan(
      `${request.method} ${route}`,
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'http.route': route } },
      parent,
    );
    const traced = { span, context: trace.setSpan(parent, span) };
    requests.set(request, traced);
    context.with(traced.context, () => {
      reply.headers(traceHeaders());
      done();
    });
  });
  // The body arrives in callbacks of the socket, outside of the context; so it is entered once more.
  app.addHook('preValidation', (request, _reply, done) => {
    const traced = requests.get(request);
    if (traced) context.with(traced.context, done);
    else done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const traced = requests.get(request);
    if (traced) finish(traced.span, reply.statusCode);
    done();
  });
}

function finish(span: Span, status: number): void {
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
