import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import deliverJob from '../../jobs/webhook.deliver.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { changeEndpoint, endpointOf, removeEndpoint, rotateSecret } from '../../src/events/endpoints.ts';
import { FAILING_DAYS_MAX } from '../../src/events/health.ts';
import { arm } from '../../src/runtime/faults.ts';
import { until } from '../support/until.ts';
import { openSending } from './sending.ts';
import { happened } from './support.ts';
import { WAIT_MS } from './webhooks.ts';

const sending = await openSending();
const { receiver, database } = sending;
afterAll(() => sending.close());
afterEach(async () => {
  receiver.answer = () => 200;
  receiver.received.length = 0;
  // The next test's endpoint shall be the only one.
  await database.superuser('DELETE FROM webhook_endpoint');
});

const show = (id: string) => inTenant(database.app, 'acme', (tx) => endpointOf(tx, id));

describe('an event', () => {
  test('reaches those who asked for it, signed, with what tells it from others', async () => {
    const { endpoint } = await sending.endpoint(['loan.*']);
    const loan = uuidv7();
    await sending.tell(happened(loan, 'loan.closed', { amount: '12.50' }), happened(loan, 'wallet.credited'));
    await sending.deliveries(endpoint.id, 'done', 1);
    const [got] = receiver.received;
    expect(receiver.received).toHaveLength(1);
    expect(got!.event).toMatchObject({
      type: 'loan.closed',
      subject: loan,
      sequence: 1,
      data: { amount: '12.50' },
    });
    expect(got!.event).toMatchObject({ timestamp: '2026-11-20T06:30:00.000Z', business_date: '2026-11-20' });
    expect(got!.headers['webhook-id']).toBe(got!.event.id);
    expect(Math.abs(Number(got!.headers['webhook-timestamp']) * 1_000 - Date.now())).toBeLessThan(60_000);
    expect(got!.headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(got!.headers['content-type']).toBe('application/json');
  });

  test('that is refused comes again, byte for byte, while the later ones of its loan wait and other loans go on', async () => {
    const { endpoint } = await sending.endpoint();
    const [slow, quick] = [uuidv7(), uuidv7()];
    receiver.answer = ({ event }) =>
      event.subject === slow && event.sequence === 1 && receiver.of(slow).length <= 2 ? 500 : 200;
    await sending.tell(happened(slow), happened(slow), happened(quick), happened(quick));
    await sending.tell(happened(slow), happened(quick));
    await sending.deliveries(endpoint.id, 'done', 6);
    expect(receiver.of(slow).map(({ event }) => event.sequence)).toEqual([1, 1, 1, 2, 3]);
    expect(receiver.of(quick).map(({ event }) => event.sequence)).toEqual([1, 2, 3]);
    const [first, second, third] = receiver.of(slow);
    for (const again of [second!, third!]) {
      expect(again.body).toBe(first!.body);
      expect(again.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    }
  });

  test('whose delivery was not written down comes a second time under the same id', async () => {
    const { endpoint } = await sending.endpoint();
    let crashes = 1;
    const disarm = arm('staged.called', () => {
      if (crashes-- > 0) throw new Error('The process dies here.');
    });
    await sending.tell(happened(uuidv7()));
    await sending.deliveries(endpoint.id, 'done', 1);
    disarm();
    expect(receiver.received).toHaveLength(2);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test.each([201, 204])('is taken with %i', async (status) => {
    const { endpoint } = await sending.endpoint();
    receiver.answer = () => status;
    await sending.tell(happened(uuidv7()));
    const [job] = await sending.deliveries(endpoint.id, 'done', 1);
    expect(job!.result).toEqual({ outcome: 'delivered', status });
  });

  test('is not taken with a redirect, which is not followed', async () => {
    const { endpoint } = await sending.endpoint();
    let asked = 0;
    receiver.answer = () =>
      ++asked === 1 ? { status: 302, headers: { location: `${receiver.url}/elsewhere` } } : 200;
    await sending.tell(happened(uuidv7()));
    await sending.deliveries(endpoint.id, 'done', 1);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook']);
  });

  test('is tried again no sooner than a receiver under load asks for', async () => {
    const { endpoint } = await sending.endpoint();
    const at: number[] = [];
    receiver.answer = () =>
      at.push(Date.now()) === 1 ? { status: 503, headers: { 'retry-after': '1' } } : 200;
    await sending.tell(happened(uuidv7()));
    await sending.deliveries(endpoint.id, 'done', 1);
    expect(at[1]! - at[0]!).toBeGreaterThan(900);
    expect(at[1]! - at[0]!).toBeLessThan(WAIT_MS + 15_000);
  });

  test('with an answer that never ends has been delivered all the same', async () => {
    const { endpoint } = await sending.endpoint();
    receiver.answer = () => ({ status: 200, body: 'x'.repeat(5_000_000) });
    await sending.tell(happened(uuidv7()));
    await sending.deliveries(endpoint.id, 'done', 1);
    expect(receiver.received).toHaveLength(1);
  });
});

describe('a delivery that fails to the end', () => {
  test('is a dead letter that bars its loan alone, until it is redriven or dropped', async () => {
    const { endpoint } = await sending.endpoint();
    const [barred, free] = [uuidv7(), uuidv7()];
    let broken = true;
    receiver.answer = ({ event }) => (event.subject === barred && broken ? 404 : 200);
    await sending.tell(happened(barred), happened(barred), happened(free));
    const [dead] = await sending.deliveries(endpoint.id, 'dead', 1);
    await sending.tell(happened(barred), happened(free));
    await sending.deliveries(endpoint.id, 'done', 2);
    expect(dead).toMatchObject({ code: 'status-404', attempt: deliverJob.retry!.attempts });
    expect(receiver.of(barred).every(({ event }) => event.sequence === 1)).toBe(true);
    broken = false;
    receiver.received.length = 0;
    await sending.runtime.redrive('acme', dead!.id, 'operator:asha');
    await sending.deliveries(endpoint.id, 'done', 5);
    expect(receiver.of(barred).map(({ event }) => event.sequence)).toEqual([1, 2, 3]);
  });

  test('lets the later ones pass once it is dropped', async () => {
    const { endpoint } = await sending.endpoint();
    const loan = uuidv7();
    receiver.answer = ({ event }) => (event.sequence === 1 ? 400 : 200);
    await sending.tell(happened(loan), happened(loan));
    const [dead] = await sending.deliveries(endpoint.id, 'dead', 1);
    await sending.runtime.drop('acme', dead!.id, 'operator:asha');
    const [done] = await sending.deliveries(endpoint.id, 'done', 1);
    expect(done!.key).not.toBe(dead!.key);
  });
});

describe('an endpoint', () => {
  test('that answers 410 is disabled, keeps what waits, and the others are told', async () => {
    const { endpoint: gone } = await sending.endpoint(['loan.*'], `${receiver.url}/gone`);
    const { endpoint: other } = await sending.endpoint(
      ['webhook-endpoint.disabled'],
      `${receiver.url}/other`,
    );
    let is_gone = true;
    receiver.answer = ({ path }) => (path === '/hook/gone' && is_gone ? 410 : 200);
    await sending.tell(happened(uuidv7()));
    await sending.deliveries(other.id, 'done', 1);
    expect(receiver.received.at(-1)!.event).toMatchObject({ subject: gone.id, data: { reason: 'gone' } });
    expect(await show(gone.id)).toMatchObject({ state: 'disabled', disabled_reason: 'gone' });
    const [waiting] = await sending.deliveries(gone.id, 'pending', 1);
    expect(waiting).toMatchObject({ code: 'endpoint-disabled', attempt: 0 });
    is_gone = false;
    await inTenant(database.app, 'acme', (tx) => changeEndpoint(tx, gone.id, { state: 'enabled' }));
    await sending.deliveries(gone.id, 'done', 1);
  });

  test('that takes nothing for days is disabled; one success in between starts the count anew', async () => {
    const { endpoint } = await sending.endpoint();
    let broken = true;
    receiver.answer = () => (broken ? 500 : 200);
    const failingFor = (days: number) =>
      database.superuser(
        `UPDATE webhook_endpoint SET failing_since = now() - $2 * interval '1 day' WHERE id = $1`,
        [endpoint.id, days],
      );
    await sending.tell(happened(uuidv7()));
    await until('it is known to fail', async () => (await show(endpoint.id)).failing_since);
    await failingFor(FAILING_DAYS_MAX - 1);
    broken = false;
    await sending.deliveries(endpoint.id, 'done', 1);
    expect((await show(endpoint.id)).failing_since).toBeNull();
    broken = true;
    await failingFor(FAILING_DAYS_MAX + 1);
    await sending.tell(happened(uuidv7()));
    await until('it is disabled', async () => (await show(endpoint.id)).state === 'disabled');
    expect(await show(endpoint.id)).toMatchObject({ disabled_reason: 'failing' });
  });

  test('that was disabled for long, or removed, gets nothing more', async () => {
    const { endpoint } = await sending.endpoint();
    let asked = 0;
    receiver.answer = () => {
      asked += 1;
      return 410;
    };
    await sending.tell(happened(uuidv7()));
    await until('it is disabled', async () => (await show(endpoint.id)).state === 'disabled');
    await database.superuser(`UPDATE webhook_endpoint SET disabled_at = now() - interval '8 days'`);
    const [cancelled] = await sending.deliveries(endpoint.id, 'cancelled', 1);
    expect(cancelled!.code).toBe('endpoint-disabled');

    const { endpoint: removed } = await sending.endpoint(['*'], `${receiver.url}/removed`);
    receiver.answer = async () => {
      await inTenant(database.app, 'acme', (tx) => removeEndpoint(tx, removed.id));
      return 500;
    };
    await sending.tell(happened(uuidv7()));
    expect((await sending.deliveries(removed.id, 'cancelled', 1))[0]!.code).toBe('endpoint-removed');
    expect(asked).toBe(1);
  });

  test('whose secret is rotated is signed to with both for a while, then with the new one alone', async () => {
    const { endpoint, secret } = await sending.endpoint();
    const signatures = async () => {
      receiver.received.length = 0;
      await sending.tell(happened(uuidv7()));
      const [got] = await until('it came', () =>
        receiver.received.length === 1 ? receiver.received : undefined,
      );
      return got!.headers['webhook-signature']!.toString().split(' ');
    };
    expect(await signatures()).toHaveLength(1);
    const rotated = await inTenant(database.app, 'acme', (tx) =>
      rotateSecret(tx, sending.webhooks.box, { tenant: 'acme', id: endpoint.id, grace_hours: 24 }),
    );
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.endpoint.former_secret_until).not.toBeNull();
    expect(await signatures()).toHaveLength(2);
    await database.superuser(`UPDATE webhook_endpoint SET former_secret_until = now() - interval '1 second'`);
    expect(await signatures()).toHaveLength(1);
    expect((await show(endpoint.id)).former_secret_until).toBeNull();
  });
});
