import { z } from 'zod';
import { actorLabel } from '../../identity/actor.ts';
import { type AttemptView, JOB_STATES, type JobView, type Wish } from '../../runtime/types.ts';
import { approvalSchema, barredResource } from '../approving.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import {
  idParams,
  jobPageSchema,
  jobSchema,
  jobWithAttemptsSchema,
  KEY_LENGTH_MAX,
  pageQuery,
  problemResponses,
  text,
} from '../schemas.ts';
import { LongPolls, WAIT_PATTERN, waitMs } from '../waiting.ts';

type JobResource = z.output<typeof jobSchema>;

const KIND_LENGTH_MAX = 100;

export function jobRoutes(app: Api, parts: ApiParts): void {
  showRoute(app, parts);
  listRoute(app, parts);
  wishRoute(app, parts, 'cancel', 'Cancel a job; one that runs at the moment is told to stop');
  redriveRoute(app, parts);
  wishRoute(app, parts, 'release', 'Let a held job go on');
  wishRoute(app, parts, 'drop', 'Decide that a dead job shall never run');
}

function showRoute(app: Api, { runtime }: ApiParts): void {
  const polls = new LongPolls(app, runtime);
  app.route({
    method: 'GET',
    url: '/v1/jobs/:id',
    config: { action: 'jobs.show', scope: 'jobs:read' },
    schema: {
      summary: 'One job with its failed attempts',
      tags: ['jobs'],
      params: idParams,
      querystring: z.strictObject({
        wait: z
          .string()
          .regex(WAIT_PATTERN, 'must look like 10s or 500ms')
          .optional()
          .describe('answer once the job rests, or after this time (at most 30s)'),
      }),
      response: { 200: jobWithAttemptsSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const { tenant } = actorOf(request);
      const { id } = request.params;
      const { wait } = request.query;
      const job = wait
        ? await polls.wait(tenant, id, waitMs(wait), () => reply.raw.destroyed)
        : await runtime.find(tenant, id);
      if (!job) throw new Problem('not-found', `There is no job ${id}.`);
      const attempts = await runtime.attempts(tenant, id);
      return { ...resourceOf(job), attempts: attempts.map(attemptOf) };
    },
  });
}

function listRoute(app: Api, { runtime }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/jobs',
    config: { action: 'jobs.list', scope: 'jobs:read' },
    schema: {
      summary: 'Jobs, newest first, a page at a time',
      tags: ['jobs'],
      querystring: z.strictObject({
        kind: text(KIND_LENGTH_MAX).optional(),
        state: z.enum(JOB_STATES).optional(),
        key: text(KEY_LENGTH_MAX).optional(),
        ...pageQuery,
      }),
      response: { 200: jobPageSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const { limit, ...filter } = request.query;
      const jobs = await runtime.list(tenant, { ...filter, limit: limit + 1 });
      const page = jobs.slice(0, limit);
      const next = jobs.length > limit ? nextPage('/v1/jobs', request.query, page.at(-1)!.id) : null;
      return { jobs: page.map(resourceOf), next };
    },
  });
}

function wishRoute(
  app: Api,
  { runtime }: ApiParts,
  wish: 'cancel' | 'release' | 'drop',
  summary: string,
): void {
  app.route({
    method: 'POST',
    url: `/v1/jobs/:id/${wish}`,
    config: { action: `jobs.${wish}`, scope: 'jobs:operate' },
    schema: { summary, tags: ['jobs'], params: idParams, response: { 200: jobSchema, ...problemResponses } },
    handler: async (request) => {
      const actor = actorOf(request);
      return wished(await runtime[wish](actor.tenant, request.params.id, actorLabel(actor)));
    },
  });
}

function redriveRoute(app: Api, parts: ApiParts): void {
  const { runtime } = parts;
  app.route({
    method: 'POST',
    url: '/v1/jobs/:id/redrive',
    config: { action: 'jobs.redrive', scope: 'jobs:operate' },
    schema: {
      summary: 'Send a dead job back to work, with fresh attempts',
      description: 'One that moves more than the tenant’s limit is proposed: another person must agree.',
      tags: ['jobs'],
      params: idParams,
      response: {
        200: jobSchema,
        202: approvalSchema.describe('it takes another person’s word'),
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const wish = await runtime.redrive(actor.tenant, request.params.id, actorLabel(actor));
      if (wish.done || wish.code !== 'approval-required') return wished(wish);
      reply.code(202);
      return barredResource(parts, actor, wish);
    },
  });
}

function wished(wish: Wish): JobResource {
  if (!wish.done) throw new Problem(wish.code, wish.message);
  return resourceOf(wish.job);
}

function resourceOf(job: JobView): JobResource {
  return {
    id: job.id,
    kind: job.kind,
    queue: job.queue,
    key: job.key,
    state: job.state,
    priority: job.priority,
    attempt: job.attempt,
    attempt_limit: job.attempt_limit,
    code: job.code,
    message: job.message,
    result: job.result,
    accepted_by: job.accepted_by,
    accepted_at: job.accepted_at.toISOString(),
    run_at: job.run_at.toISOString(),
    rested_at: job.rested_at?.toISOString() ?? null,
    links: { self: `/v1/jobs/${job.id}` },
  };
}

function attemptOf(attempt: AttemptView) {
  const { started_at, ended_at } = attempt;
  return { ...attempt, started_at: started_at.toISOString(), ended_at: ended_at.toISOString() };
}
