import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Pool } from '../db/pools.ts';
import { CHANNELS } from '../notifications/channels.ts';
import type {} from '../notifications/measured.ts';
import { kindOf } from '../notifications/request.ts';
import type { RuntimeEvents } from '../runtime/events.ts';
import { heldLanes, unclearStandings, waitingInLanes } from './notifications.ts';
import { rested } from './rested.ts';

const ASK_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

/** What is measured of messages to borrowers. */
export function measureNotifications(registry: Registry, events: RuntimeEvents, carrierPool: Pool): void {
  countMessages(registry, events);
  countAsked(registry, events);
  gaugeLanes(registry, carrierPool);
  gaugeUnclear(registry, carrierPool);
}

const CHANNEL_OF = new Map<string, string>(CHANNELS.map((channel) => [kindOf(channel), channel]));

function countMessages(registry: Registry, events: RuntimeEvents): void {
  const messages = new Counter({
    name: 'kist_messages_total',
    help: 'What became of messages: sent (a provider took it), failed, stopped (nobody wanted it any more); later delivered or bounced, as receipts say.',
    labelNames: ['channel', 'state'] as const,
    registers: [registry],
  });
  const count = (kind: string, state: string) => {
    const channel = CHANNEL_OF.get(kind);
    if (channel) messages.inc({ channel, state });
  };
  events.on('done', ({ kind }) => count(kind, 'sent'));
  events.on('dead', ({ kind }) => count(kind, 'failed'));
  events.on('cancelled', ({ kind }) => count(kind, 'stopped'));
  events.on('message-told', ({ channel, state }) => {
    if (state === 'delivered' || state === 'bounced') messages.inc({ channel, state });
  });
}

function countAsked(registry: Registry, events: RuntimeEvents): void {
  const asked = new Counter({
    name: 'kist_provider_calls_total',
    help: 'Messages handed to providers: sent, or how that failed; unknown: it may have been sent.',
    labelNames: ['channel', 'provider', 'outcome'] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'kist_provider_call_seconds',
    help: 'Time from handing a message to a provider to the end of its answer, or of the wait for one.',
    labelNames: ['channel', 'provider'] as const,
    buckets: ASK_SECONDS,
    registers: [registry],
  });
  events.on('provider-asked', ({ channel, provider, outcome, seconds }) => {
    asked.inc({ channel, provider, outcome });
    durations.observe({ channel, provider }, seconds);
  });
}

function gaugeLanes(registry: Registry, carrierPool: Pool): void {
  const held = rested(() => heldLanes(carrierPool));
  new Gauge({
    name: 'kist_lanes_held',
    help: 'Lanes of tenants by which nothing is sent, each 1, with why.',
    labelNames: ['tenant', 'channel', 'code'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const { tenant, channel, code } of await held()) this.set({ tenant, channel, code }, 1);
    },
  });
  const waiting = rested(() => waitingInLanes(carrierPool));
  const gauge = (name: string, help: string, field: 'messages' | 'oldest_seconds') =>
    new Gauge({
      ...{ name, help, labelNames: ['tenant', 'channel'] as const, registers: [registry] },
      async collect() {
        this.reset();
        for (const { tenant, channel, ...of } of await waiting()) this.set({ tenant, channel }, of[field]);
      },
    });
  gauge('kist_lane_waiting_messages', 'Messages that wait for their lane to be opened.', 'messages');
  gauge(
    'kist_oldest_lane_waiting_seconds',
    'How long ago the oldest of them was accepted.',
    'oldest_seconds',
  );
}

function gaugeUnclear(registry: Registry, carrierPool: Pool): void {
  const unclear = rested(() => unclearStandings(carrierPool));
  new Gauge({
    name: 'kist_messages_unclear',
    help: 'Messages of the last seven days of which nobody knows whether they were sent.',
    labelNames: ['channel'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const { channel, messages } of await unclear()) this.set({ channel }, messages);
    },
  });
}
