import { z } from 'zod';
import { type Answer, failure, jsonOf, kebab, shownWords, waitOf } from '../http.ts';
import type { ProviderError, Sent } from '../provider.ts';

const FCM = { name: 'fcm', title: 'Firebase' };

const accepted = z.object({ name: z.string().min(1) });
const refusal = z.object({
  error: z.object({
    status: z.string().default(''),
    message: z.string().default(''),
    details: z
      .array(
        z.object({
          errorCode: z.string().optional(),
          fieldViolations: z.array(z.object({ field: z.string().optional() })).optional(),
        }),
      )
      .default([]),
  }),
});
type Refusal = z.output<typeof refusal>['error'];

/** The codes there are; another one is told by its HTTP status. */
const CODES = [
  'UNREGISTERED',
  'INVALID_ARGUMENT',
  'SENDER_ID_MISMATCH',
  'PERMISSION_DENIED',
  'QUOTA_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'UNAVAILABLE',
  'INTERNAL',
  'THIRD_PARTY_AUTH_ERROR',
  'UNAUTHENTICATED',
  'UNSPECIFIED_ERROR',
];

/** What Firebase calls it: its own code first, then the general one; null where it says nothing readable. */
export function codeOf(answer: Answer): string | null {
  const { details = [], status = '' } = refusal.safeParse(jsonOf(answer)).data?.error ?? {};
  const code = details.find(({ errorCode }) => errorCode !== undefined)?.errorCode ?? status;
  return CODES.includes(code) ? code : null;
}

/** Of this message or of the whole account: which of them, only a row of such answers tells. */
export function isForbidden(code: string | null): boolean {
  return code === 'SENDER_ID_MISMATCH' || code === 'PERMISSION_DENIED';
}

/** @param hidden what must not be repeated @throws ProviderError */
export function readAnswer(answer: Answer, hidden: readonly string[], everythingForbidden: boolean): Sent {
  const body = jsonOf(answer);
  if (answer.status === 200) {
    const read = accepted.safeParse(body);
    if (!read.success) throw failure(FCM, 'unknown', 'unreadable');
    return { provider_id: read.data.name };
  }
  throw refusedAs(answer, refusal.safeParse(body).data?.error, hidden, everythingForbidden);
}

function refusedAs(
  answer: Answer,
  refused: Refusal | undefined,
  hidden: readonly string[],
  everythingForbidden: boolean,
): ProviderError {
  const { status } = answer;
  const code = codeOf(answer);
  const after_ms = waitOf(answer);
  const words = refused && shownWords(refused.message, hidden);
  const name = code === null ? `http-${status}` : kebab(code);
  if (status === 429) return failure(FCM, 'again', 'rate-limited', { words, after_ms });
  if (status === 408 || status >= 500 || code === 'UNSPECIFIED_ERROR') {
    return failure(FCM, 'unknown', code === null ? 'unavailable' : name, { words, after_ms });
  }
  if (code === 'UNREGISTERED') return failure(FCM, 'dead-address', name, { words });
  if (code === 'INVALID_ARGUMENT' && refused && namesToken(refused)) {
    return failure(FCM, 'dead-address', 'invalid-token', { words });
  }
  if (status === 401 || (isForbidden(code) && everythingForbidden)) {
    return failure(FCM, 'locked-out', name, { words });
  }
  return failure(FCM, 'rejected', name, { words });
}

function namesToken({ details }: Refusal): boolean {
  return details.some(({ fieldViolations = [] }) =>
    fieldViolations.some(({ field }) => field === 'message.token'),
  );
}
