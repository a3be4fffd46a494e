import { context, propagation } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { actorLabel } from '../identity/actor.ts';
import type { JobDefinition, JobRequest } from '../runtime/definition.ts';
import type { Registry } from '../runtime/registry.ts';
import type { Acceptance, JobView, Runtime } from '../runtime/types.ts';
import { actorOf } from './ports.ts';
import { Problem } from './problem.ts';
import { type acceptedSchema, KEY_LENGTH_MAX } from './schemas.ts';

export type Accepted = z.output<typeof acceptedSchema>;
type Refused = Extract<Acceptance, { status: 'refused' }>;

export const REPLAYED_HEADER = 'idempotent-replayed';
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The definition of a kind that callers may ask for. */
export function publicKind(registry: Registry, kind: string): JobDefinition | undefined {
  const definition = registry.get(kind);
  return definition?.public === false ? undefined : definition;
}

export function publicKinds(registry: Registry): JobDefinition[] {
  return [...registry.kinds.values()].filter((definition) => definition.public !== false);
}

export function scopeOf(definition: JobDefinition): string {
  return definition.scope ?? `jobs:${definition.kind}`;
}

/**
 * The Idempotency-Key header. Node joins a header that came twice with a comma, which would make a key
 * that nobody chose.
 * @throws Problem invalid-key
 */
export function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || (key.includes(',') && timesGiven(request, 'idempotency-key') > 1)) {
    throw invalidKey('The header came more than once.');
  }
  if (key.length === 0 || key.length > KEY_LENGTH_MAX) {
    throw invalidKey(`A key has 1 to ${KEY_LENGTH_MAX} characters; this one has ${key.length}.`);
  }
  return key;
}

function timesGiven(request: FastifyRequest, name: string): number {
  const { rawHeaders } = request.raw;
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}

function invalidKey(message: string): Problem {
  return new Problem('invalid-key', message, {
    errors: [{ pointer: '/idempotency-key', message, in: 'header' }],
  });
}

/**
 * Where the job's trace goes on from, as the carrier's telemetry writes it: this request's own span
 * where spans are made, otherwise the caller's.
 */
export function traceOf(request: FastifyRequest): string | undefined {
  const headers: { traceparent?: string } = {};
  propagation.inject(context.active(), headers);
  const { traceparent } = request.headers;
  if (!headers.traceparent && typeof traceparent === 'string' && TRACEPARENT.test(traceparent)) {
    headers.traceparent = traceparent;
  }
  return headers.traceparent ? JSON.stringify(headers) : undefined;
}

export function acceptedOf(job: JobView): Accepted {
  const { id, kind, key, state } = job;
  const links = { self: `/v1/jobs/${id}` };
  return state === 'done'
    ? { id, kind, key, state, result: job.result, links }
    : { id, kind, key, state, links };
}

/** @param prefix where in the body the payload stands */
export function refusalOf(refused: Refused, prefix: string): Problem {
  const errors = refused.issues?.map(({ pointer, message }) => ({ pointer: prefix + pointer, message }));
  return new Problem(refused.code, refused.message, { errors });
}

/**
 * Turns what became of one request into the answer 202, or into the problem that it met.
 * @param prefix where in the body the payload stands, for the fields that errors name
 */
export function answerAcceptance(
  acceptance: Acceptance,
  request: FastifyRequest,
  reply: FastifyReply,
  prefix: string,
): Accepted {
  if (acceptance.status === 'refused') throw refusalOf(acceptance, prefix);
  if (acceptance.status === 'replayed') reply.header(REPLAYED_HEADER, 'true');
  const { id, kind, key } = acceptance.job;
  request.audit_subject = id;
  // The job's own row has the payload; once is enough for personal data, and cheaper.
  request.audit_arguments = { kind, key };
  reply.code(202);
  return acceptedOf(acceptance.job);
}

/** Accepts the one job that a request to a resource asks for, and answers it. */
export async function acceptJob(
  runtime: Runtime,
  { kind }: JobDefinition,
  payload: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Accepted> {
  const actor = actorOf(request);
  const job = jobRequest(kind, payload, { key: idempotencyKey(request) });
  const [acceptance] = await runtime.submit(actor.tenant, actorLabel(actor), [job], traceOf(request));
  return answerAcceptance(acceptance!, request, reply, '');
}

/** A request for one job of the kind, from the parts of an HTTP request. */
export function jobRequest(
  kind: string,
  payload: unknown,
  options: { key?: string | undefined; priority?: number | undefined; run_at?: Date | undefined },
): JobRequest {
  const request: JobRequest = { kind, payload };
  if (options.key !== undefined) request.key = options.key;
  if (options.priority !== undefined) request.priority = options.priority;
  if (options.run_at !== undefined) request.run_at = options.run_at;
  return request;
}
