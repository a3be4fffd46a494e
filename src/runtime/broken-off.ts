/** What a request failed with that never got an answer. */
export interface BrokenOff {
  /** The system's code, `broken-off` where it gives none. */
  code: string;
  /** No connection came about: whoever was called has heard nothing. */
  nothing_sent: boolean;
}

/** System calls that come before the first byte is sent. */
const BEFORE_SENDING = ['connect', 'getaddrinfo'];
/** What a TLS handshake fails with when we do not trust who is there: nothing was sent either. */
const UNTRUSTED = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(?:GET|VERIFY)_|ERR_TLS_CERT_)/;

/** Of what fetch threw: its code, and whether anything was sent. The error itself may hold parts of the request. */
export function brokenOff(error: unknown): BrokenOff {
  const [first, ...others] = causesOf(error);
  const nothing_sent = first !== undefined && [first, ...others].every(isBeforeSending);
  return { code: first?.code ?? 'broken-off', nothing_sent };
}

interface SystemError {
  code: string;
  syscall?: string;
  errors?: SystemError[];
}

/** What fetch failed from; several where a name has several addresses. */
function causesOf(error: unknown): SystemError[] {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error) || typeof (cause as Error & Partial<SystemError>).code !== 'string')
    return [];
  const system = cause as Error & SystemError;
  return cause instanceof AggregateError ? (cause.errors as SystemError[]) : [system];
}

function isBeforeSending({ code, syscall }: SystemError): boolean {
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || UNTRUSTED.test(code)) return true;
  return syscall !== undefined && BEFORE_SENDING.includes(syscall);
}

/** The text of an answer; null where it is longer than it may be. */
export async function readText(response: Response, bytes_max: number): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > bytes_max) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
