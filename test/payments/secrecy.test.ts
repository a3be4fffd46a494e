import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { createLog } from '../../src/ops/log.ts';
import { openAccount } from '../../src/payments/gateway/accounts.ts';
import { createGateways } from '../../src/payments/gateway/gateways.ts';
import type { Services } from '../../src/runtime/definition.ts';
import { NO_FAULTS } from '../../src/sandbox/faults.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { testApi } from '../api/support.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { until } from '../support/until.ts';
import { payoutEvent, tell } from './callbacks/gateway-side.ts';
import { HASTY_PACE } from './paying.ts';

const NUMBER = '50100098765432';
const OURS = '2323230012345678';
const SECRETS = ['hush-key-secret', 'hush-webhook-1', 'hush-webhook-2', 'hush-misspelt'];

let logged = '';
const destination = new Writable({
  write(chunk, _encoding, done) {
    logged += chunk;
    done();
  },
});
const log = createLog({ KIST_LOG_LEVEL: 'trace' }, destination as never);
const sandbox = await startSandbox({ port: 0, faults: NO_FAULTS });
const webhooks = await testWebhooks();
const gateways = createGateways({ razorpay_url: sandbox.url });
const services = {
  payments: {
    ...{ gateways, pace: { ...HASTY_PACE, strangers_ms: [] } },
    account: (tx: never, tenant: string, gateway: string) =>
      openAccount(tx, webhooks.box, { tenant, gateway }),
  },
} as unknown as Services;
const api = await testApi({ webhooks, gateways, services, log, workers: ['callbacks', 'payouts'] });
afterAll(async () => {
  await api.close();
  await sandbox.stop();
});

/** All that stands in the database, Kist's tables and the carrier's, but for where it is meant to stand. */
async function everyRow(): Promise<string> {
  const { rows: tables } = await api.database.superuser(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'bullmq')`,
  );
  const dumps = [];
  for (const { name } of tables) {
    const meant = name === 'public.bank_account' || name === 'public.payment_gateway' ? 'account_number' : '';
    const { rows } = await api.database.superuser(
      `SELECT (to_jsonb(t) - $1::text)::text AS row FROM ${name} AS t`,
      [meant],
    );
    dumps.push(...rows.map(({ row }) => row));
  }
  return dumps.join('\n');
}

test('no secret and no account number is anywhere but sealed, or where it is meant to stand', async () => {
  const answers: string[] = [];
  const send = async (...request: Parameters<typeof api.send>) => {
    const answer = await api.send(...request);
    answers.push(answer.body);
    return answer;
  };
  const account = {
    key_id: 'rzp_1',
    key_secret: SECRETS[0],
    account_number: OURS,
    webhook_secret: SECRETS[1],
  };
  await send('PUT', '/v1/gateways/razorpay', account);
  await send('PUT', '/v1/gateways/razorpay', { ...account, key_secert: SECRETS[3] });
  await send('PUT', `/v1/gateways/stripe`, account);
  await send('POST', '/v1/gateways/razorpay/rotate-webhook-secret', { webhook_secret: SECRETS[2] });
  await send('GET', '/v1/gateways/razorpay');
  await send('POST', '/v1/loan-applications', {
    reference: 'asha-1',
    applicant: {
      ...{ reference: 'asha', name: 'Asha Rao', phone: '+919812345678' },
      ...{ date_of_birth: '1990-01-01', city: 'Pune' },
    },
    ...{ amount: '50000.00', tenure_months: 12, monthly_income: '60000.00', monthly_obligations: '0' },
  });
  const added = await send('POST', '/v1/borrowers/asha/bank-accounts', {
    ...{ holder: 'Asha Rao', ifsc: 'HDFC0000123', account_number: NUMBER },
  });
  expect(added.statusCode).toBe(201);
  const of_a_stranger = payoutEvent('pout_1');
  for (const secret of [SECRETS[1]!, SECRETS[2]!, 'forged']) {
    answers.push((await tell(api, of_a_stranger, { secret, event_id: randomUUID() })).body);
  }
  // The gateway does not know this key, and an error of it goes into logs and rows of jobs.
  const acme = { tenant: 'acme', gateway: 'razorpay' };
  const opened = await inTenant(api.database.app, 'acme', (tx) => openAccount(tx, webhooks.box, acme));
  expect(opened?.key_secret).toBe(SECRETS[0]);
  const call = { account: opened!, signal: AbortSignal.timeout(5_000) };
  const failed = await gateways
    .get('razorpay')!
    .payoutByReference('pay-1', call)
    .catch((error) => error);
  expect(failed).toMatchObject({ kind: 'locked-out' });
  log.error({ err: failed }, 'the gateway refused');
  answers.push(inspect(failed, { depth: 10 }));
  await until('both are gone by', async () => {
    const { rows } = await api.database.superuser('SELECT FROM callback_event WHERE applied_at IS NOT NULL');
    return rows.length >= 2;
  });
  await until('all is in the audit trail', async () => {
    const { rows } = await api.database.superuser(
      `SELECT FROM audit WHERE action LIKE 'gateways.%' OR action LIKE 'bank-accounts.%'`,
    );
    return rows.length >= 6;
  });
  const everything = [await everyRow(), logged, ...answers].join('\n');
  for (const hidden of [...SECRETS, NUMBER, OURS]) {
    expect(everything).not.toContain(hidden);
    expect(everything).not.toContain(Buffer.from(hidden!).toString('hex'));
    expect(everything).not.toContain(Buffer.from(hidden!).toString('base64'));
  }
  expect(logged).toContain('/v1/gateways/razorpay');
});
