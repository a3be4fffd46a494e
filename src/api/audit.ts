import { randomUUIDv7 } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Pool } from '../db/pools.ts';
import { type AuditRow, recordAudit } from '../identity/audit.ts';
import { clientIp, type TrustedProxies } from '../identity/client-ip.ts';
import { Problem } from './problem.ts';

const BUFFER_ROWS_MAX = 20_000;
const FLUSH_ROWS = 1_000;
const FLUSH_MS = 200;
/** Arguments longer than this are told by their length. */
const ARGUMENT_BYTES_MAX = 8_192;

export type WriteAudit = (rows: readonly AuditRow[]) => Promise<void>;

/**
 * Gathers audit rows and writes them a batch at a time, so that a request never waits for its own row.
 * Bounded: when the database cannot take the rows, new requests are turned away rather than forgotten.
 * A process that is killed loses the rows of its last FLUSH_MS; what those requests accepted names its
 * caller in the job's own row.
 */
export class AuditBuffer {
  readonly #rows: AuditRow[] = [];
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #write: WriteAudit;
  readonly #log: Logger;

  constructor(write: WriteAudit, log: Logger) {
    this.#write = write;
    this.#log = log;
  }

  /** @throws Problem overloaded when no further row can be kept. */
  assertRoom(): void {
    if (this.#rows.length >= BUFFER_ROWS_MAX) {
      throw new Problem('overloaded', undefined, { headers: { 'retry-after': '1' } });
    }
  }

  add(row: AuditRow): void {
    this.#rows.push(row);
    if (this.#rows.length >= FLUSH_ROWS) void this.#flush();
    else this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS);
  }

  /** Writes what is there; rows that cannot be written now stay for the next time. */
  #flush(): Promise<void> {
    this.#writing ??= this.#writeOnce().finally(() => {
      this.#writing = null;
      if (this.#rows.length > 0) this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS);
    });
    return this.#writing;
  }

  async #writeOnce(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const rows = this.#rows.slice(0, FLUSH_ROWS);
    giveIds(rows);
    try {
      await this.#write(rows);
      this.#rows.splice(0, rows.length);
    } catch (error) {
      this.#log.error({ err: error, rows: rows.length }, 'audit rows could not be written; will try again');
    }
  }

  /** Writes everything; what cannot be written goes to the log, which is the last place left. */
  async close(): Promise<void> {
    const attempts_max = Math.ceil(this.#rows.length / FLUSH_ROWS) + 2;
    for (let attempt = 0; attempt < attempts_max && (this.#writing || this.#rows.length > 0); attempt += 1) {
      await this.#flush();
    }
    if (this.#timer) clearTimeout(this.#timer);
    for (const { arguments: _, ...row } of this.#rows) this.#log.error({ row }, 'audit row not written');
  }
}

/**
 * Ids in the order of the rows: one that may have been written is written again under its own. All at once and by
 * Node, for uuid's v7 asks the system for every single one: 4 % of the time of accepting a job.
 */
function giveIds(rows: readonly AuditRow[]): void {
  const ids = rows.map(() => randomUUIDv7()).sort();
  for (const [index, row] of rows.entries()) row.id ??= ids[index]!;
}

/** One row for every request on a route that has an action; the routes themselves know nothing of it. */
export function registerAudit(
  app: FastifyInstance,
  parts: { pool: Pool; log: Logger; proxies: TrustedProxies },
): void {
  const buffer = new AuditBuffer((rows) => recordAudit(parts.pool, rows), parts.log);
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.routeOptions.config.action) buffer.assertRoom();
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { action } = request.routeOptions.config;
    if (action && request.actor) buffer.add(rowOf(action, request, reply, parts.proxies));
    done();
  });
  app.addHook('onClose', () => buffer.close());
}

function rowOf(
  action: string,
  request: FastifyRequest,
  reply: FastifyReply,
  proxies: TrustedProxies,
): AuditRow {
  const actor = request.actor!;
  const { id, kind } = request.params as { id?: string; kind?: string };
  return {
    ...(request.audit_id && { id: request.audit_id }),
    tenant: actor.tenant,
    actor_kind: actor.kind,
    actor: actor.name,
    client_ip: clientIp(request.socket.remoteAddress, request.headers['x-forwarded-for'], proxies),
    action,
    subject: request.audit_subject ?? id ?? kind ?? null,
    arguments: argumentsOf(request),
    duration_ms: reply.elapsedTime,
    outcome: reply.statusCode < 400 ? 'SUCCESS' : 'FAILED',
    error_code: request.problem_code,
    request_id: request.id,
  };
}

/** What was asked for; recordAudit redacts it. */
function argumentsOf(request: FastifyRequest): unknown {
  if (request.audit_arguments !== undefined) return request.audit_arguments;
  if (request.routeOptions.config.confidential) return request.params;
  if (request.body === undefined || request.body === null) return request.query;
  const bytes = Number(request.headers['content-length'] ?? ARGUMENT_BYTES_MAX + 1);
  return bytes <= ARGUMENT_BYTES_MAX ? request.body : { bytes };
}
