/** One wrong field of a request. */
export interface FieldError {
  /** JSON pointer into the body, or into the part of the request that `in` names. */
  pointer: string;
  message: string;
  in?: 'query' | 'path' | 'header';
}

export interface KistErrorDetails {
  status?: number;
  errors?: FieldError[];
  request_id?: string;
  retry_after_ms?: number;
  job?: { id: string; kind: string; state: string; code: string | null; message: string | null };
  cause?: unknown;
}

/**
 * What went wrong. `code` is meant for programs: one of docs/errors.md, or of the client itself:
 * `unreachable` (no answer came), `request-timeout` (no answer in time), `unexpected-answer` (not Kist's),
 * `wait-timeout` (the job has not come to rest; it goes on), `job-dead`, `job-held`, `job-cancelled`;
 * of `verifyWebhook`: `bad-webhook-signature`, `stale-webhook`.
 */
export class KistError extends Error {
  override readonly name = 'KistError';
  readonly code: string;
  /** HTTP status; 0 where there was no answer to have one. */
  readonly status: number;
  /** What is wrong this time, for people. */
  readonly detail: string;
  readonly errors: readonly FieldError[];
  /** Finds the request in Kist's log. */
  readonly request_id: string | undefined;
  /** When the server asked to be spared until, in ms from the answer. */
  readonly retry_after_ms: number | undefined;
  /** Set where a job was waited for that did not end well. */
  readonly job: KistErrorDetails['job'];

  constructor(code: string, detail: string, details: KistErrorDetails = {}) {
    super(`${code}: ${detail}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.detail = detail;
    this.status = details.status ?? 0;
    this.errors = details.errors ?? [];
    this.request_id = details.request_id;
    this.retry_after_ms = details.retry_after_ms;
    this.job = details.job;
  }
}

/** A problem document (RFC 9457), as far as it is to be trusted from somewhere in between. */
export interface Problem {
  code: string;
  title?: string;
  detail?: string;
  errors?: FieldError[];
  request_id?: string;
}

/** Reads an answer that is not 2xx; a proxy's HTML page becomes `unexpected-answer`. */
export function errorOfAnswer(status: number, text: string, retry_after: string | null): KistError {
  const retry_after_ms = readRetryAfter(retry_after);
  const problem = readProblem(text) ?? {
    code: 'unexpected-answer',
    detail: `HTTP ${status} that is not a problem document: ${text.slice(0, 200)}`,
  };
  return errorOfProblem(status, problem, retry_after_ms);
}

export function errorOfProblem(status: number, problem: Problem, retry_after_ms?: number): KistError {
  const { code, title, detail, errors, request_id } = problem;
  return new KistError(code, detail ?? title ?? `HTTP ${status}`, {
    status,
    ...(errors ? { errors } : {}),
    ...(request_id ? { request_id } : {}),
    ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
  });
}

function readProblem(text: string): Problem | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const isProblem = typeof body === 'object' && body !== null && 'code' in body;
    return isProblem && typeof body.code === 'string' ? (body as Problem) : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds, or the date of HTTP. */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - Date.now());
}
