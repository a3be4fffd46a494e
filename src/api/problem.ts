import type { FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseAway } from '../db/transaction.ts';
import { EventError } from '../events/errors.ts';
import { ActionRefused, ApprovalError } from '../identity/approval-errors.ts';
import { IdentityError } from '../identity/errors.ts';
import { CalculationError } from '../loans/calculator/errors.ts';
import { LoanError } from '../loans/errors.ts';
import { NotificationError } from '../notifications/errors.ts';
import { TemplateError } from '../notifications/templates/errors.ts';
import { PaymentError } from '../payments/errors.ts';
import { ERRORS, type ErrorCode, isErrorCode } from './errors.ts';

/** Names one wrong field. */
export interface FieldError {
  /** JSON pointer into the body, or into the part of the request that `in` names. */
  pointer: string;
  message: string;
  in?: 'query' | 'path' | 'header';
}

export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail?: string;
  instance: string;
  request_id: string;
  errors?: FieldError[];
}

export const PROBLEM_TYPE = 'application/problem+json';
const FIELD_ERRORS_MAX = 50;

/** Thrown anywhere in a request: ends it with the error of that code. */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string> | undefined;

  constructor(
    code: ErrorCode,
    detail?: string,
    more: { errors?: FieldError[] | undefined; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail ?? '', { cause: more.cause });
    this.code = code;
    this.errors = more.errors;
    this.headers = more.headers;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

const FRAMEWORK_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed-request',
  FST_ERR_BAD_URL: 'malformed-request',
  FST_ERR_MAX_PARAM_LENGTH: 'uri-too-long',
  FST_ERR_PARAM_LENGTH_EXCEEDED: 'uri-too-long',
  FST_ERR_REOPENED_CLOSE_SERVER: 'shutting-down',
};

const DATABASE_RETRY_AFTER_S = 1;

/** Reads whatever was thrown as one of the registered errors; what is not known is an internal error. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (isDatabaseAway(thrown)) {
    return new Problem('database-unavailable', undefined, {
      cause: thrown,
      headers: { 'retry-after': String(DATABASE_RETRY_AFTER_S) },
    });
  }
  if (thrown instanceof IdentityError || thrown instanceof LoanError) {
    const { code, message, retry_after_s } = thrown;
    const headers = retry_after_s === undefined ? {} : { 'retry-after': String(retry_after_s) };
    return new Problem(code, message, { cause: thrown, headers });
  }
  if (thrown instanceof ApprovalError || thrown instanceof EventError || thrown instanceof PaymentError)
    return new Problem(thrown.code, thrown.message, { cause: thrown });
  if (thrown instanceof NotificationError || thrown instanceof TemplateError) {
    return new Problem(thrown.code, thrown.message, { cause: thrown, errors: [...thrown.fields] });
  }
  if (thrown instanceof ActionRefused) return refusal(thrown.code, thrown.message);
  if (thrown instanceof CalculationError) return calculationProblem(thrown);
  const { code, statusCode, message } = thrown as { code?: unknown; statusCode?: unknown; message?: unknown };
  if (typeof code === 'string') {
    const known = FRAMEWORK_CODES[code];
    if (known) return new Problem(known, undefined, { cause: thrown });
    if (code.startsWith('FST_') && typeof statusCode === 'number' && statusCode < 500) {
      return new Problem('malformed-request', String(message), { cause: thrown });
    }
  }
  return new Problem('internal-error', undefined, { cause: thrown });
}

/** The problem of an action that cannot be done; a code that has no entry is told in the detail. */
export function refusal(code: string, message: string): Problem {
  return isErrorCode(code)
    ? new Problem(code, message)
    : new Problem('action-refused', `${code}: ${message}`);
}

/** The field's dotted path as JSON pointer: no field of a calculation has a name with a dot or a slash. */
function calculationProblem(error: CalculationError): Problem {
  const { code, message, field } = error;
  const errors = field === '' ? undefined : [{ pointer: `/${field.replaceAll('.', '/')}`, message }];
  const malformed = code === 'invalid-value' || code === 'missing-field' || code === 'unknown-field';
  return new Problem(malformed ? 'invalid-request' : 'not-calculable', message, { errors, cause: error });
}

export function documentOf(problem: Problem, request: { id: string; url: string }): ProblemDocument {
  const { status, title } = ERRORS[problem.code];
  return {
    type: `/docs/errors#${problem.code}`,
    title,
    status,
    code: problem.code,
    ...(problem.message === '' ? {} : { detail: problem.message }),
    instance: pathOf(request.url),
    request_id: request.id,
    ...(problem.errors ? { errors: problem.errors.slice(0, FIELD_ERRORS_MAX) } : {}),
  };
}

/** Answers with a problem document. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (problem.headers) reply.headers(problem.headers);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="kist"');
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send(documentOf(problem, request));
}

/** The part of a path that only who was told it may know. */
const SECRET_PART = /^(\/v1\/(?:receipts\/[^/]*\/[^/]*|opt-out)\/)[^/]+/;

/** The query, and the end of some paths, may hold what nobody should read in an error or a log. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return plainly(end === -1 ? url : url.slice(0, end)).replace(SECRET_PART, '$1*');
}

/** Letters that need no escape, escaped all the same, lead to the same route. */
function plainly(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const letter = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return /[\w.~-]/.test(letter) ? letter : escaped;
  });
}
