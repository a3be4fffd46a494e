import type { z } from 'zod';

/** The body of the gateway's every error. */
export interface ErrorBody {
  error: {
    code: 'BAD_REQUEST_ERROR' | 'BAD_REQUEST_AUTHENTICATION_ERROR' | 'GATEWAY_ERROR' | 'SERVER_ERROR';
    description: string;
    source: string;
    step: string | null;
    reason: string;
    metadata: Record<string, never>;
    field?: string;
  };
}

export class GatewayError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Record<string, string>;

  constructor(status: number, error: Partial<ErrorBody['error']>, headers: Record<string, string> = {}) {
    super(error.description ?? '');
    this.status = status;
    this.headers = headers;
    this.body = {
      error: {
        ...{ code: 'BAD_REQUEST_ERROR', description: '', source: 'business', step: 'payment_initiation' },
        ...{ reason: 'input_validation_failed', metadata: {} },
        ...error,
      },
    };
  }
}

export function badRequest(description: string, field?: string, reason?: string): GatewayError {
  return new GatewayError(400, { description, ...(field ? { field } : {}), ...(reason ? { reason } : {}) });
}

export function unknownId(): GatewayError {
  return badRequest('The id provided does not exist', 'id');
}

export function serverError(description: string): GatewayError {
  return new GatewayError(500, {
    ...{ code: 'SERVER_ERROR', description, source: 'internal', step: null, reason: 'server_error' },
  });
}

export function tooManyRequests(retry_after_s: number | null): GatewayError {
  const headers: Record<string, string> =
    retry_after_s === null ? {} : { 'retry-after': String(retry_after_s) };
  return new GatewayError(
    429,
    { description: 'Request failed. Please try after sometime.', source: 'NA', step: null, reason: 'NA' },
    headers,
  );
}

export const DIFFERENT_BODY = 'Different request body sent for the same Idempotency Header';

/** What was sent, in its shape. @throws GatewayError 400 that names the first field that is wrong */
export function shaped<Schema extends z.ZodType>(schema: Schema, sent: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(sent ?? {});
  if (!error) return data;
  const [issue] = error.issues;
  const field = issue!.path.join('.');
  const missing = issue!.code === 'invalid_type' && issue!.message.includes('undefined');
  if (missing) throw badRequest(`The ${field} field is required.`, field);
  throw badRequest(field ? `The ${field} is invalid: ${issue!.message}.` : issue!.message, field);
}
