import { z } from 'zod';
import { ACTIONS } from '../../approvals/actions.ts';
import { actionOf, castVote, proposeAction, withdrawProposal } from '../../approvals/approvals.ts';
import { approvalPolicy, policyOf } from '../../approvals/policy.ts';
import { inTenant } from '../../db/transaction.ts';
import { type Actor, actorLabel } from '../../identity/actor.ts';
import {
  APPROVAL_STATES,
  type Approval,
  findApproval,
  listApprovals,
  type Verdict,
} from '../../identity/approval-rows.ts';
import { REPLAYED_HEADER } from '../accepting.ts';
import { approvalResource, approvalSchema } from '../approving.ts';
import { assertScope } from '../authentication.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { idParams, pageQuery, problemResponses, text } from '../schemas.ts';

const REASON_LENGTH_MAX = 500;
const HASH_LENGTH = 64;
const tags = ['approvals'];
const reason = text(REASON_LENGTH_MAX);

/** One member for each action, so that the document tells what each of them asks for. */
const proposalBody = z.discriminatedUnion(
  'action',
  [...ACTIONS.values()].map(({ action, summary, request }) =>
    z.strictObject({
      action: z.literal(action).describe(summary),
      request,
      reason: reason.optional(),
    }),
  ) as unknown as [z.ZodObject<{ action: z.ZodLiteral<string>; request: z.ZodObject; reason: z.ZodType }>],
);
const ballotBody = z.strictObject({
  hash: z
    .string()
    .length(HASH_LENGTH)
    .regex(/^[0-9a-f]+$/, 'must be hexadecimal')
    .describe('`hash` of the approval as you read it'),
  reason: reason.optional(),
});

/** What takes more than one person: proposed by one, decided by others, done with the last vote. */
export function approvalRoutes(app: Api, parts: ApiParts): void {
  proposeRoute(app, parts);
  listRoute(app, parts);
  showRoute(app, parts);
  voteRoute(app, parts, 'approve', 'Approve exactly what was proposed; the last vote of the quorum does it');
  voteRoute(app, parts, 'reject', 'Reject what was proposed, for good');
  withdrawRoute(app, parts);
  policyRoute(app, parts);
}

function proposeRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/approvals',
    config: { action: 'approvals.propose', scope: null },
    schema: {
      summary: 'Propose what others must agree to',
      description: 'Needs the scope of the action. The very same, while it stands, is answered as it stands.',
      tags,
      body: proposalBody,
      response: { 202: approvalSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { action, request: asked, reason } = request.body as z.output<typeof proposalBody>;
      assertScope(actor, actionOf(action).scope.propose);
      const wish = { action, request: asked, reason: reason as string | undefined };
      const { approval, replayed } = await inTenant(pool, actor.tenant, (tx) =>
        proposeAction(tx, { ...wish, tenant: actor.tenant, actor: actorLabel(actor), now: clock.now() }),
      );
      request.audit_subject = approval.id;
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      reply.code(202);
      return approvalResource(approval);
    },
  });
}

function listRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/approvals',
    config: { action: 'approvals.list', scope: 'approvals:read' },
    schema: {
      summary: 'Approvals, newest first, a page at a time',
      tags,
      querystring: z.strictObject({
        state: z.enum(APPROVAL_STATES).optional(),
        action: z.enum([...ACTIONS.keys()] as [string]).optional(),
        ...pageQuery,
      }),
      response: {
        200: z
          .strictObject({ approvals: z.array(approvalSchema), next: z.string().nullable() })
          .meta({ id: 'ApprovalPage' }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { limit, ...filter } = request.query;
      const found = await inTenant(pool, actorOf(request).tenant, (tx) =>
        listApprovals(tx, { ...filter, limit: limit + 1 }, clock.now()),
      );
      const page = found.slice(0, limit);
      const next = found.length > limit ? nextPage('/v1/approvals', request.query, page.at(-1)!.id) : null;
      return { approvals: page.map(approvalResource), next };
    },
  });
}

function showRoute(app: Api, parts: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/approvals/:id',
    config: { action: 'approvals.show', scope: 'approvals:read' },
    schema: {
      summary: 'An approval: exactly what is proposed, its hash, and who voted',
      tags,
      params: idParams,
      response: { 200: approvalSchema, ...problemResponses },
    },
    handler: async (request) => {
      return approvalResource(await found(parts, actorOf(request), request.params.id));
    },
  });
}

function voteRoute(app: Api, parts: ApiParts, verdict: Verdict, summary: string): void {
  const { runtime, clock } = parts;
  app.route({
    method: 'POST',
    url: `/v1/approvals/:id/${verdict}`,
    config: { action: `approvals.${verdict}`, scope: null },
    schema: {
      summary,
      description: 'Needs the scope of the action. `state` of the answer tells what the vote led to.',
      tags,
      params: idParams,
      body: ballotBody,
      response: { 200: approvalSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { id } = request.params;
      const { action } = await found(parts, actor, id);
      assertScope(actor, actionOf(action).scope.approve);
      const { hash, reason = null } = request.body;
      const ballot = {
        ...{ id, verdict, hash, reason },
        ...{ tenant: actor.tenant, actor: actorLabel(actor) },
      };
      const { approval, replayed } = await runtime.transact(actor.tenant, ballot.actor, (tx, _, unit) =>
        castVote(tx, unit, { ...ballot, now: clock.now() }),
      );
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      return approvalResource(approval);
    },
  });
}

function withdrawRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/approvals/:id/withdraw',
    config: { action: 'approvals.withdraw', scope: 'approvals:read' },
    schema: {
      summary: 'Take back what one proposed oneself',
      tags,
      params: idParams,
      response: { 200: approvalSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { tenant } = actor;
      const wish = { id: request.params.id, tenant, actor: actorLabel(actor), now: clock.now() };
      const { approval, replayed } = await inTenant(pool, actor.tenant, (tx) => withdrawProposal(tx, wish));
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      return approvalResource(approval);
    },
  });
}

function policyRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/approval-policy',
    config: { action: 'approvals.policy', scope: 'approvals:read' },
    schema: {
      summary: 'What takes more than one person, and how many',
      description: 'It is changed by proposing `policy.change`.',
      tags,
      response: { 200: approvalPolicy.meta({ id: 'ApprovalPolicy' }), ...problemResponses },
    },
    handler: (request) => inTenant(pool, actorOf(request).tenant, policyOf),
  });
}

async function found({ pool, clock }: ApiParts, actor: Actor, id: string): Promise<Approval> {
  const approval = await inTenant(pool, actor.tenant, (tx) => findApproval(tx, id, clock.now()));
  if (!approval) throw new Problem('not-found', `There is no approval ${id}.`);
  return approval;
}
