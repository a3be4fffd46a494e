import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { type Actor, actorLabel } from '../../identity/actor.ts';
import { covers } from '../../identity/roles.ts';
import type { JobDefinition, JobRequest } from '../../runtime/definition.ts';
import type { Registry } from '../../runtime/registry.ts';
import type { Acceptance } from '../../runtime/types.ts';
import {
  type Accepted,
  acceptedOf,
  answerAcceptance,
  idempotencyKey,
  jobRequest,
  publicKind,
  publicKinds,
  refusalOf,
  scopeOf,
  traceOf,
} from '../accepting.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { component, componentName } from '../openapi.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { type FieldError, Problem } from '../problem.ts';
import {
  acceptedSchema,
  errorCodeSchema,
  fieldErrorSchema,
  instant,
  KEY_LENGTH_MAX,
  keyHeader,
  problemResponses,
} from '../schemas.ts';
import { fieldErrors, validatorCompiler } from '../validation.ts';

const BATCH_MAX = 1_000;
const PRIORITY_MAX = 1_000;

const options = {
  priority: z.int().min(0).max(PRIORITY_MAX).optional().describe('0 (default) runs first'),
  run_at: instant.optional().describe('not before this instant'),
};
const key = z.string().min(1).max(KEY_LENGTH_MAX).optional().describe('idempotency key');

/** What is checked here; the payload is checked once, by its kind, where the job is accepted. */
const envelope = z.strictObject({ payload: z.unknown(), ...options });
const itemEnvelope = z.strictObject({ kind: z.string(), payload: z.unknown(), key, ...options });
const batchEnvelope = z.strictObject({ jobs: z.array(z.unknown()).min(1).max(BATCH_MAX) });

const acceptedItem = z
  .strictObject({
    status: z.literal(202),
    ...acceptedSchema.shape,
    replayed: z.literal(true).optional().describe('this key came before'),
  })
  .meta({ id: 'AcceptedItem' });
const refusedItem = z
  .strictObject({
    status: z.int().min(400).max(499),
    code: errorCodeSchema,
    detail: z.string(),
    errors: z.array(fieldErrorSchema).optional(),
  })
  .meta({ id: 'RefusedItem' });
const batchAnswer = z.strictObject({ jobs: z.array(z.union([acceptedItem, refusedItem])) });

type Item = z.output<typeof batchAnswer>['jobs'][number];

export function acceptJobRoutes(app: Api, parts: ApiParts): void {
  for (const definition of publicKinds(parts.runtime.registry)) acceptRoute(app, parts, definition);
  unknownKindRoute(app);
  batchRoute(app, parts);
}

/** One route a kind, so that each is documented with its own payload and checked with its own scope. */
function acceptRoute(app: Api, { runtime }: ApiParts, definition: JobDefinition): void {
  const { kind } = definition;
  const payload = component(componentName(kind, 'Payload'), definition.payload);
  app.route({
    method: 'POST',
    url: `/v1/jobs/${kind}`,
    config: { action: 'jobs.accept', scope: scopeOf(definition) },
    validatorCompiler: checking(envelope),
    schema: {
      operationId: `jobs.accept.${kind}`,
      summary: definition.summary,
      tags: ['jobs'],
      headers: keyHeader,
      body: z.strictObject({ payload, ...options }),
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { payload, priority, run_at } = request.body as z.output<typeof envelope>;
      const job = jobRequest(kind, payload, { key: idempotencyKey(request), priority, run_at });
      const [acceptance] = await runtime.submit(actor.tenant, actorLabel(actor), [job], traceOf(request));
      return answerAcceptance(acceptance!, request, reply, '/payload');
    },
  });
}

/** Checks bodies by this schema, whatever the document shows: parameters and headers as documented. */
function checking(body: z.ZodType): FastifySchemaCompiler<unknown> {
  return (route) =>
    validatorCompiler({ ...route, schema: route.httpPart === 'body' ? body : (route.schema as z.ZodType) });
}

function unknownKindRoute(app: Api): void {
  app.post<{ Params: { kind: string } }>(
    '/v1/jobs/:kind',
    { config: { action: 'jobs.accept', scope: null }, schema: { hide: true } },
    (request) => {
      throw new Problem('unknown-kind', `There is no job kind ${request.params.kind}.`);
    },
  );
}

function batchRoute(app: Api, { runtime }: ApiParts): void {
  const { registry } = runtime;
  app.route({
    method: 'POST',
    url: '/v1/jobs',
    config: { action: 'jobs.accept-batch', scope: null },
    validatorCompiler: checking(batchEnvelope),
    schema: {
      summary: `Accept up to ${BATCH_MAX} jobs; each is answered on its own, in the order given`,
      description:
        'Always 202: look at the `status` of each item, which is what that job alone would have been answered.',
      tags: ['jobs'],
      body: z.strictObject({ jobs: z.array(documentedItem(registry)).min(1).max(BATCH_MAX) }),
      response: { 202: batchAnswer, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { jobs } = request.body as z.output<typeof batchEnvelope>;
      const { requests, refused } = readItems(jobs, registry, actor);
      request.audit_arguments = { jobs: jobs.length, kinds: kindsOf(requests) };
      const acceptances =
        requests.length === 0
          ? []
          : await runtime.submit(actor.tenant, actorLabel(actor), requests, traceOf(request));
      reply.code(202);
      return { jobs: itemsOf(jobs.length, acceptances, refused) };
    },
  });
}

/** One item of a batch as the document shows it: any of the kinds, each with its payload. */
function documentedItem(registry: Registry): z.ZodType {
  const kinds = publicKinds(registry).map((definition) =>
    z.strictObject({
      kind: z.literal(definition.kind),
      payload: component(componentName(definition.kind, 'Payload'), definition.payload),
      key,
      ...options,
    }),
  );
  return kinds.length === 0 ? z.never() : z.union(kinds);
}

/** The items that may go to the runtime, and by their place those that may not. */
function readItems(
  items: readonly unknown[],
  registry: Registry,
  actor: Actor,
): { requests: JobRequest[]; refused: Map<number, Item> } {
  const requests: JobRequest[] = [];
  const refused = new Map<number, Item>();
  for (let index = 0; index < items.length; index += 1) {
    const parsed = itemEnvelope.safeParse(items[index]);
    if (!parsed.success) {
      refused.set(index, refusedAs('invalid-request', fieldErrors(parsed.error, `/jobs/${index}`)));
      continue;
    }
    const definition = publicKind(registry, parsed.data.kind);
    if (!definition) {
      const message = `There is no job kind ${parsed.data.kind}.`;
      refused.set(index, refusedAs('unknown-kind', [{ pointer: `/jobs/${index}/kind`, message }]));
    } else if (!covers(actor.scopes, scopeOf(definition))) {
      const message = `${actorLabel(actor)} does not have the scope ${scopeOf(definition)}.`;
      refused.set(index, refusedAs('missing-scope', [{ pointer: `/jobs/${index}/kind`, message }]));
    } else {
      requests.push(parsed.data as JobRequest);
    }
  }
  return { requests, refused };
}

function refusedAs(code: ErrorCode, errors: FieldError[]): Item {
  return { status: ERRORS[code].status, code, detail: errors[0]!.message, errors };
}

function itemsOf(count: number, acceptances: readonly Acceptance[], refused: Map<number, Item>): Item[] {
  const items: Item[] = [];
  let next = 0;
  for (let index = 0; index < count; index += 1) {
    items.push(refused.get(index) ?? itemOf(acceptances[next++]!, index));
  }
  return items;
}

function itemOf(acceptance: Acceptance, index: number): Item {
  if (acceptance.status === 'refused') {
    const { code, message, status, errors } = refusalOf(acceptance, `/jobs/${index}/payload`);
    return { status, code, detail: message, ...(errors ? { errors } : {}) };
  }
  const item: Accepted & { status: 202; replayed?: true } = { status: 202, ...acceptedOf(acceptance.job) };
  if (acceptance.status === 'replayed') item.replayed = true;
  return item;
}

/** How many jobs of each kind: enough for the audit trail, since each job's row names its caller. */
function kindsOf(requests: readonly JobRequest[]): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { kind } of requests) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}
