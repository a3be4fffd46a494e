/**
 * How a call to a gateway may end without a picture. Which one decides over money: only `rejected` and
 * `busy` prove that nothing was made.
 *
 * - `rejected`: the gateway refused the request itself (400, 404, 422); nothing was made.
 * - `busy`: it asks to be left alone for a while (429), or an earlier request with the same key still runs
 *   (409); this call made nothing, which says nothing of an earlier one.
 * - `locked-out`: it does not know us, or not from here (401, 403); nothing was made, and nothing will be
 *   before a person mends it.
 * - `key-conflict`: our key stands there with another body, which we never sent: a contradiction.
 * - `unreachable`: no connection came about; nothing was sent.
 * - `unknown`: it may have been made: no answer in time, a reset, 5xx, or an answer nobody can read.
 */
export type GatewayErrorKind =
  | 'rejected'
  | 'busy'
  | 'locked-out'
  | 'key-conflict'
  | 'unreachable'
  | 'unknown';

export class GatewayError extends Error {
  override name = 'GatewayError';
  readonly kind: GatewayErrorKind;
  /** The gateway's own code, or one of ours such as `timeout`: for people and metrics. Never personal data. */
  readonly code: string;
  readonly status: number | null;
  readonly after_ms: number | undefined;
  /** The field that it is about, where the gateway tells. */
  readonly field: string | undefined;

  constructor(
    kind: GatewayErrorKind,
    code: string,
    message: string,
    more: ErrorOptions & { status?: number; after_ms?: number; field?: string } = {},
  ) {
    super(message, more);
    this.kind = kind;
    this.code = code;
    this.status = more.status ?? null;
    this.after_ms = more.after_ms;
    this.field = more.field;
  }
}
