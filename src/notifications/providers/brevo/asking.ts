import { z } from 'zod';
import { failure, get, type HttpOptions, jsonOf, waitOf } from '../http.ts';
import type { Asking } from '../receipt.ts';

export const BREVO = { name: 'brevo', title: 'Brevo' };

/** Brevo takes two questions a second. */
const GAP_MS = 500;
/** Of one mail; what people do with it repeatedly is of no interest. */
const EVENTS_MAX = 50;

const page = z.object({ events: z.array(z.unknown()).default([]) });

/** What became of a mail, of Brevo's statistics (kept for 90 days). */
export function brevoAsking({ url, ...http }: HttpOptions & { url: string }, api_key: string): Asking {
  return {
    gap_ms: GAP_MS,
    async ask({ id, provider_id }, signal) {
      const target = new URL('/v3/smtp/statistics/events', url);
      target.searchParams.set('limit', String(EVENTS_MAX));
      if (provider_id !== null) target.searchParams.set('messageId', provider_id);
      else target.searchParams.set('tags', JSON.stringify([id]));
      const headers = { 'api-key': api_key, accept: 'application/json' };
      const answer = await get(BREVO, http, { url: target, headers, signal });
      const { status } = answer;
      const read = page.safeParse(jsonOf(answer)).data;
      if (status !== 200 || !read) {
        const after_ms = waitOf(answer, 'x-sib-ratelimit-reset') ?? waitOf(answer);
        throw failure(BREVO, 'again', 'no-receipts', { words: `HTTP ${status}`, after_ms });
      }
      return read.events.map((event) => JSON.stringify(event));
    },
  };
}
