import type { FastifyReply, FastifyRequest } from 'fastify';
import { inTenant } from '../../db/transaction.ts';
import { systemActor } from '../../identity/actor.ts';
import { tenantName } from '../../identity/tenants.ts';
import { OPT_OUT_PATH, type OptOut, readOptOutToken } from '../../notifications/opt-out/link.ts';
import { isOptedOut, optOut } from '../../notifications/opt-out/opt-out.ts';
import { optedOutPage, optOutPage, unknownLinkPage } from '../opt-out-html.ts';
import { sendPage } from '../pages.ts';
import type { Api, ApiParts } from '../ports.ts';
import { takeBytes } from '../taking.ts';

/** What mail programs send is one short field, and nobody reads it. */
const BODY_BYTES_MAX = 16 * 1024;
const URL = `${OPT_OUT_PATH}/:token`;

/** Where readers of mails end them: whoever has the link may. Mail programs post to it unasked (RFC 8058), people see a page. */
export function optOutPages(app: Api, parts: ApiParts): void {
  app.register(async (scope) => {
    const pages = scope as unknown as Api;
    takeBytes(pages);
    askPage(pages, parts);
    donePage(pages, parts);
  });
}

/** Changes nothing: scanners follow every link there is. */
function askPage(app: Api, { pool, webhooks }: ApiParts): void {
  const config = { action: 'opt-outs.ask-page', scope: null, open: true };
  app.get(URL, { config, schema: { hide: true } }, async (request, reply) => {
    const wish = readOptOutToken(webhooks.box, tokenOf(request));
    if (!wish) return unknownLink(reply);
    const { lender, is_done } = await inTenant(pool, wish.tenant, async (tx) => ({
      lender: await tenantName(tx),
      is_done: await isOptedOut(tx, wish),
    }));
    return lender === null
      ? unknownLink(reply)
      : show(reply, is_done ? optedOutPage : optOutPage, lender, wish);
  });
}

function donePage(app: Api, { pool, webhooks, clock }: ApiParts): void {
  const config = { action: 'opt-outs.done-page', scope: null, open: true };
  app.post(URL, { config, schema: { hide: true }, bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const wish = readOptOutToken(webhooks.box, tokenOf(request));
    if (!wish) return unknownLink(reply);
    const { lender, suppression } = await inTenant(pool, wish.tenant, async (tx) => {
      const lender = await tenantName(tx);
      return { lender, suppression: lender === null ? null : await optOut(tx, wish, clock.now()) };
    });
    if (lender === null) return unknownLink(reply);
    if (suppression) audit(request, wish, suppression);
    return show(reply, optedOutPage, lender, wish);
  });
}

/** The trail has what changed, once, however often it is asked for; neither the address nor the link. */
function audit(request: FastifyRequest, { tenant, channel, category }: OptOut, suppression: string): void {
  request.actor = systemActor('recipient', tenant);
  request.audit_subject = suppression;
  request.audit_arguments = { channel, category };
}

function tokenOf({ params }: FastifyRequest): string {
  return (params as { token: string }).token;
}

function show(reply: FastifyReply, write: typeof optOutPage, lender: string, wish: OptOut): FastifyReply {
  return sendPage(reply.header('x-robots-tag', 'noindex'), write(lender, wish));
}

function unknownLink(reply: FastifyReply): FastifyReply {
  return sendPage(reply.code(404), unknownLinkPage());
}
