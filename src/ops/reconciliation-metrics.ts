import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../calendar/clock.ts';
import type { Pool } from '../db/pools.ts';
import { lateTotal } from '../payments/reconciliation/late-payouts.ts';
import { type BreakStanding, breakStandings, lastReconciled } from './reconciliation.ts';
import { rested } from './rested.ts';

/** What is measured of how the books stand against gateways and banks. */
export function measureReconciliation(registry: Registry, carrierPool: Pool, clock: Clock): void {
  gaugeBreaks(registry, carrierPool, clock);
  gaugeLatePayouts(registry, carrierPool, clock);
  gaugeLastComparisons(registry, carrierPool);
}

function gaugeBreaks(registry: Registry, carrierPool: Pool, clock: Clock): void {
  const standings = rested(() => breakStandings(carrierPool, clock.now()));
  const gauge = (name: string, help: string, field: keyof Pick<BreakStanding, 'breaks' | 'oldest_seconds'>) =>
    new Gauge({
      ...{ name, help, labelNames: ['kind', 'result'] as const, registers: [registry] },
      async collect() {
        this.reset();
        for (const { kind, result, ...of } of await standings()) this.set({ kind, result }, of[field]);
      },
    });
  gauge(
    'kist_reconciliation_breaks',
    'What does not agree with a gateway or a bank, and was not decided about; docs/payments.md tells the results.',
    'breaks',
  );
  gauge(
    'kist_oldest_reconciliation_break_seconds',
    'How long the oldest of them has stood, from the beginning of its first day.',
    'oldest_seconds',
  );
}

function gaugeLatePayouts(registry: Registry, carrierPool: Pool, clock: Clock): void {
  const totals = rested(async () => [await lateTotal(carrierPool, { now: clock.now(), whose: 'everybody' })]);
  const gauge = (name: string, help: string, value: (of: Awaited<ReturnType<typeof lateTotal>>) => number) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      async collect() {
        const [total] = await totals();
        this.set(total ? value(total) : Number.NaN);
      },
    });
  gauge(
    'kist_late_payouts',
    'Payouts by IMPS or UPI whose money was gone past T+1, until it has arrived or its claim is settled.',
    ({ payouts }) => payouts,
  );
  gauge('kist_late_payouts_compensation', 'What banks owe for them, in rupees.', ({ compensation }) =>
    Number(compensation),
  );
}

function gaugeLastComparisons(registry: Registry, carrierPool: Pool): void {
  const comparisons = rested(() => lastReconciled(carrierPool));
  new Gauge({
    name: 'kist_reconciled_at_seconds',
    help: 'When the books were last held against statements, in seconds since 1970.',
    labelNames: ['tenant'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const { tenant, at } of await comparisons()) this.set({ tenant }, at);
    },
  });
}
