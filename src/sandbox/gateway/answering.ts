import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cut } from '../cut.ts';
import { Ring } from '../ring.ts';
import { badRequest, DIFFERENT_BODY, GatewayError, serverError, tooManyRequests } from './errors.ts';
import type { GatewayFault } from './faults.ts';
import { fingerprint } from './identifiers.ts';
import { rawBody } from './raw-body.ts';
import type { GatewayAccount } from './settings.ts';
import type { Workings } from './workings.ts';

/** A call that reached the gateway, whatever came of it. */
export interface GatewayRequest {
  /** By the gateway's clock. */
  at: string;
  account: string | null;
  method: string;
  path: string;
  idempotency_key: string | null;
  /** SHA-256 of the body, byte for byte; null without one. */
  body_sha256: string | null;
  fault: GatewayFault | null;
  /** What was answered; null where the line was cut. */
  status: number | null;
}

/** One call, as its route understood it. */
export interface Call {
  account: GatewayAccount;
  /** What is asked, e.g. `payout.create`. */
  name: string;
  /** Whom faults befall: the first one decides what the seed brings. */
  subjects: readonly (string | null | undefined)[];
  act: () => unknown;
  /** The status of an answer with news, 200 by default. */
  status?: () => number;
  /** Brings about what would happen while an answer is late. */
  meanwhile?: () => Promise<unknown>;
}

const LOG_MAX = 200_000;
const ATTEMPTS_MAX = 500_000;
const RETRY_AFTER_S = 1;
const GARBAGE = '<html><body>502 Bad Gateway</body></html>';
/** Answers calls as the fault script says: before the act, after it, late, or not at all. */
export class Answering {
  readonly log = new Ring<GatewayRequest>(LOG_MAX);
  readonly #workings: Workings;
  readonly #attempts = new Map<string, number>();

  constructor(workings: Workings) {
    this.#workings = workings;
  }

  async answer(request: FastifyRequest, reply: FastifyReply, call: Call): Promise<unknown> {
    const fault = this.#faultOf(call, request.method !== 'GET');
    const entry = this.entry(request, call.account.id, fault);
    if (fault === 'reset') return cut(reply);
    try {
      refuseBy(fault);
      const body = this.#workings.store.atomically(call.act);
      const status = call.status?.() ?? 200;
      if (fault === 'webhook-first') await call.meanwhile?.();
      if (this.#workings.settings.delay_ms > 0) await pause(this.#workings.settings.delay_ms);
      if (fault === 'commit-then-hang')
        await pause(this.#workings.settings.hang_ms, undefined, { ref: false });
      if (fault === 'commit-then-hang' || fault === 'commit-then-reset') return cut(reply);
      if (fault === 'commit-then-500')
        throw serverError('We are facing some trouble completing your request.');
      entry.status = status;
      if (fault === 'commit-then-garbage') return reply.type('application/json').send(GARBAGE);
      return reply.code(status).send(body);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      entry.status = error.status;
      return reply.code(error.status).headers(error.headers).send(error.body);
    }
  }

  /** Notes a call down; its status follows. */
  entry(request: FastifyRequest, account: string | null, fault: GatewayFault | null): GatewayRequest {
    const { headers, method, url } = request;
    const raw = rawBody(request);
    const key = headers['x-payout-idempotency'] ?? headers['x-refund-idempotency'] ?? null;
    const entry: GatewayRequest = {
      ...{
        at: new Date(this.#workings.clock.now()).toISOString(),
        account,
        method,
        path: url,
        fault,
        status: null,
      },
      ...{ idempotency_key: key as string | null, body_sha256: raw ? fingerprint(raw) : null },
    };
    this.log.push(entry);
    return entry;
  }

  #faultOf({ account, name, subjects }: Call, changes: boolean): GatewayFault | null {
    const subject = subjects.find(Boolean) ?? account.id;
    const counted = `${name}/${subject}`;
    const attempt = (this.#attempts.get(counted) ?? 0) + 1;
    if (this.#attempts.size >= ATTEMPTS_MAX) this.#attempts.clear();
    this.#attempts.set(counted, attempt);
    const { faults } = this.#workings;
    const chosen = faults.choose({
      ...{ group: 'answer', subjects: [subject, ...subjects], call: name, point: `${name}/${attempt}` },
      ...{ is_read: !changes, scripted_only: attempt > faults.settings.failures_in_row_max },
    });
    return chosen?.fault ?? null;
  }
}

/** What is refused before anything is done. */
function refuseBy(fault: GatewayFault | null): void {
  switch (fault) {
    case 'rate-limited':
      throw tooManyRequests(RETRY_AFTER_S);
    case 'rate-limited-bare':
      throw tooManyRequests(null);
    case 'error-500':
      throw serverError('The server encountered an error. The incident has been reported to admins.');
    case 'key-mismatch':
      throw badRequest(DIFFERENT_BODY);
  }
}
