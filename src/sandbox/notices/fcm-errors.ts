import { Refusal, type Said } from './answering.ts';
import { BAD_GATEWAY } from './brevo.ts';
import type { NoticeFault } from './faults.ts';

/** HTTP status and Google's status of each of FCM's own codes. */
const CODES = {
  UNREGISTERED: [404, 'NOT_FOUND', 'Requested entity was not found.'],
  INVALID_ARGUMENT: [400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  SENDER_ID_MISMATCH: [403, 'PERMISSION_DENIED', 'SenderId mismatch'],
  PERMISSION_DENIED: [403, 'PERMISSION_DENIED', 'Permission denied on resource project.'],
  QUOTA_EXCEEDED: [429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for quota metric.'],
  UNAVAILABLE: [503, 'UNAVAILABLE', 'The service is currently unavailable.'],
  INTERNAL: [500, 'INTERNAL', 'Internal error encountered.'],
  THIRD_PARTY_AUTH_ERROR: [401, 'UNAUTHENTICATED', 'Auth error from APNS or Web Push Service'],
  UNAUTHENTICATED: [401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
} as const;
export type FcmCode = keyof typeof CODES;

/** Codes of Google's front door, which FCM adds nothing to. */
const OF_GOOGLE: readonly FcmCode[] = ['PERMISSION_DENIED', 'UNAUTHENTICATED'];
const RETRY_AFTER_S = 2;

export function fcmRefusal(
  errorCode: FcmCode,
  { message, field, retry_after_s }: { message?: string; field?: string; retry_after_s?: number } = {},
): Refusal {
  const [code, status, usual] = CODES[errorCode];
  const details: object[] = [];
  if (!OF_GOOGLE.includes(errorCode))
    details.push({ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode });
  if (field !== undefined)
    details.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field, description: message ?? usual }],
    });
  return new Refusal({
    status: code,
    body: { error: { code, message: message ?? usual, status, ...(details.length > 0 ? { details } : {}) } },
    ...(retry_after_s === undefined ? {} : { headers: { 'retry-after': String(retry_after_s) } }),
  });
}

export function fcmRefused(fault: NoticeFault, reason: string | null): Said | null {
  const message = reason === null ? {} : { message: reason };
  switch (fault) {
    case 'error-500':
      return fcmRefusal('INTERNAL', message).said;
    case 'unavailable':
      return fcmRefusal('UNAVAILABLE', { ...message, retry_after_s: RETRY_AFTER_S }).said;
    case 'bad-gateway':
      return BAD_GATEWAY;
    case 'rate-limited':
      return fcmRefusal('QUOTA_EXCEEDED', message).said;
    case 'unauthorized':
    case 'token-expired':
      return fcmRefusal('UNAUTHENTICATED', message).said;
    case 'forbidden':
      return fcmRefusal('PERMISSION_DENIED', message).said;
    case 'refused':
      return fcmRefusal('INVALID_ARGUMENT', { ...message, field: 'message.data' }).said;
    case 'unregistered':
      return fcmRefusal('UNREGISTERED', message).said;
    case 'invalid-token':
      return fcmRefusal('INVALID_ARGUMENT', {
        message: reason ?? 'The registration token is not a valid FCM registration token',
        field: 'message.token',
      }).said;
    case 'sender-mismatch':
      return fcmRefusal('SENDER_ID_MISMATCH', message).said;
    case 'platform-refused':
      return fcmRefusal('THIRD_PARTY_AUTH_ERROR', message).said;
    default:
      return null;
  }
}
