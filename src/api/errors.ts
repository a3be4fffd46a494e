import { type ErrorEntry, entry } from './error-entry.ts';
import { NOTIFICATION_ERRORS } from './notification-errors.ts';

/**
 * Every error this API answers with. A code is a promise: it is never renamed, and a retired one is
 * moved to RETIRED_CODES so that nobody gives it a second meaning. docs/errors.md and /docs/errors are
 * generated from this list.
 */
export const ERRORS = {
  'malformed-json': entry(
    400,
    'The body is not JSON.',
    'The body is empty, cut off, not JSON, or uses the names __proto__ or constructor.prototype.',
    'Send one JSON document in UTF-8.',
  ),
  'malformed-request': entry(
    400,
    'The request is not well-formed HTTP.',
    'The URL cannot be decoded, a header is broken or given twice, or the body is not as long as announced.',
    'Repair the request; `detail` says what was found.',
  ),
  'invalid-request': entry(
    400,
    'The request does not have the form this route asks for.',
    'A field is missing, unknown, of the wrong type or out of range.',
    'Look at `errors`: each names one field by JSON pointer. /docs has the schema of every route.',
  ),
  'invalid-payload': entry(
    400,
    'The payload does not have the form its job kind asks for.',
    'A field of the payload is missing, unknown, of the wrong type or out of range.',
    'Look at `errors`: each names one field by JSON pointer.',
  ),
  'invalid-key': entry(
    400,
    'The idempotency key cannot be used.',
    'The key is empty, too long, or has control characters.',
    'Send a key of 1 to 200 printable characters.',
  ),
  'missing-token': entry(
    401,
    'It is not known who is asking.',
    'There is no bearer token and no session.',
    'Services send `Authorization: Bearer <JWT>`; operators log in at /login.',
  ),
  'malformed-token': entry(
    401,
    'The token cannot be read.',
    'It is no JWT, or lacks claims that every token has.',
    'Send a signed JWT with iss, sub, aud, iat and exp.',
  ),
  'algorithm-not-allowed': entry(
    401,
    'The token is signed in a way that is not accepted.',
    'The algorithm in its header is `none` or not one that this service is registered with.',
    'Sign with EdDSA or RS256, as registered.',
  ),
  'unknown-service': entry(
    401,
    'The token names no service known here.',
    'The service is not registered, or misspelt.',
    'Register it with `kist service add`.',
  ),
  'bad-signature': entry(
    401,
    'The signature of the token is not right.',
    'It was signed with another key, or changed on its way.',
    "Sign with the service's registered key.",
  ),
  'expired-token': entry(401, 'The token is over.', 'Its `exp` has passed.', 'Get a fresh token.'),
  'token-not-yet-valid': entry(
    401,
    'The token is not valid yet.',
    'Its `nbf` or `iat` lies in the future.',
    'Check the clock of the one who signs.',
  ),
  'token-lives-too-long': entry(
    401,
    'The token lives too long.',
    'Its `exp` lies further ahead than is accepted.',
    'Sign tokens that live for minutes, not days.',
  ),
  'wrong-audience': entry(
    401,
    'The token is meant for somebody else.',
    'Its `aud` is not this installation.',
    'Ask for a token with the right audience.',
  ),
  'service-disabled': entry(
    401,
    'The service has been switched off.',
    'An administrator disabled it.',
    'Ask an administrator of your tenant.',
  ),
  'callback-refused': entry(
    401,
    'This callback is not taken.',
    'There is no such account with a gateway, it is disabled, or it did not sign these bytes.',
    'At the gateway, set the address and the webhook secret that are set here; `kist gateway show`.',
  ),
  'wrong-credentials': entry(
    401,
    'E-mail address and password do not belong together.',
    'One of them is wrong, or the operator is locked.',
    'Try again, or ask an administrator to unlock the account.',
  ),
  'no-session': entry(
    401,
    'There is no such session.',
    'It is over, was ended on purpose, or its operator is locked.',
    'Log in again.',
  ),
  'missing-scope': entry(
    403,
    'The caller may not do this.',
    'The token or role does not have the scope that `detail` names.',
    'Ask for the scope to be granted to this service or operator.',
  ),
  'wrong-tenant': entry(
    403,
    'The caller may not act for that tenant.',
    'Only operators of the platform may act for a tenant other than their own.',
    'Leave the header Kist-Tenant out.',
  ),
  'cross-site-request': entry(
    403,
    'A request with a session must come from our own pages.',
    'An unsafe method was used with a session cookie, from another site or without its CSRF token.',
    'Send the csrf_token of GET /v1/session in the header `X-CSRF-Token`.',
  ),
  'own-request': entry(
    403,
    'Nobody approves what they asked for themselves.',
    'The one who decides is the one who applied.',
    'Have another person, or another service, decide.',
  ),
  'not-proposer': entry(
    403,
    'Only its proposer can withdraw a proposal.',
    'Somebody else proposed it.',
    'Reject it instead.',
  ),
  'unknown-product': entry(
    400,
    'There is no such product.',
    'The tenant does not lend on a product of this code.',
    'Use the code of a product of the tenant, for instance `personal-loan`.',
  ),
  'forbidden-address': entry(
    400,
    'Nothing is sent to this address.',
    'It is not https, leads to an address that is not public, or cannot be resolved.',
    'Use an https:// address that the whole Internet can reach; `detail` says what is wrong with it.',
  ),
  'unknown-route': entry(
    404,
    'There is nothing here.',
    'No route has this path.',
    '/docs lists every route.',
  ),
  'unknown-kind': entry(
    404,
    'There is no such kind of job.',
    'The kind is misspelt, of another release, or accepted only from inside.',
    '/docs lists every kind.',
  ),
  'unknown-calculation': entry(
    404,
    'There is no such calculation.',
    'The name in the address is misspelt, or of another release.',
    '`detail` names those there are; docs/calculator.md describes them.',
  ),
  'unknown-gateway': entry(
    404,
    'There is no such payment gateway.',
    'The name in the address is misspelt, or of another release.',
    '`detail` names those there are.',
  ),
  'not-found': entry(
    404,
    'There is no such thing.',
    'Nothing has this id in your tenant.',
    'Check the id and the tenant of your token.',
  ),
  'method-not-allowed': entry(
    405,
    'This path does not know this method.',
    'The path exists, but not for this method.',
    'Use a method from the `Allow` header.',
  ),
  'illegal-transition': entry(
    409,
    'In its present state this cannot be done.',
    'The job, application or loan has moved on, or is not there yet.',
    'Read it again and decide on what you see; `detail` names its state.',
  ),
  'day-not-over': entry(
    409,
    'The business day is still to come.',
    'It was asked to be closed before its date.',
    'Ask again on its evening; by itself it is closed then.',
  ),
  'not-next-day': entry(
    409,
    'Another business day must be closed first.',
    'Days are closed one after the other, on the tenant’s calendar.',
    'Close the one that `detail` names.',
  ),
  'approval-required': entry(
    409,
    'Another person must agree first.',
    'By the policy of the tenant this takes two people; it has been proposed, or stands proposed.',
    'Have somebody else approve it: /console/approvals, or POST /v1/approvals/{id}/approve.',
  ),
  'approval-hash-mismatch': entry(
    409,
    'The vote is about something else than what was proposed.',
    'The hash that came with the vote is not the hash of this approval.',
    'Read the approval again, decide on what it says, and send its hash.',
  ),
  'approval-expired': entry(
    409,
    'The time to vote is over.',
    'Nobody made up the quorum before it expired.',
    'Propose it anew.',
  ),
  'already-voted': entry(
    409,
    'Everybody votes once.',
    'The same caller voted otherwise before.',
    'Have another person vote.',
  ),
  'proposal-outdated': entry(
    409,
    'What was proposed rests on facts that have changed.',
    'Something it is about was changed between the proposal and its last vote. Nothing was done.',
    'Look at it as it is now, and propose it anew.',
  ),
  'action-refused': entry(
    409,
    'What was proposed cannot be done.',
    '`detail` says why. Nothing was done.',
    'Mend what is in its way, and propose it anew.',
  ),
  'not-reversible': entry(
    409,
    'This journal is not reversed as a journal.',
    'It moved more than accounts: a loan’s schedule, or a hold.',
    'Use the operation that undoes it, for instance reversing the repayment.',
  ),
  'already-reversed': entry(
    409,
    'This journal is reversed already.',
    'Its reversal was posted before.',
    '`detail` names the journal that did.',
  ),
  'already-exists': entry(
    409,
    'This exists already.',
    'Another request made it, with other properties.',
    'Read the existing one, or choose another id.',
  ),
  'too-many-endpoints': entry(
    409,
    'There are too many webhook endpoints.',
    'A tenant has as many as it may have.',
    'Remove one that is not needed, or send more event types to one that stands.',
  ),
  'body-too-large': entry(
    413,
    'The body is too large.',
    'The body is longer than 2 MiB; that of a callback, than 256 KiB.',
    'Send fewer jobs at once.',
  ),
  'uri-too-long': entry(414, 'The address is too long.', 'The path or query is too long.', 'Shorten it.'),
  'unsupported-media-type': entry(
    415,
    'Only JSON is understood.',
    'The content type is missing or not application/json.',
    'Send `Content-Type: application/json`.',
  ),
  'idempotency-conflict': entry(
    422,
    'This key was used with another payload.',
    'The same idempotency key came before, with a different payload. Nothing was done.',
    'Use a new key for new work; repeat a request only with exactly the payload it had.',
  ),
  'unknown-owner': entry(
    422,
    'Nobody of that name can look after it.',
    'The owner is no operator of the tenant, or is locked out.',
    'Send the e-mail address of one, as `kist operator list` tells them, or null.',
  ),
  'not-calculable': entry(
    422,
    'There is no answer to this calculation.',
    'Every field is well-formed, but together they contradict each other or lead to no number.',
    '`detail` says why, `errors` names the field where one is at fault.',
  ),
  'too-many-attempts': entry(
    429,
    'Too many attempts to log in.',
    'Several logins failed in a row, for this account or from this address.',
    'Wait as long as `Retry-After` says.',
  ),
  'tell-again': entry(
    429,
    'What was told could not be kept just now.',
    'The database does not answer, or too much is told at once.',
    'Tell it again after `Retry-After` seconds. It is 429, for providers tell nothing again after any other refusal.',
  ),
  'headers-too-large': entry(
    431,
    'The headers are too large.',
    'The headers together are longer than 16 KiB.',
    'Send fewer or shorter headers.',
  ),
  'internal-error': entry(
    500,
    'Something went wrong on our side.',
    'A fault in Kist. It is in the log under `request_id`.',
    'Repeat with the same idempotency key; if it stays, report the request_id.',
  ),
  'keys-unavailable': entry(
    503,
    'The keys of the service cannot be had.',
    "The service's JWKS address does not answer.",
    'Repeat later; look at the JWKS address of the service.',
  ),
  'login-busy': entry(
    503,
    'Too many people log in at this moment.',
    'Checking a password is slow on purpose, and only so many are checked at once.',
    'Try again in a few seconds.',
  ),
  overloaded: entry(
    503,
    'Too much is going on at the moment.',
    'More requests came than can be recorded.',
    'Repeat with the same idempotency key after `Retry-After` seconds.',
  ),
  'backlog-full': entry(
    503,
    'Too much of this waits already.',
    'More applications wait for their credit check than may; the bureau is slow or away.',
    'Repeat the same request after `Retry-After` seconds. What was accepted before is not lost.',
  ),
  'shutting-down': entry(
    503,
    'This process is stopping.',
    'The process was told to stop and accepts no more work.',
    'Repeat with the same idempotency key; another process will answer.',
  ),
  'database-unavailable': entry(
    503,
    'The database cannot be reached.',
    'The database is restarting, failing over, or out of connections.',
    'Repeat with the same idempotency key after `Retry-After` seconds: it happens once at most.',
  ),
  ...NOTIFICATION_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Codes of earlier releases: never used again. */
export const RETIRED_CODES: readonly string[] = [];

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** docs/errors.md, as written by scripts/generate.ts. */
export function renderErrorsPage(): string {
  const byStatus = Object.entries(ERRORS).sort(([, one], [, other]) => one.status - other.status);
  const sections = byStatus.map(
    ([code, { status, title, cause, remedy }]) =>
      `## ${code}\n\n**${status}** ${title}\n\n- Cause: ${cause}\n- Remedy: ${remedy}\n`,
  );
  const retired =
    RETIRED_CODES.length === 0 ? '' : `\nRetired codes, never used again: ${RETIRED_CODES.join(', ')}.\n`;
  return `# Errors

Generated from src/api/errors.ts; do not edit.

Every error is a problem document (RFC 9457, \`application/problem+json\`): \`code\` is stable and meant for
programs, \`detail\` is meant for people, \`errors\` names each wrong field by JSON pointer, \`request_id\` finds
the request in the log. Codes of single items of \`POST /v1/jobs\` are the same.

${sections.join('\n')}${retired}`;
}
