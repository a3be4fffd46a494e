import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { ASHA, openServer, openWallets, PASSWORD, TOM } from './server.ts';

test('on the API’s server: health and metrics for anybody, board and console for who is logged in', async () => {
  const { app, identity } = await openServer();
  const origin = { ip: '127.0.0.1', user_agent: null };
  const cookieOf = async (email: string) =>
    `kist_session=${(await identity.login(email, PASSWORD, origin)).token}`;
  const status = async (url: string, cookie = '') =>
    (await app.inject({ url, headers: cookie ? { cookie } : {} })).statusCode;

  expect(await status('/health/live')).toBe(200);
  expect(await status('/health/ready')).toBe(200);
  expect(await status('/metrics')).toBe(200);
  expect(await status('/board')).toBe(302);
  expect(await status('/console')).toBe(302);
  expect(await status('/board/api/queues', 'kist_session=forged')).toBe(401);

  const asha = await cookieOf(ASHA);
  expect(await status('/board', asha)).toBe(200);
  expect(await status('/board/api/queues', asha)).toBe(200);
  expect(await status('/console', asha)).toBe(200);
  expect(await status('/board', await cookieOf(TOM))).toBe(403);

  await identity.logout(asha.split('=')[1]!);
  expect(await status('/board/api/queues', asha)).toBe(401);
});

test('a retry on the board is on the audit trail and on the job, in the operator’s name', async () => {
  const { app, identity, accept, rested, runtime, database } = await openServer();
  const job = await accept('payout.send', { wallet: 'w-1', borrower: 'Asha Rao' });
  expect(await rested(job)).toMatchObject({ state: 'dead' });
  const { queue } = runtime.carrierQueues().find(({ dead }) => dead)!;
  const entry = await until('it lies on the board', async () => (await queue.getJobs(['failed']))[0]);
  openWallets.add('w-1');
  const { token, session } = await identity.login(ASHA, PASSWORD, { ip: null, user_agent: null });
  const answer = await app.inject({
    method: 'PUT',
    url: `/board/api/queues/payouts-dead/${entry.id}/retry`,
    headers: { cookie: `kist_session=${token}`, 'x-xsrf-token': session.csrf_token },
  });
  expect(answer.statusCode).toBe(204);
  await until('the job is done', async () => (await runtime.find('acme', job.id))?.state === 'done');
  const { rows } = await database.superuser(
    `SELECT tenant_id, actor_kind, actor, subject, outcome FROM audit WHERE action = 'board.retry'`,
  );
  expect(rows).toEqual([
    {
      tenant_id: 'platform',
      actor_kind: 'operator',
      actor: ASHA,
      subject: `payouts-dead/${entry.id}`,
      outcome: 'SUCCESS',
    },
  ]);
});
