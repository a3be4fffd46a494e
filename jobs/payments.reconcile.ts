import { z } from 'zod';
import { concludeFound } from '../src/payments/account-checks/finding.ts';
import { letIn } from '../src/payments/gateway/lockouts.ts';
import { applyPictures, applyStatements } from '../src/payments/reconciliation/evidence.ts';
import { fetchStatements } from '../src/payments/reconciliation/fetch.ts';
import { reconcile } from '../src/payments/reconciliation/reconcile.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'payments.reconcile',
  queue: 'reconciliation',
  summary: 'Reads a day’s settlements and account statement of a gateway, and holds our books against them.',
  payload: z.strictObject({ gateway: z.string(), business_date: z.iso.date() }),
  result: z.strictObject({
    outcome: z.literal('reconciled'),
    reconciliation: z.uuid(),
    /** Payouts whose outcome the statement settled. */
    settled: z.int(),
    results: z.array(z.strictObject({ subject: z.string(), result: z.string(), number: z.int() })),
    breaks_opened: z.int(),
    breaks_closed: z.int(),
    breaks_open: z.int(),
    settlements_posted: z.int(),
  }),
  key: ({ gateway, business_date }) => `${gateway}/${business_date}`,
  ordering_key: ({ gateway }) => `payments.reconcile/${gateway}`,
  retry: { attempts: 12, backoff_ms: 60_000, backoff_ms_max: 3_600_000 },
  timeout_ms: 1_800_000,
  concurrency: 2,
  public: false,

  prepare: async (_tx, { tenant, id, payload }) => ({
    ...{ tenant, job: id, gateway: payload.gateway, on: payload.business_date },
  }),
  call: (intent, call) => fetchStatements(intent, call),
  async settle(tx, { tenant, id, payload }, { loads, pictures, checks }, { clock, accept }) {
    const moment = { tenant, clock, accept };
    await letIn(tx, { clock }, payload.gateway);
    const told = await applyPictures(tx, { ...moment, gateway: payload.gateway }, pictures);
    const shown = await applyStatements(tx, moment, loads);
    await concludeFound(tx, moment, checks);
    const run_by = `job:${id}`;
    const { results, ...counts } = await reconcile(tx, { tenant, now: clock.now(), loads, run_by });
    const { breaks_opened, breaks_closed, breaks_open, settlements_posted } = counts;
    return {
      ...{ outcome: 'reconciled' as const, reconciliation: counts.id, settled: told + shown },
      results: results.map(({ subject, result, number }) => ({ subject, result, number })),
      ...{ breaks_opened, breaks_closed, breaks_open, settlements_posted },
    };
  },
});
