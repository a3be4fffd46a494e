import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import type { JobRequest } from '../runtime/definition.ts';
import { hearingOf } from './listeners.ts';
import { subscribes, TEST_EVENT } from './types.ts';

/** What one pass takes at most; with ENDPOINTS_MAX endpoints for each it still is a short transaction. */
export const EVENTS_PER_PASS_MAX = 200;

const waitingRow = z.object({ id: z.string(), subject: z.string(), seq: z.bigint(), type: z.string() });
const subscriberRow = z.object({
  /** Of an endpoint; null of a listener, which has a kind. */
  id: z.string().nullable(),
  kind: z.string().nullable(),
  event_types: z.array(z.string()),
});
type Subscriber = z.output<typeof subscriberRow>;
type WaitingEvent = z.output<typeof waitingRow>;

export interface Pass {
  events: number;
  /** One for each event and each endpoint or listener that asked for it; those of a subject in its order. */
  deliveries: JobRequest[];
}

/**
 * Takes events that wait and says what is to be delivered where; the caller accepts these jobs in the same
 * transaction. A subject stays locked until its commit, so that the jobs of its later events get later ids.
 * Subjects that somebody tells of at the moment are left for the next pass.
 */
export async function fanOut(tx: Transaction, events_max = EVENTS_PER_PASS_MAX): Promise<Pass> {
  if (!(await hasTurn(tx))) return { events: 0, deliveries: [] };
  const subjects = await lockWaiting(tx, events_max);
  // A statement of its own: it sees all that was committed before the locks were had.
  const events = subjects.length === 0 ? [] : await eventsThatWait(tx, subjects, events_max);
  if (events.length === 0) return { events: 0, deliveries: [] };
  const subscribers = await tx.any(sql.prepared('event_subscribers', subscriberRow)`
    SELECT id, NULL AS kind, event_types FROM webhook_endpoint
    WHERE tenant_id = current_tenant() AND state = 'enabled'
    UNION ALL
    SELECT NULL, kind, event_types FROM event_listener WHERE tenant_id = current_tenant()
    ORDER BY id, kind`);
  await markFannedOut(tx, events);
  return {
    events: events.length,
    deliveries: events.flatMap((event) =>
      subscribers.filter((each) => wants(each, event)).map((each) => jobFor(each, event)),
    ),
  };
}

/** A test is for one endpoint, whatever it asked for. */
function wants({ id, event_types }: Subscriber, { type, subject }: WaitingEvent): boolean {
  return type === TEST_EVENT ? id === subject : subscribes(event_types, type);
}

function jobFor({ id, kind }: Subscriber, { id: event, subject }: WaitingEvent): JobRequest {
  return kind === null ? deliveryOf({ endpoint: id!, event, subject }) : hearingOf(kind, { event, subject });
}

export const DELIVERY_KIND = 'webhook.deliver';

/** The job that brings an event to an endpoint; accepted twice it is the same. */
export function deliveryOf(payload: { endpoint: string; event: string; subject: string }): JobRequest {
  return { kind: DELIVERY_KIND, payload };
}

export function deliveryKey({ endpoint, event }: { endpoint: string; event: string }): string {
  return `${endpoint}/${event}`;
}

/** Tenants with events that wait. @param carrierPool acts as kist_carrier */
export function tenantsWithEvents(carrierPool: Pool): Promise<readonly string[]> {
  return carrierPool.anyFirst(sql.prepared('tenants_with_events', z.object({ tenant_id: z.string() }))`
    SELECT tenant_id FROM tenant
    WHERE EXISTS (SELECT FROM event_subject s WHERE s.tenant_id = tenant.tenant_id AND s.fanned_seq < s.seq)
    ORDER BY random()`);
}

/** One process at a time works for a tenant: a second one would only wait for the first one's locks. */
function hasTurn(tx: Transaction): Promise<boolean> {
  return tx.oneFirst(sql.prepared('fan_out_turn', z.object({ turn: z.boolean() }))`
    SELECT pg_try_advisory_xact_lock(hashtextextended('kist fan out ' || current_tenant(), 0)) AS turn`);
}

function lockWaiting(tx: Transaction, subjects_max: number): Promise<readonly string[]> {
  return tx.anyFirst(sql.prepared('lock_waiting_subjects', z.object({ subject: z.string() }))`
    SELECT subject FROM event_subject
    WHERE tenant_id = current_tenant() AND fanned_seq < seq
    LIMIT ${subjects_max}
    FOR NO KEY UPDATE SKIP LOCKED`);
}

function eventsThatWait(tx: Transaction, subjects: readonly string[], events_max: number) {
  return tx.any(sql.prepared('events_that_wait', waitingRow)`
    SELECT e.id, e.subject, e.seq, e.type
    FROM event_subject s, LATERAL (
      SELECT id, subject, seq, type FROM event
      WHERE event.tenant_id = current_tenant() AND event.subject = s.subject AND event.seq > s.fanned_seq
      ORDER BY event.seq LIMIT ${events_max}) AS e
    WHERE s.tenant_id = current_tenant() AND s.subject = ANY(${sql.array([...subjects], 'uuid')})
    ORDER BY e.subject, e.seq
    LIMIT ${events_max}`);
}

async function markFannedOut(tx: Transaction, events: readonly WaitingEvent[]): Promise<void> {
  // The last of each subject: they come in order.
  const last = new Map(events.map(({ subject, seq }) => [subject, seq]));
  await tx.query(sql.prepared('mark_fanned_out', z.object({}))`
    UPDATE event_subject SET fanned_seq = taken.seq
    FROM unnest(${sql.array([...last.keys()], 'uuid')}, ${sql.array([...last.values()], 'int8')}) AS taken (subject, seq)
    WHERE event_subject.tenant_id = current_tenant() AND event_subject.subject = taken.subject`);
}
