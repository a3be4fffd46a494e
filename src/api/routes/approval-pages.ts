import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ACTIONS } from '../../approvals/actions.ts';
import { actionOf, castVote, withdrawProposal } from '../../approvals/approvals.ts';
import { inTenant } from '../../db/transaction.ts';
import { type Actor, actorLabel } from '../../identity/actor.ts';
import { type Approval, findApproval, listApprovals, VERDICTS } from '../../identity/approval-rows.ts';
import { assertCsrfToken, assertSameOrigin } from '../../identity/csrf.ts';
import { can } from '../../identity/roles.ts';
import { SESSION_COOKIE } from '../../identity/sessions.ts';
import { listTenants } from '../../identity/tenants.ts';
import { approvalPage, approvalsPage, PAGE_PATH } from '../approval-html.ts';
import { assertScope } from '../authentication.ts';
import { sendPage } from '../pages.ts';
import type { Api, ApiParts } from '../ports.ts';
import { asProblem, Problem } from '../problem.ts';
import { text, uuid } from '../schemas.ts';
import { type Visitor, visit } from '../visiting.ts';

const FORM_BYTES_MAX = 16 * 1024;
const REASON_LENGTH_MAX = 500;
const SHOWN_MAX = 100;

const PLACE = { path: PAGE_PATH, scope: 'approvals:read' };

const idParam = z.object({ id: uuid });
const voteForm = z.object({
  csrf_token: z.string().max(200),
  tenant: z.string().max(31),
  verdict: z.enum([...VERDICTS, 'withdraw']),
  hash: z.string().max(64),
  reason: z.union([z.literal('').transform(() => null), text(REASON_LENGTH_MAX)]),
});

/** For operators in a browser: what waits for their word, and the buttons to give it. Needs no script. */
export function approvalPages(app: Api, parts: ApiParts): void {
  app.register(async (pages) => {
    await pages.register(formbody, { bodyLimit: FORM_BYTES_MAX });
    listPage(pages, parts);
    showPage(pages, parts);
    votePage(pages, parts);
  });
}

function listPage(app: FastifyInstance, parts: ApiParts): void {
  const config = { action: 'approvals.list-page', scope: null, open: true };
  app.get(PAGE_PATH, { config, schema: { hide: true } }, async (request, reply) => {
    const visitor = await visit(parts, request, reply, PLACE);
    if (!visitor) return reply;
    const { actor } = visitor;
    const now = parts.clock.now();
    const [waiting, latest] = await inTenant(parts.pool, actor.tenant, async (tx) => [
      await listApprovals(tx, { state: 'proposed', limit: SHOWN_MAX }, now),
      await listApprovals(tx, { limit: SHOWN_MAX }, now),
    ]);
    const ended = latest.filter(({ state }) => state !== 'proposed');
    const tenants = actor.platform ? (await listTenants(parts.pool)).map(({ tenant }) => tenant) : [];
    return sendPage(reply, approvalsPage({ tenant: actor.tenant, tenants, waiting, ended }));
  });
}

function showPage(app: FastifyInstance, parts: ApiParts): void {
  const config = { action: 'approvals.show-page', scope: null, open: true };
  app.get(`${PAGE_PATH}/:id`, { config, schema: { hide: true } }, async (request, reply) => {
    const visitor = await visit(parts, request, reply, PLACE);
    if (!visitor) return reply;
    return show(visitor, reply, await asked(parts, visitor, request));
  });
}

function votePage(app: FastifyInstance, parts: ApiParts): void {
  const config = { action: 'approvals.vote-page', scope: null, open: true };
  app.post(`${PAGE_PATH}/:id`, { config, schema: { hide: true } }, async (request, reply) => {
    assertSameOrigin(request);
    const form = voteForm.safeParse(request.body);
    if (!form.success) throw new Problem('invalid-request', 'The form is not as this page made it.');
    const visitor = await visit(parts, request, reply, PLACE, form.data.tenant);
    if (!visitor) return reply;
    assertCsrfToken(request.method, request.cookies[SESSION_COOKIE] ?? '', form.data.csrf_token);
    const { verdict, hash, reason } = form.data;
    request.audit_arguments = { verdict, hash, reason };
    const approval = await asked(parts, visitor, request);
    try {
      await decide(parts, visitor.actor, approval, form.data);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status >= 500) throw error;
      request.problem_code = problem.code;
      return show(visitor, reply.code(problem.status), approval, problem.message);
    }
    return reply.redirect(`${PAGE_PATH}/${approval.id}?tenant=${visitor.actor.tenant}`, 303);
  });
}

async function decide(
  { runtime, pool, clock }: ApiParts,
  actor: Actor,
  { id, action }: Approval,
  { verdict, hash, reason }: z.output<typeof voteForm>,
): Promise<void> {
  const voter = { id, tenant: actor.tenant, actor: actorLabel(actor), now: clock.now() };
  if (verdict === 'withdraw') {
    await inTenant(pool, actor.tenant, (tx) => withdrawProposal(tx, voter));
    return;
  }
  assertScope(actor, actionOf(action).scope.approve);
  await runtime.transact(actor.tenant, voter.actor, (tx, _, unit) =>
    castVote(tx, unit, { ...voter, verdict, hash, reason }),
  );
}

async function asked(
  { pool, clock }: ApiParts,
  { actor }: Visitor,
  request: FastifyRequest,
): Promise<Approval> {
  const params = idParam.safeParse(request.params);
  const approval =
    params.success &&
    (await inTenant(pool, actor.tenant, (tx) => findApproval(tx, params.data.id, clock.now())));
  if (!approval) throw new Problem('not-found', 'There is no such approval.');
  return approval;
}

function show(
  { actor, session }: Visitor,
  reply: FastifyReply,
  approval: Approval,
  problem?: string,
): FastifyReply {
  const own = approval.proposed_by === actorLabel(actor);
  const scope = ACTIONS.get(approval.action)?.scope.approve;
  const may = own || (scope !== undefined && can(actor, scope));
  const visitor = { tenant: actor.tenant, csrf_token: session.csrf_token, own, may };
  return sendPage(reply, approvalPage(approval, visitor, problem));
}
