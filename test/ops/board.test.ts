import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { boardOver, tokenOf } from './board-fixture.ts';
import { carriers, openCarrier } from './carrier.ts';

const database = await testDatabase();
afterAll(() => database.close());

for (const { carrier: name, missing } of carriers) {
  describe.skipIf(missing)(`bull-board over ${name}`, () => {
    let carrier: Awaited<ReturnType<typeof openCarrier>>;
    let board: ReturnType<typeof boardOver>;
    beforeAll(async () => {
      carrier = await openCarrier(name, database.url);
      board = boardOver(carrier);
    });
    afterAll(async () => {
      await board.app.close();
      await carrier.close();
    });

    const liesDead = (id: string) =>
      until(`${id} lies dead`, async () => (await carrier.dead.getJobState(`${id}-1`)) === 'failed');

    test('nobody sees it who is not logged in', async () => {
      const page = await board.ask(null, 'GET', '/queue/payouts-dead');
      expect(page.statusCode).toBe(302);
      expect(page.headers.location).toBe('/login?next=%2Fboard%2Fqueue%2Fpayouts-dead');
      expect((await board.ask(null, 'GET', '/api/queues')).statusCode).toBe(401);
      expect((await board.ask(null, 'PUT', '/api/queues/payouts-dead/retry/failed')).statusCode).toBe(401);
      expect((await board.ask(null, 'GET', '/static/favicon-32x32.png')).statusCode).toBe(302);
    });

    test("a tenant's own operator is told why not, and sees no other tenant's ids", async () => {
      const page = await board.ask('tom', 'GET', '');
      expect(page.statusCode).toBe(403);
      expect(page.body).toContain('This page is for the platform’s operators');
      expect((await board.ask('tom', 'GET', '/api/queues')).statusCode).toBe(403);
    });

    test('a dead job shows its kind, key, tenant, attempts and last error, and nothing personal', async () => {
      await carrier.bury('d-1', { message: 'No wallet for asha@example.org.', pan: 'ABCDE1234F' });
      await liesDead('d-1');
      const answer = await board.ask('vikram', 'GET', '/api/queues?activeQueue=payouts-dead&status=failed');
      const dead = answer.json().queues.find((queue: { name: string }) => queue.name === 'payouts-dead');
      expect(dead.jobs).toHaveLength(1);
      expect(dead.jobs[0]).toMatchObject({
        name: 'loan.disburse · loan-7/disburse · acme · 5 attempts',
        failedReason: 'gateway-down: No wallet for [e-mail].',
        stacktrace: [],
      });
      expect(dead.jobs[0].data).toEqual({
        tenant: 'acme',
        id: 'd-1',
        kind: 'loan.disburse',
        key: 'loan-7/disburse',
        attempts: 5,
        code: 'gateway-down',
      });
      const job = await board.ask('vikram', 'GET', '/api/queues/payouts-dead/d-1-1');
      expect(job.json()).toMatchObject({
        status: 'failed',
        job: { failedReason: expect.stringContaining('[e-mail]') },
      });
      expect(job.body).not.toMatch(/ABCDE1234F|example\.org/);
    });

    test("Retry hands the entry to the dead letters' worker once more, in the operator's name", async () => {
      await carrier.bury('d-2');
      await liesDead('d-2');
      expect((await board.act('asha', '/api/queues/payouts-dead/d-2-1/retry')).statusCode).toBe(204);
      await until('the job is redriven', () => carrier.redriven.includes('d-2 by operator:asha'));
      expect(board.audit.at(-1)).toMatchObject({
        actor_kind: 'operator',
        actor: 'asha',
        tenant: 'platform',
        action: 'board.retry',
        subject: 'payouts-dead/d-2-1',
        outcome: 'SUCCESS',
        error_code: null,
        client_ip: '127.0.0.1',
      });
    });

    test('Retry all redrives every dead job, and the audit trail knows how many', async () => {
      const ids = Array.from({ length: 120 }, (_, index) => `all-${index}`);
      await Promise.all(ids.map((id) => carrier.bury(id)));
      await Promise.all(ids.map(liesDead));
      const waiting = (await carrier.dead.getJobCounts('failed')).failed;
      expect((await board.act('asha', '/api/queues/payouts-dead/retry/failed')).statusCode).toBe(200);
      await until('all are redriven', () =>
        ids.every((id) => carrier.redriven.includes(`${id} by operator:asha`)),
      );
      expect(board.audit.at(-1)).toMatchObject({
        action: 'board.retry-all',
        subject: 'payouts-dead',
        arguments: { queueStatus: 'failed', retried: waiting },
        outcome: 'SUCCESS',
      });
    });

    test('a viewer may not act, and the attempt is on record', async () => {
      await carrier.bury('d-3');
      await liesDead('d-3');
      expect((await board.act('vikram', '/api/queues/payouts-dead/d-3-1/retry')).statusCode).toBe(403);
      expect(await carrier.dead.getJobState('d-3-1')).toBe('failed');
      expect(board.audit.at(-1)).toMatchObject({
        actor: 'vikram',
        action: 'board.retry',
        outcome: 'FAILED',
        error_code: 'missing-scope',
      });
    });

    test("another site cannot make an operator's browser act", async () => {
      const retry = '/api/queues/payouts-dead/d-3-1/retry';
      const forged = [
        {},
        { 'x-xsrf-token': 'guessed' },
        tokenOf('vikram'),
        { ...tokenOf('asha'), 'sec-fetch-site': 'cross-site' },
        { ...tokenOf('asha'), 'sec-fetch-site': 'same-site' },
      ];
      for (const headers of forged) {
        const answer = await board.ask('asha', 'PUT', retry, headers);
        expect(answer.statusCode).toBe(403);
        expect(board.audit.at(-1)).toMatchObject({ outcome: 'FAILED', error_code: 'cross-site-request' });
      }
      expect(await carrier.dead.getJobState('d-3-1')).toBe('failed');
    });

    test('whatever else the board has buttons for is refused', async () => {
      const attempts = [
        ['PUT', '/api/queues/payouts-dead/d-3-1/clean', 'board.clean'],
        ['PATCH', '/api/queues/payouts-dead/d-3-1/update-data', 'board.update-data'],
        ['PUT', '/api/queues/payouts-dead/d-3-1/promote', 'board.promote'],
        ['POST', '/api/queues/payouts-dead/add', 'board.add'],
        ['PUT', '/api/queues/payouts-dead/obliterate', 'board.obliterate'],
        ['PUT', '/api/queues/payouts-dead/empty', 'board.empty'],
        ['PUT', '/api/queues/payouts-dead/clean/failed', 'board.clean'],
        ['PUT', '/api/queues/payouts-dead/pause', 'board.pause'],
        ['PUT', '/api/queues/pause', 'board.pause'],
        ['PUT', '/api/queues/payouts-dead/retry/completed', 'board.retry-all'],
        ['PUT', '/api/queues/payouts/retry/failed', 'board.retry-all'],
        ['PUT', '/api/queues/payouts/some-job/retry', 'board.retry'],
        ['PUT', '/api/queues/payouts/pause', 'board.pause'],
      ] as const;
      for (const [method, path, action] of attempts) {
        const answer = await board.ask('asha', method, path, tokenOf('asha'));
        expect({ path, status: answer.statusCode }).toEqual({ path, status: 405 });
        expect(board.audit.at(-1)).toMatchObject({
          action,
          outcome: 'FAILED',
          error_code: 'not-on-the-board',
        });
      }
      expect(await carrier.dead.isPaused()).toBe(false);
      expect(await carrier.dead.getJobState('d-3-1')).toBe('failed');
    });

    test('looking leaves no audit row', async () => {
      const before = board.audit.length;
      await board.ask('asha', 'GET', '/api/queues');
      expect(board.audit).toHaveLength(before);
    });

    test('the page polls every 15 seconds, names its environment and loads nothing from elsewhere', async () => {
      const page = await board.ask('asha', 'GET', '/');
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain('<title>Kist</title>');
      expect(page.body).toContain('"forceInterval":15');
      expect(page.body).toContain('"label":"test"');
      expect(page.headers['content-security-policy']).toContain("default-src 'self'");
      expect(page.headers['set-cookie']).toBe('XSRF-TOKEN=csrf-of-asha; Path=/board; SameSite=Strict');
    });
  });
}
