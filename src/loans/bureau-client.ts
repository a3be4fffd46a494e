import { z } from 'zod';
import { Breaker } from '../runtime/breaker.ts';
import { Refuse, Retry, Snooze } from '../runtime/outcomes.ts';
import { retryAfterMs } from '../runtime/retry-after.ts';

export interface BureauInquiry {
  /** The applicant, as bureau and lender know the person. */
  reference: string;
  /** The bureau answers one key once, however often it is asked. */
  provider_key: string;
  signal: AbortSignal;
}

export const bureauReport = z.object({
  report_id: z.string(),
  /** 300 … 900; null where the bureau has no history of the person. */
  score: z.int().min(300).max(900).nullable(),
  open_loans: z.int().min(0),
  /** The bureau suspects fraud; not every bureau tells. */
  fraud_flag: z.boolean().default(false),
});
export type BureauReport = z.output<typeof bureauReport>;

export interface BureauClient {
  /**
   * @throws Snooze, at no attempt's cost, while the bureau is away, overloaded or slow (honouring
   *   Retry-After), the breaker open, or too many calls under way: an outage of any length only delays;
   *   Retry when it fails at this inquiry, having just answered another; Refuse when it rejects the
   *   inquiry itself
   */
  report(inquiry: BureauInquiry): Promise<BureauReport>;
}

declare module '../runtime/definition.ts' {
  interface Services {
    bureau: BureauClient;
  }
}

export interface BureauOptions {
  url: string;
  timeout_ms?: number;
  /** Calls under way at once in this process; one more is told to come back. */
  calls_max?: number;
  breaker?: Breaker;
  /** How requests are sent; the system gives one that continues the job's trace. */
  fetch?: typeof fetch;
}

const TIMEOUT_MS = 5_000;
const CALLS_MAX = 32;
const BUSY_MS = 100;
const RETRY_AFTER_MS_MAX = 300_000;
const BODY_CHARACTERS_MAX = 10_000;
/** What says that this inquiry is wrong. Anything else, 401 and 404 among it, is trouble with the bureau. */
const REJECTIONS = [400, 409, 413, 415, 422];

/** Asks the credit bureau over HTTP. */
export function createBureauClient(options: BureauOptions): BureauClient {
  const { url, timeout_ms = TIMEOUT_MS, calls_max = CALLS_MAX } = options;
  const target = { url, timeout_ms, fetch: options.fetch ?? fetch };
  const breaker = options.breaker ?? new Breaker({ failures_max: 10, open_ms: 2_000 });
  let calls = 0;
  return {
    async report(inquiry) {
      if (calls >= calls_max) throw new Snooze('bureau-busy', `${calls} inquiries are under way.`, BUSY_MS);
      const wait_ms = breaker.admit();
      if (wait_ms > 0)
        throw new Snooze('bureau-circuit-open', 'The bureau failed too often; it is left alone.', wait_ms);
      calls += 1;
      try {
        const report = await ask(target, inquiry);
        breaker.succeeded();
        return report;
      } catch (error) {
        if (inquiry.signal.aborted) breaker.abandoned();
        else if (error instanceof Refuse) breaker.succeeded();
        else if (error instanceof Retry) throw failedAt(error, breaker);
        else breaker.failed();
        throw error;
      } finally {
        calls -= 1;
      }
    },
  };
}

/** Whose fault it is: the inquiry's, which costs it an attempt, or the bureau's, which costs it nothing. */
function failedAt(error: Retry, breaker: Breaker): Retry | Snooze {
  const { isWell } = breaker;
  const pause_ms = breaker.failed();
  return isWell ? error : new Snooze(error.code, error.message, Math.max(error.after_ms ?? 0, pause_ms));
}

type Target = Required<Pick<BureauOptions, 'url' | 'timeout_ms' | 'fetch'>>;

async function ask(target: Target, inquiry: BureauInquiry): Promise<BureauReport> {
  const { status, retry_after, body } = await send(target, inquiry);
  if (status !== 200 && !REJECTIONS.includes(status)) {
    const after_ms = retryAfterMs(retry_after, RETRY_AFTER_MS_MAX);
    throw new Retry('bureau-unavailable', `The bureau answered ${status}.`, {
      ...(after_ms !== undefined && { after_ms }),
    });
  }
  if (status !== 200) throw new Refuse('bureau-rejected', `The bureau answered ${status} to the inquiry.`);
  const report = bureauReport.safeParse(parseJson(body));
  if (!report.success) throw new Retry('bureau-garbled', 'The bureau’s answer is not a report.');
  return report.data;
}

async function send(
  { url, timeout_ms, fetch }: Target,
  { reference, provider_key, signal }: BureauInquiry,
): Promise<{ status: number; retry_after: string | null; body: string }> {
  try {
    const response = await fetch(new URL('/v1/reports', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': provider_key },
      body: JSON.stringify({ reference }),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]),
    });
    const body = (await response.text()).slice(0, BODY_CHARACTERS_MAX);
    return { status: response.status, retry_after: response.headers.get('retry-after'), body };
  } catch (error) {
    signal.throwIfAborted();
    const timed_out = error instanceof Error && error.name === 'TimeoutError';
    throw new Retry(
      timed_out ? 'bureau-timeout' : 'bureau-unreachable',
      timed_out ? `The bureau did not answer in ${timeout_ms} ms.` : 'The bureau could not be reached.',
      { cause: error },
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
