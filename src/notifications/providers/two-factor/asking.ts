import { failure, get, type HttpOptions, waitOf } from '../http.ts';
import type { Asking } from '../receipt.ts';

export const TWO_FACTOR = { name: 'two-factor', title: '2Factor' };
export const RECEIPT = 'ADDON_SERVICES/RPT/TSMS';

const GAP_MS = 50;

/** What became of a text message, by the session that it was sent in. */
export function twoFactorAsking({ url, ...http }: HttpOptions & { url: string }, api_key: string): Asking {
  return {
    gap_ms: GAP_MS,
    async ask({ provider_id }, signal) {
      if (provider_id === null) return [];
      const path = `/API/V1/${encodeURIComponent(api_key)}/${RECEIPT}/${encodeURIComponent(provider_id)}`;
      const headers = { accept: 'application/xml' };
      const answer = await get(TWO_FACTOR, http, { url: new URL(path, url), headers, signal });
      const { status, body } = answer;
      // Errors are JSON, as of everything that is asked of 2Factor.
      if (status !== 200 || !body.trimStart().startsWith('<')) {
        const after_ms = waitOf(answer);
        throw failure(TWO_FACTOR, 'again', 'no-receipts', { words: `HTTP ${status}`, after_ms });
      }
      return [body];
    },
  };
}
