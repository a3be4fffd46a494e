import { timingSafeEqual } from 'node:crypto';
import { IdentityError } from './errors.ts';
import { csrfTokenOf } from './sessions.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface BrowserRequest {
  method: string;
  /** Headers as Node gives them, names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Refuses an unsafe request that comes from another site's page: by `Origin`, or by `Sec-Fetch-Site`
 * where a browser sends no Origin. Enough together with a SameSite=Strict cookie; where a form or
 * script can send it, assertCsrfToken is checked too.
 *
 * @param origins further origins that count as ours, e.g. https://console.example.com behind a proxy
 * @throws IdentityError cross-site-request
 */
export function assertSameOrigin(request: BrowserRequest, origins: readonly string[] = []): void {
  if (SAFE_METHODS.has(request.method.toUpperCase())) return;
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (typeof origin === 'string') {
    const same = URL.canParse(origin) && new URL(origin).host === host;
    if (same || origins.includes(origin)) return;
  } else if (site === 'same-origin') {
    return;
  }
  throw new IdentityError('cross-site-request', 'This request does not come from a page of this server.');
}

/**
 * Refuses an unsafe request without the session's own CSRF token (Session.csrf_token).
 * @throws IdentityError cross-site-request
 */
export function assertCsrfToken(method: string, sessionToken: string, given: string | undefined): void {
  if (SAFE_METHODS.has(method.toUpperCase())) return;
  const expected = Buffer.from(csrfTokenOf(sessionToken));
  const actual = Buffer.from(given ?? '');
  if (actual.length === expected.length && timingSafeEqual(actual, expected)) return;
  throw new IdentityError('cross-site-request', 'The CSRF token is missing or wrong; load the page again.');
}
