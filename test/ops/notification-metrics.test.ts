import { afterAll, expect, test } from 'vitest';
import { createMetrics } from '../../src/ops/metrics.ts';
import {
  endedLately,
  latestFailures,
  unclearMessages,
  unclearStandings,
  waitingInLanes,
} from '../../src/ops/notifications.ts';
import { createEvents } from '../../src/runtime/events.ts';
import { testDatabase } from '../support/database.ts';
import { plantHold, plantMessage } from './notifications-fixture.ts';
import { scansDuring } from './scans.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());

test('messages are counted by what became of them, calls by how they ended', async () => {
  const events = createEvents();
  const metrics = createMetrics({
    runtime: { events, carrierQueues: () => [] },
    carrierPool: database.carrier,
  });
  const about = { tenant: 'acme', kind: 'notification.sms', id: 'j-1', key: 'n-1', attempt: 1 };
  const why = { ...about, code: 'expired', message: '' };
  events.emit('done', { ...about, seconds_since_accept: 0.2 });
  events.emit('dead', why);
  events.emit('cancelled', why);
  events.emit('done', { ...about, kind: 'notification.notice', seconds_since_accept: 0.2 });
  for (const state of ['sent', 'delivered', 'bounced'] as const)
    events.emit('message-told', { channel: 'sms', state });
  events.emit('provider-asked', { channel: 'email', provider: 'smtp', outcome: 'unknown', seconds: 0.2 });

  const text = await metrics.metrics();

  for (const state of ['sent', 'failed', 'stopped', 'delivered', 'bounced']) {
    expect(text).toContain(`kist_messages_total{channel="sms",state="${state}"} 1\n`);
  }
  expect(text).not.toContain('channel="notice"');
  expect(text).toContain('kist_provider_calls_total{channel="email",provider="smtp",outcome="unknown"} 1\n');
  expect(text).toContain('kist_provider_call_seconds_bucket{le="0.25",channel="email",provider="smtp"} 1\n');
  expect(text).toContain('kist_provider_call_seconds_bucket{le="0.1",channel="email",provider="smtp"} 0\n');
});

test('held lanes, what waits in them, and what nobody knows of are told of all tenants', async () => {
  const lane = { tenant: 'globex', channel: 'sms' } as const;
  await plantHold(database, { ...lane, code: 'no-provider', message: 'There is none.' });
  await plantMessage(database, { ...lane, job: 'held', code: 'lane-held', ago: '2 hours' });
  await plantMessage(database, { ...lane, job: 'held', code: 'lane-held' });
  await plantMessage(database, { ...lane, job: 'held', code: 'kill-switch' });
  const mail = { tenant: 'acme', channel: 'email' } as const;
  await plantMessage(database, { ...mail, job: 'dead', message: 'failed', attempts: ['unknown', 'unknown'] });
  await plantMessage(database, { ...mail, message: 'sent', attempts: ['unknown', 'sent'] });
  const lost = { ...mail, job: 'dead', message: 'failed', attempts: ['unknown'] } as const;
  await plantMessage(database, { ...lost, ago: '8 days' });

  const text = await createMetrics({
    runtime: { events: createEvents(), carrierQueues: () => [] },
    carrierPool: database.carrier,
  }).metrics();

  expect(text).toContain('kist_lanes_held{tenant="globex",channel="sms",code="no-provider"} 1\n');
  expect(text).toContain('kist_lane_waiting_messages{tenant="globex",channel="sms"} 2\n');
  expect(text).toMatch(/kist_oldest_lane_waiting_seconds{tenant="globex",channel="sms"} 72\d\d/);
  expect(text).toContain('kist_messages_unclear{channel="email"} 1\n');
});

test('looking reads what is under way and what is of the last day, however much was sent', async () => {
  await database.superuser(`
    INSERT INTO job (tenant_id, id, kind, queue, key, fingerprint, version, payload, attempt_limit, accepted_by, state,
                     accepted_at, rested_at)
    SELECT 'acme', uuidv7(), 'notification.email', 'notifications-email', 'old-' || n, '', 1, '{}', 5, 'service:test',
           'done', now() - interval '9 days', now() - interval '9 days'
    FROM generate_series(1, 20000) AS n`);
  await database.superuser(`
    INSERT INTO notification_message (tenant_id, id, notification_id, channel, state, recipient, address, category, content,
                                      content_hash, created_at, counted_at)
    SELECT tenant_id, id, id, 'email', 'delivered', 'borrower-7', 'asha@example.in', 'reminder', '{}', '', accepted_at,
           accepted_at
    FROM job WHERE key LIKE 'old-%'`);
  await database.superuser(`
    INSERT INTO notification_attempt (tenant_id, message_id, number, provider, began_at, ended_at, outcome)
    SELECT tenant_id, id, 1, 'brevo', created_at, created_at, 'sent' FROM notification_message WHERE content_hash = ''
    ON CONFLICT DO NOTHING`);
  for (const table of ['job', 'notification_message', 'notification_attempt']) {
    await database.superuser(`VACUUM (ANALYZE) ${table}`);
  }
  for (const table of ['job', 'notification_message', 'notification_attempt']) {
    for (const look of [waitingInLanes, endedLately, latestFailures, unclearMessages, unclearStandings]) {
      const scans = await scansDuring(database.carrier, table, look);
      expect(`${look.name} reads ${table} from end to end: ${scans}`).toMatch(/: 0$/);
    }
  }
});
