/** Every way to be turned away, with its HTTP status. Codes are stable; retired ones are not reused. */
export const IDENTITY_ERRORS = {
  'missing-token': 401,
  'malformed-token': 401,
  'algorithm-not-allowed': 401,
  'unknown-service': 401,
  'bad-signature': 401,
  'expired-token': 401,
  'token-not-yet-valid': 401,
  'token-lives-too-long': 401,
  'wrong-audience': 401,
  'service-disabled': 401,
  'keys-unavailable': 503,
  'wrong-credentials': 401,
  'too-many-attempts': 429,
  'login-busy': 503,
  'no-session': 401,
  'missing-scope': 403,
  'wrong-tenant': 403,
  'cross-site-request': 403,
} as const;

export type IdentityErrorCode = keyof typeof IDENTITY_ERRORS;

/** Somebody was turned away. The message is for the caller and gives no secret away. */
export class IdentityError extends Error {
  override name = 'IdentityError';
  readonly code: IdentityErrorCode;
  readonly status: 401 | 403 | 429 | 503;
  /** Seconds after which another try may be made, where there is such a time. */
  readonly retry_after_s: number | undefined;

  constructor(
    code: IdentityErrorCode,
    message: string,
    options: ErrorOptions & { retry_after_s?: number } = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = IDENTITY_ERRORS[code];
    this.retry_after_s = options.retry_after_s;
  }
}
