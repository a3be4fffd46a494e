import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { CHANNELS } from '../../src/notifications/channels.ts';
import { Connections } from '../../src/notifications/providers/connections.ts';
import { createProviders } from '../../src/notifications/providers/providers.ts';
import { createLog } from '../../src/ops/log.ts';
import { startTracing, tracedFetch, tracedFetchAs } from '../../src/ops/tracing.ts';
import { testApi } from '../api/support.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { answering } from '../support/answering.ts';
import { until } from '../support/until.ts';
import { accountWith, PRIVATE_KEY, token } from './providers/firebase.ts';
import { scriptedServer } from './providers/mail-server.ts';
import { failureOf, firstTry, messageBy } from './providers/messages.ts';

const SECRETS = {
  brevo: 'hush-brevo-key',
  smtp: 'hush-smtp-password',
  two_factor: 'hush-two-factor-key',
  fcm: PRIVATE_KEY.split('\n')[5]!,
  fcm_token: 'hush-access-token',
  misspelt: 'hush-misspelt',
};
const forms = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('hex'),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
];

let logged = '';
const destination = new Writable({
  write(chunk, _encoding, done) {
    logged += chunk;
    done();
  },
});
const log = createLog({ KIST_LOG_LEVEL: 'trace' }, destination as never);
const webhooks = await testWebhooks();
const api = await testApi({ webhooks, log });
afterAll(() => api.close());

/** All that stands in the database, Kist's tables and the carrier's. */
async function everyRow(): Promise<string> {
  const { rows: tables } = await api.database.superuser(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'bullmq')`,
  );
  const dumps = [];
  for (const { name } of tables) {
    const { rows } = await api.database.superuser(`SELECT to_jsonb(t)::text AS row FROM ${name} AS t`);
    dumps.push(...rows.map(({ row }) => row));
  }
  return dumps.join('\n');
}

test('no credential is in an answer, an error, a log, a trace or a row, whatever providers repeat of it', async () => {
  const collector = await answering([{ json: {} }]);
  const tracing = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, log)!;
  const { url } = await answering([
    { status: 403, json: { code: 'unauthorized', message: `No: ${SECRETS.brevo}` } },
  ]);
  const sms = await answering([{ json: { Status: 'Error', Details: `No: ${SECRETS.two_factor}` } }]);
  const tokens = await answering([token(SECRETS.fcm_token)]);
  const push = await answering([
    { status: 403, json: { error: { status: 'PERMISSION_DENIED', message: SECRETS.fcm_token } } },
  ]);
  const mail = await scriptedServer({ AUTH: `535 ${SECRETS.smtp}` });

  const sender = { email: 'hello@acme.in' };
  const accounts = {
    'email/brevo': { api_key: SECRETS.brevo, sender },
    'email/smtp': {
      ...{
        host: '127.0.0.1',
        port: mail.port,
        security: 'none',
        user: 'acme',
        password: SECRETS.smtp,
        sender,
      },
    },
    'sms/two-factor': { api_key: SECRETS.two_factor, sender_id: 'ACMELN' },
    'push/fcm': accountWith(tokens.url),
  };
  const said: string[] = [];
  const send = async (...request: Parameters<typeof api.send>) => {
    const answer = await api.send(...request);
    said.push(answer.body, inspect(answer.headers));
    return answer;
  };
  for (const [name, credentials] of Object.entries(accounts)) {
    const place = `/v1/notification-providers/${name}`;
    expect((await send('PUT', place, { credentials })).statusCode).toBe(200);
    await send('PUT', place, {
      credentials: { ...credentials, api_kye: SECRETS.misspelt, sender: SECRETS.misspelt },
    });
    await send('PUT', `${place}-2`, { credentials });
    await send('GET', place);
    await send('POST', `${place}/disable`);
    await send('POST', `${place}/enable`);
  }
  await send('GET', '/v1/notification-providers');

  const providers = createProviders({
    ...{ brevo_url: url, two_factor_url: sms.url, fcm_url: push.url, allow_private: true },
    ...{ fetch: tracedFetch, fetchAs: tracedFetchAs },
  });
  const connections = new Connections({ providers, box: webhooks.box });
  const failed = [];
  for (const channel of CHANNELS) {
    const opened = await inTenant(api.database.app, 'acme', (tx) => connections.open(tx, 'acme', channel));
    for (const { connection } of opened) {
      failed.push(await failureOf(connection.send(messageBy(channel), firstTry())));
    }
  }
  connections.close();
  expect(failed.map(({ code }) => code)).toEqual([
    ...['brevo-unauthorized', 'smtp-auth-refused', 'two-factor-other-error', 'fcm-permission-denied'],
  ]);
  for (const error of failed) {
    log.error({ err: error }, 'a provider refused');
    said.push(inspect(error, { depth: 10, showHidden: true }));
  }
  await tracing.stop();
  const traces = collector.asked.map(({ body }) => body).join('\n');
  expect(traces).toContain('/API/V1/*/ADDON_SERVICES/SEND/TSMS');
  await until('all is in the audit trail', async () => {
    const { rows } = await api.database.superuser(
      `SELECT FROM audit WHERE action LIKE 'notification-providers.%'`,
    );
    return rows.length >= 16;
  });
  const everything = [await everyRow(), logged, traces, ...said].join('\n');
  for (const [name, secret] of Object.entries(SECRETS)) {
    for (const form of forms(secret)) expect(everything.includes(form), name).toBe(false);
  }
  expect(logged).toContain('/v1/notification-providers/email/brevo');
});
