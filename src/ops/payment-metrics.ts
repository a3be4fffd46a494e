import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Pool } from '../db/pools.ts';
import type {} from '../payments/callbacks/receive.ts';
import type {} from '../payments/gateway/gateways.ts';
import type { RuntimeEvents } from '../runtime/events.ts';
import { exceptionStandings, payoutStandings } from './payments.ts';
import { rested } from './rested.ts';

const CALL_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

/** What is measured of money that goes out and comes in. */
export function measurePayments(registry: Registry, events: RuntimeEvents, carrierPool: Pool): void {
  countCallbacks(registry, events);
  countCalls(registry, events);
  gaugePayouts(registry, carrierPool);
  gaugeExceptions(registry, carrierPool);
}

function countCallbacks(registry: Registry, events: RuntimeEvents): void {
  const callbacks = new Counter({
    name: 'kist_callbacks_total',
    help: 'What gateways told: stored, known, refused (signed by nobody we know), no-event-id.',
    labelNames: ['gateway', 'received'] as const,
    registers: [registry],
  });
  events.on('callback-received', ({ gateway, received }) => callbacks.inc({ gateway, received }));
}

function countCalls(registry: Registry, events: RuntimeEvents): void {
  const calls = new Counter({
    name: 'kist_gateway_calls_total',
    help: 'Requests sent to gateways: answered, or how they failed; unknown: money may have moved.',
    labelNames: ['gateway', 'call', 'outcome'] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'kist_gateway_call_seconds',
    help: 'Time from sending a request to a gateway to the end of its answer, or of the wait for one.',
    labelNames: ['gateway', 'call'] as const,
    buckets: CALL_SECONDS,
    registers: [registry],
  });
  events.on('gateway-called', ({ gateway, call, outcome, seconds }) => {
    calls.inc({ gateway, call, outcome });
    durations.observe({ gateway, call }, seconds);
  });
}

function gaugePayouts(registry: Registry, carrierPool: Pool): void {
  const standings = rested(() => payoutStandings(carrierPool));
  const gauge = (
    name: string,
    help: string,
    value: (of: Awaited<ReturnType<typeof standings>>[number]) => number,
  ) =>
    new Gauge({
      ...{ name, help, labelNames: ['state', 'currency'] as const, registers: [registry] },
      async collect() {
        this.reset();
        for (const each of await standings()) {
          const { state, currency } = each;
          this.set({ state, currency }, value(each));
        }
      },
    });
  gauge(
    'kist_payouts',
    'Payouts that are not settled; suspense: nobody can tell, people must.',
    ({ payouts }) => payouts,
  );
  gauge('kist_payouts_amount', 'Money in these payouts, in whole units of its currency.', ({ amount }) =>
    Number(amount),
  );
  gauge(
    'kist_oldest_payout_seconds',
    'How long the oldest of them has been under way; of those unknown or in suspense, how long nobody could tell.',
    ({ oldest_seconds }) => oldest_seconds,
  );
}

function gaugeExceptions(registry: Registry, carrierPool: Pool): void {
  const standings = rested(() => exceptionStandings(carrierPool));
  const gauge = (name: string, help: string, field: 'exceptions' | 'oldest_seconds') =>
    new Gauge({
      ...{ name, help, labelNames: ['kind', 'code'] as const, registers: [registry] },
      async collect() {
        this.reset();
        for (const { kind, code, ...of } of await standings()) this.set({ kind, code }, of[field]);
      },
    });
  gauge(
    'kist_payment_exceptions',
    'What people must decide about payments; docs/payments.md tells the codes.',
    'exceptions',
  );
  gauge('kist_oldest_payment_exception_seconds', 'How long the oldest of them waits.', 'oldest_seconds');
}
