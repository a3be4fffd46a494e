import { randomBytes } from 'node:crypto';
import cookie from '@fastify/cookie';
import { type FastifyInstance, type FastifySchema, fastify, LogController } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { Clock } from '../calendar/clock.ts';
import type { Config } from '../config.ts';
import type { Pool } from '../db/pools.ts';
import type { Webhooks } from '../events/deliver.ts';
import { parseTrustedProxies } from '../identity/client-ip.ts';
import type { Identity } from '../identity/identity.ts';
import { createTemplateChecks } from '../notifications/templates/templates.ts';
import type { Gateway } from '../payments/gateway/gateway.ts';
import type { Runtime } from '../runtime/types.ts';
import { registerAudit } from './audit.ts';
import { assertScope, authenticator } from './authentication.ts';
import { Breaker } from './breaker.ts';
import { registerDocs } from './docs.ts';
import { answerClientError, registerErrors } from './failures.ts';
import { registerJsonParser } from './json.ts';
import type { Api, ApiParts } from './ports.ts';
import { asProblem, sendProblem } from './problem.ts';
import { acceptJobRoutes } from './routes/accept-jobs.ts';
import { accountCheckRoutes } from './routes/account-checks.ts';
import { approvalPages } from './routes/approval-pages.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { bankAccountRoutes } from './routes/bank-accounts.ts';
import { borrowerContactRoutes } from './routes/borrower-contacts.ts';
import { breakRoutes } from './routes/breaks.ts';
import { businessDayRoutes } from './routes/business-days.ts';
import { calculationRoutes } from './routes/calculations.ts';
import { callbackRoutes } from './routes/callbacks.ts';
import { collectionRoutes } from './routes/collections.ts';
import { documentRoutes } from './routes/documents.ts';
import { eventRoutes } from './routes/events.ts';
import { foreclosureRoutes } from './routes/foreclosures.ts';
import { fraudRoutes } from './routes/fraud.ts';
import { gatewayEventRoutes } from './routes/gateway-events.ts';
import { gatewayRoutes } from './routes/gateways.ts';
import { holdRoutes } from './routes/holds.ts';
import { jobRoutes } from './routes/jobs.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { loanApplicationRoutes } from './routes/loan-applications.ts';
import { loanHistoryRoutes } from './routes/loan-history.ts';
import { loanJobRoutes } from './routes/loan-jobs.ts';
import { loanRoutes } from './routes/loans.ts';
import { mandateRoutes } from './routes/mandates.ts';
import { noticeRoutes } from './routes/notices.ts';
import { notificationLaneRoutes } from './routes/notification-lanes.ts';
import { notificationProviderRoutes } from './routes/notification-providers.ts';
import { notificationSuppressionRoutes } from './routes/notification-suppressions.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { optOutPages } from './routes/opt-out-pages.ts';
import { paymentExceptionRoutes } from './routes/payment-exceptions.ts';
import { payoutRoutes } from './routes/payouts.ts';
import { productRoutes } from './routes/products.ts';
import { receiptAddressRoutes } from './routes/receipt-addresses.ts';
import { receiptRoutes } from './routes/receipts.ts';
import { reconciliationRoutes } from './routes/reconciliations.ts';
import { reversalRoute } from './routes/repayments.ts';
import { scoreRoutes } from './routes/scores.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { switchRoutes } from './routes/switches.ts';
import { templatePages } from './routes/template-pages.ts';
import { templateRoutes } from './routes/templates.ts';
import { trancheRoutes } from './routes/tranches.ts';
import { walletRoutes } from './routes/wallets.ts';
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts';
import { validatorCompiler } from './validation.ts';

const BODY_BYTES_MAX = 2 * 1024 * 1024;
/** A link to opt out holds an address, sealed. */
const PATH_PARAMETER_LENGTH_MAX = 500;
const REQUEST_MS_MAX = 60_000;
const KEEP_ALIVE_MS = 75_000;
const CLOSE_IDLE_MS = 50;
const REQUEST_ID = /^[\w.:-]{8,64}$/;

export interface ApiOptions {
  runtime: Runtime;
  identity: Identity;
  /** Acts as kist_app. */
  pool: Pool;
  clock: Clock;
  /** Seals secrets, of endpoints and of gateways, and looks at the addresses of endpoints. */
  webhooks: Pick<Webhooks, 'box' | 'guard'>;
  /** Whose callbacks are taken. */
  gateways: ReadonlyMap<string, Gateway>;
  config: Pick<Config, 'KIST_TRUSTED_PROXIES' | 'KIST_CREDIT_BACKLOG_MAX'>;
  log: Logger;
  /** Mounts what else this server shows: the board, health, metrics. */
  registerMore?: (app: FastifyInstance) => void | Promise<void>;
}

/** The HTTP side of Kist, ready to listen. Closing it ends long polls and writes the last audit rows. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const { config, log } = options;
  const trusted = config.KIST_TRUSTED_PROXIES.split(/[\s,]+/).filter(Boolean);
  const app = fastify({
    loggerInstance: log,
    // One line a request is written in registerErrors, and no child logger is made for each.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: requestId,
    trustProxy: trusted.length > 0 ? trusted : false,
    clientErrorHandler: answerClientError,
    // What is wrong before there is a route: undecodable addresses, parameters too long.
    frameworkErrors: (error, request, reply) => void sendProblem(asProblem(error), request, reply),
    routerOptions: { maxParamLength: PATH_PARAMETER_LENGTH_MAX, ignoreTrailingSlash: true },
  }).withTypeProvider<ZodTypeProvider>() as unknown as Api;

  const proxies = parseTrustedProxies(config.KIST_TRUSTED_PROXIES);
  const templates = createTemplateChecks(options.pool);
  const parts: ApiParts = { ...options, proxies, templates, breaker: new Breaker() };
  app.setValidatorCompiler(validatorCompiler);
  // Answers are what the routes' types say; contract tests hold them against the document.
  app.setSerializerCompiler(() => JSON.stringify);
  decorate(app);
  closeIdleConnections(app);
  registerJsonParser(app);
  registerErrors(app, parts);
  registerAudit(app, parts);
  app.register(cookie);
  registerDocs(app);
  app.register(async (guarded) => registerRoutes(guarded as unknown as Api, parts));
  if (options.registerMore) {
    const { registerMore } = options;
    app.register(async (more) => registerMore(more));
  }
  return app as unknown as FastifyInstance;
}

/** A connection that was busy when the server began to close is idle soon after, and would stay open. */
function closeIdleConnections(app: Api): void {
  app.addHook('preClose', (done) => {
    if (!app.server.listening) return done();
    const timer = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_MS);
    app.server.once('close', () => clearInterval(timer));
    timer.unref();
    done();
  });
}

function decorate(app: Api): void {
  app.decorateRequest('actor', null);
  app.decorateRequest('session', null);
  app.decorateRequest('problem_code', null);
  app.decorateRequest('audit_arguments', undefined);
  app.decorateRequest('audit_subject', null);
  app.decorateRequest('audit_id', null);
}

/** Every route in here asks who is there; one that forgets to say what the caller needs does not start. */
function registerRoutes(app: Api, parts: ApiParts): void {
  const authenticate = authenticator(parts.identity, parts.pool);
  app.addHook('onRoute', ({ url, config, schema }) => {
    if (!config?.action || config.scope === undefined) {
      throw new Error(`The route ${url} must name its action and the scope it needs.`);
    }
    if (schema && !schema.hide) describe(schema, config.action, config.scope);
  });
  app.addHook('onRequest', async (request) => {
    const { open, scope } = request.routeOptions.config;
    parts.breaker.pass();
    if (open) return;
    request.actor = await authenticate(request);
    if (scope) assertScope(request.actor, scope);
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (reply.statusCode < 500 && request.problem_code !== 'tell-again') parts.breaker.succeeded();
    done();
  });
  acceptJobRoutes(app, parts);
  jobRoutes(app, parts);
  switchRoutes(app, parts);
  approvalRoutes(app, parts);
  approvalPages(app, parts);
  productRoutes(app, parts);
  loanApplicationRoutes(app, parts);
  loanRoutes(app, parts);
  loanHistoryRoutes(app, parts);
  loanJobRoutes(app, parts);
  foreclosureRoutes(app, parts);
  trancheRoutes(app, parts);
  reversalRoute(app, parts);
  documentRoutes(app, parts);
  walletRoutes(app, parts);
  holdRoutes(app, parts);
  fraudRoutes(app, parts);
  scoreRoutes(app, parts);
  ledgerRoutes(app, parts);
  businessDayRoutes(app, parts);
  calculationRoutes(app);
  eventRoutes(app, parts);
  webhookEndpointRoutes(app, parts);
  gatewayRoutes(app, parts);
  gatewayEventRoutes(app, parts);
  callbackRoutes(app, parts);
  bankAccountRoutes(app, parts);
  borrowerContactRoutes(app, parts);
  noticeRoutes(app, parts);
  accountCheckRoutes(app, parts);
  payoutRoutes(app, parts);
  paymentExceptionRoutes(app, parts);
  reconciliationRoutes(app, parts);
  breakRoutes(app, parts);
  collectionRoutes(app, parts);
  mandateRoutes(app, parts);
  templateRoutes(app, parts);
  notificationSuppressionRoutes(app, parts);
  notificationProviderRoutes(app, parts);
  notificationRoutes(app, parts);
  notificationLaneRoutes(app, parts);
  templatePages(app, parts);
  receiptRoutes(app, parts);
  receiptAddressRoutes(app, parts);
  optOutPages(app, parts);
  sessionRoutes(app, parts);
}

/** What the document says of every route: its name for programs, and the scope that it asks for. */
function describe(schema: FastifySchema, action: string, scope: string | null): void {
  schema.operationId ??= action;
  if (scope)
    schema.description = [schema.description, `Needs the scope \`${scope}\`.`].filter(Boolean).join('\n\n');
}

/** Requests of this process are counted: a random id for each took 4 % of the time of accepting a job. */
const PROCESS = randomBytes(9).toString('base64url');
let requests = 0;

/** The caller's X-Request-Id, so that a request can be followed over services; one of our own otherwise. */
function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && REQUEST_ID.test(given)) return given;
  requests += 1;
  return `${PROCESS}-${requests.toString(36)}`;
}
