import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { cut } from './cut.ts';
import { draw, type FaultScript, faultOf } from './faults.ts';

export interface BureauStats {
  /** Requests that came in, and those that were answered with a report. */
  requests: number;
  answered: number;
  /** Reports made: one a provider key, however often it was asked. */
  reports: number;
  unavailable: number;
  reset: number;
  silent: number;
}

export interface Report {
  report_id: string;
  score: number | null;
  open_loans: number;
  fraud_flag: boolean;
}

/** One line of the simulator's own log, to show what truly reached it. */
export interface BureauRequest {
  provider_key: string;
  reference: string;
  ended: 'answered' | 'unavailable' | 'reset' | 'silent';
}

const RETRY_AFTER_S = 1;
const SILENCE_MS = 30_000;
const LOG_LINES_MAX = 100_000;

/**
 * The credit bureau. A reference that ends in `-s` and three digits has that score, one that ends in `-new` has no
 * history; any other has one drawn from it. One with `-fraud` in it is suspected of fraud.
 */
export function reportOn(reference: string, provider_key: string): Report {
  const [a, b] = draw(`report/${reference}`);
  const told = /-s(\d{3})$/.exec(reference)?.[1];
  // The sum of two dice leans to the middle, as scores do: 560 to 900.
  const score = told ? Number(told) : 560 + (a % 171) + (b % 170);
  return {
    report_id: `report-${draw(provider_key)[0].toString(16).padStart(8, '0')}`,
    score: reference.endsWith('-new') ? null : Math.min(Math.max(score, 300), 900),
    open_loans: b % 4,
    fraud_flag: reference.includes('-fraud'),
  };
}

/** Adds the bureau's routes. @returns its counters and its log. */
export function mountBureau(
  app: FastifyInstance,
  seed: number,
  faults: FaultScript,
): { stats: BureauStats; log: BureauRequest[] } {
  const stats: BureauStats = { requests: 0, answered: 0, reports: 0, unavailable: 0, reset: 0, silent: 0 };
  const log: BureauRequest[] = [];
  const reports = new Map<string, Report>();
  const attempts = new Map<string, number>();

  app.post<{ Body: { reference?: unknown } }>('/v1/reports', async (request, reply) => {
    stats.requests += 1;
    const { reference } = request.body ?? {};
    const provider_key = request.headers['idempotency-key'];
    if (typeof reference !== 'string' || typeof provider_key !== 'string') {
      return reply.code(400).send({ error: 'reference and Idempotency-Key are wanted' });
    }
    const attempt = (attempts.get(reference) ?? 0) + 1;
    attempts.set(reference, attempt);
    const { fault, delay_ms } = faultOf(faults, seed, reference, attempt);
    const ended = fault ?? 'answered';
    stats[ended] += 1;
    if (log.length < LOG_LINES_MAX) log.push({ provider_key, reference, ended });
    if (fault === 'silent') await pause(SILENCE_MS, undefined, { ref: false });
    else await pause(delay_ms);
    if (fault === 'unavailable') {
      return reply.code(503).header('retry-after', RETRY_AFTER_S).send({ error: 'come back later' });
    }
    if (fault !== null) return cut(reply);
    const report = reports.get(provider_key) ?? reportOn(reference, provider_key);
    reports.set(provider_key, report);
    stats.reports = reports.size;
    return report;
  });
  return { stats, log };
}
