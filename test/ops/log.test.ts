import { expect, test } from 'vitest';
import { createLog, logEvents } from '../../src/ops/log.ts';
import { createEvents } from '../../src/runtime/events.ts';

const someJob = { tenant: 'acme', kind: 'loan.disburse', id: 'j-1', key: 'loan-7', attempt: 2 };

function writtenLines() {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ KIST_LOG_LEVEL: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) });
  return { log, lines };
}

test('each thing that happens to a job is a line with its id, kind, key, tenant and attempt', () => {
  const { log, lines } = writtenLines();
  const events = createEvents();
  logEvents(events, log);

  events.emit('done', { ...someJob, seconds_since_accept: 0.2 });
  events.emit('retried', { ...someJob, code: 'gateway-down', message: 'no answer' });
  events.emit('dead', { ...someJob, code: 'gateway-down', message: 'no answer' });
  events.emit('carrier-error', { queue: 'payouts', error: new Error('ECONNRESET') });

  expect(lines.map(({ level }) => level)).toEqual(['debug', 'info', 'warn', 'warn']);
  expect(lines[2]).toMatchObject({
    job: 'j-1',
    kind: 'loan.disburse',
    key: 'loan-7',
    tenant: 'acme',
    attempt: 2,
    code: 'gateway-down',
    msg: 'job is dead',
  });
  expect(lines[3]).toMatchObject({ queue: 'payouts', err: { message: 'ECONNRESET' } });
});

test('secrets and personal data do not reach the log', () => {
  const { log, lines } = writtenLines();
  log.info({
    req: { headers: { authorization: 'Bearer ey.secret', cookie: 'session=secret' } },
    borrower: { email: 'asha@example.org', phone: '+91 98 7654 3210' },
    password: 'secret',
  });
  expect(JSON.stringify(lines)).not.toMatch(/secret"|ey\.secret|asha|98 7654/);
});

test('after unsubscribing nothing is written', () => {
  const { log, lines } = writtenLines();
  const events = createEvents();
  logEvents(events, log)();
  events.emit('done', { ...someJob, seconds_since_accept: 0.2 });
  expect(lines).toEqual([]);
});
