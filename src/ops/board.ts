import { createHash, timingSafeEqual } from 'node:crypto';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Runtime } from '../runtime/types.ts';
import { presentJob, redactAnswer, titleOf } from './board-entries.ts';
import { dressPage, isBoardPage } from './board-page.ts';
import { judge } from './board-rules.ts';
import { ACT, admit, type OperatorSession, refuse, type SessionOf } from './gate.ts';

export const BOARD_PATH = '/board';
const POLLING_S = 15;
/** How many entries of one Retry-all are signed with the operator's name; the audit row covers all. */
const SIGNED_MAX = 1_000;
const SIGNED_AT_ONCE = 100;

/** bull-board's own UI sends this cookie back as this header (axios does it by itself). */
const CSRF_COOKIE = 'XSRF-TOKEN';
const CSRF_HEADER = 'x-xsrf-token';

/** One action on the board and how it ended, for the audit trail. */
export interface BoardAudit {
  tenant: string;
  actor_kind: OperatorSession['actor']['kind'];
  actor: string;
  client_ip: string | null;
  action: string;
  subject: string;
  arguments: Record<string, unknown>;
  duration_ms: number;
  outcome: 'SUCCESS' | 'FAILED';
  error_code: string | null;
  request_id: string;
}

export interface BoardOptions {
  runtime: Pick<Runtime, 'carrierQueues'>;
  sessionOf: SessionOf;
  clientIpOf(request: FastifyRequest): string | null;
  recordAudit(rows: readonly BoardAudit[]): Promise<void>;
  /** Cuts secrets and personal data out of an error's text. */
  redactText?: (text: string) => string;
  /** Shown in the board's corner, so that nobody takes one installation for another. */
  environment: { label: string; color: string };
  log: Logger;
}

interface Visit {
  session: OperatorSession;
  started_ms: number;
  /** The action asked for, once it is known to be one. */
  action?: string;
  error_code?: string;
  answer?: unknown;
}

/**
 * bull-board at /board: every working queue to look at, every dead-letter queue with Retry and Retry all.
 *
 * Looking needs the scope `board:read`, acting `board:operate`; both belong to the platform's own
 * operators only, since the board shows every tenant's ids. An action must come from a page of the
 * board itself (token of the session, same origin) and leaves an audit row, whether it was let through
 * or not.
 */
export function mountBoard(app: FastifyInstance, options: BoardOptions): void {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: options.runtime.carrierQueues().map(({ queue, dead }) => boardQueue(queue, dead)),
    serverAdapter: adapter,
    options: { uiConfig: uiConfig(options.environment) },
  });
  const guard = new BoardGuard(options);
  app.register(
    async (child) => {
      child.addHook('onRequest', (request, reply) => guard.admit(request, reply));
      child.addHook('preHandler', (request, reply) => guard.allow(request, reply));
      child.addHook('preSerialization', async (request, _reply, payload) => guard.answer(request, payload));
      child.addHook('onSend', async (request, reply, payload) => {
        await guard.record(request, reply);
        return isBoardPage(reply, payload) ? dressPage(payload) : payload;
      });
      await child.register(adapter.registerPlugin());
    },
    { prefix: BOARD_PATH },
  );
}

function boardQueue(queue: Queue, dead: boolean): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, {
    readOnlyMode: !dead,
    description: dead ? 'Dead letters: Retry sends the job on its way again, with its history kept.' : '',
  });
  adapter.setFormatter('data', presentJob);
  adapter.setFormatter('name', titleOf);
  return adapter;
}

function uiConfig(environment: BoardOptions['environment']) {
  return {
    boardTitle: 'Kist',
    environment: { ...environment, textColor: '#fff' },
    hideDocsLink: true,
    miscLinks: [{ text: 'Operations', url: '/console' }],
    pollingInterval: { showSetting: false, forceInterval: POLLING_S },
    showMetrics: false,
    showWorkers: false,
    sortQueues: true,
  };
}

class BoardGuard {
  readonly #options: BoardOptions;
  readonly #deadQueues: Map<string, Queue>;
  readonly #visits = new WeakMap<FastifyRequest, Visit>();

  constructor(options: BoardOptions) {
    this.#options = options;
    const dead = options.runtime.carrierQueues().filter((entry) => entry.dead);
    this.#deadQueues = new Map(dead.map(({ queue }) => [queue.name, queue]));
  }

  /** Lets nobody in who is not logged in, or belongs to a tenant. */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const isPage = request.method === 'GET' && !below(request).startsWith('/api/');
    const session = await admit(this.#options.sessionOf, request, reply, isPage);
    if (!session) return reply;
    this.#visits.set(request, { session, started_ms: performance.now() });
    const secure = request.protocol === 'https' ? '; Secure' : '';
    reply.header(
      'set-cookie',
      `${CSRF_COOKIE}=${session.csrf_token}; Path=${BOARD_PATH}; SameSite=Strict${secure}`,
    );
  }

  /** Decides about requests that would change something. */
  async allow(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const visit = this.#visits.get(request);
    const verdict = judge(asked(request), (queue) => this.#deadQueues.has(queue));
    if (!visit || verdict.kind === 'look') return;
    visit.action = verdict.action;
    const turnedAway = (status: number, code: string, message: string) => {
      visit.error_code = code;
      return refuse(reply, status, message);
    };
    if (!isFromBoard(request, visit.session.csrf_token)) {
      return turnedAway(403, 'cross-site-request', 'This request did not come from a page of the board.');
    }
    if (!visit.session.actor.scopes.has(ACT)) {
      return turnedAway(403, 'missing-scope', 'Your role may look, not act.');
    }
    if (verdict.kind === 'refused') return turnedAway(verdict.status, verdict.code, verdict.message);
    await this.#sign(request, visit.session.actor);
  }

  /** Writes who asked onto the entries, so that the redrive itself is done in the operator's name. */
  async #sign(request: FastifyRequest, actor: OperatorSession['actor']): Promise<void> {
    const { queueName = '', jobId } = request.params as Record<string, string | undefined>;
    const queue = this.#deadQueues.get(queueName)!;
    const asked_by = `${actor.kind}:${actor.name}`;
    for (let start = 0; start < (jobId ? 1 : SIGNED_MAX); start += SIGNED_AT_ONCE) {
      const entries = jobId
        ? [await queue.getJob(jobId)]
        : await queue.getJobs(['failed'], start, start + SIGNED_AT_ONCE - 1);
      await Promise.all(entries.map((entry) => entry?.updateData({ ...entry.data, asked_by })));
      if (entries.length < SIGNED_AT_ONCE) return;
    }
  }

  answer(request: FastifyRequest, payload: unknown): unknown {
    const visit = this.#visits.get(request);
    if (visit?.action) visit.answer = payload;
    return redactAnswer(payload, this.#options.redactText ?? ((text) => text));
  }

  /** One audit row for each action, also those that were turned away. */
  async record(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const visit = this.#visits.get(request);
    if (!visit?.action) return;
    const { queueName, jobId, ...more } = request.params as Record<string, string | undefined>;
    const failed = reply.statusCode >= 400;
    const row: BoardAudit = {
      tenant: visit.session.actor.tenant,
      actor_kind: visit.session.actor.kind,
      actor: visit.session.actor.name,
      client_ip: this.#options.clientIpOf(request),
      action: visit.action,
      subject: [queueName, jobId].filter(Boolean).join('/') || 'every queue',
      arguments: { ...more, ...(failed ? {} : counts(visit.answer)) },
      duration_ms: Math.round(performance.now() - visit.started_ms),
      outcome: failed ? 'FAILED' : 'SUCCESS',
      error_code: failed ? (visit.error_code ?? `http-${reply.statusCode}`) : null,
      request_id: request.id,
    };
    await this.#options
      .recordAudit([row])
      .catch((error) =>
        this.#options.log.error({ err: error, audit: row }, 'audit row could not be written'),
      );
  }
}

function below(request: FastifyRequest): string {
  return request.url.slice(BOARD_PATH.length);
}

function asked(request: FastifyRequest) {
  const { queueName, queueStatus } = request.params as Record<string, string | undefined>;
  const route = (request.routeOptions.url ?? '').slice(BOARD_PATH.length);
  return { method: request.method, route, queue: queueName, status: queueStatus };
}

/** The session's own token came back, and the browser, if it says, says that the page was ours. */
function isFromBoard(request: FastifyRequest, csrf_token: string): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const given = request.headers[CSRF_HEADER];
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(csrf_token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function counts(answer: unknown): { retried?: unknown; skipped?: unknown } {
  const { retried, skipped } = (answer ?? {}) as { retried?: unknown; skipped?: unknown };
  return retried === undefined ? {} : { retried, skipped };
}
