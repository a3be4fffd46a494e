import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { Clock } from '../calendar/clock.ts';
import type { Config } from '../config.ts';
import type { Pool } from '../db/pools.ts';
import type { Webhooks } from '../events/deliver.ts';
import { type Actor, actorLabel } from '../identity/actor.ts';
import type { TrustedProxies } from '../identity/client-ip.ts';
import type { Identity, Session } from '../identity/identity.ts';
import type { Wisher } from '../loans/applications.ts';
import type { TemplateChecks } from '../notifications/templates/templates.ts';
import type { Gateway } from '../payments/gateway/gateway.ts';
import type { Runtime } from '../runtime/types.ts';
import type { Breaker } from './breaker.ts';
import type { ErrorCode } from './errors.ts';
import { Problem } from './problem.ts';

/** What the routes work with. */
export interface ApiParts {
  runtime: Runtime;
  identity: Identity;
  /** Acts as kist_app. */
  pool: Pool;
  clock: Clock;
  /** Seals secrets, of endpoints and of gateways, and looks at the addresses of endpoints. */
  webhooks: Pick<Webhooks, 'box' | 'guard'>;
  /** Whose callbacks are taken. */
  gateways: ReadonlyMap<string, Gateway>;
  /** Knows for some seconds what tenants' templates say. */
  templates: TemplateChecks;
  log: Logger;
  /** Whose X-Forwarded-For is believed. */
  proxies: TrustedProxies;
  breaker: Breaker;
  config: Pick<Config, 'KIST_CREDIT_BACKLOG_MAX'>;
}

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on public routes. */
    actor: Actor | null;
    /** Set where the one who asks is a person with a session. */
    session: Session | null;
    /** The code of the problem this request ended with. */
    problem_code: ErrorCode | null;
    /** What the audit trail shall say of the arguments, where the body itself is too much. */
    audit_arguments: unknown;
    audit_subject: string | null;
    /** The id of its audit row, where the answer names it. */
    audit_id: string | null;
  }
  interface FastifyContextConfig {
    /** `noun.verb`: what the audit trail calls this route. Routes without one leave no audit row. */
    action?: string;
    /** What the caller needs; null where the route decides by itself or is public. */
    scope?: string | null;
    /** Answers anybody. */
    open?: boolean;
    /** What is sent here is nobody else's business: the audit trail tells the address alone. */
    confidential?: boolean;
  }
}

/** @throws Problem missing-token, should a route forget that it is open. */
export function actorOf(request: FastifyRequest): Actor {
  if (!request.actor) throw new Problem('missing-token');
  return request.actor;
}

/** Who asks, as the domains know them, and when by the business clock. @throws Problem missing-token */
export function wisherOf(request: FastifyRequest, clock: Clock): Wisher {
  const actor = actorOf(request);
  return { tenant: actor.tenant, actor: actorLabel(actor), now: clock.now() };
}
