import { Writable } from 'node:stream';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { openSending } from './sending.ts';
import { happened } from './support.ts';

const lines: string[] = [];
const log = pino(
  { level: 'trace' },
  new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  }),
);
const sending = await openSending({ log });
afterAll(() => sending.close());

test('a secret is in no log, no job and no attempt, whatever becomes of a delivery', async () => {
  const { endpoint, secret } = await sending.endpoint();
  const answers = [500, 302, 200];
  sending.receiver.answer = () => answers.shift() ?? 200;
  await sending.tell(happened(uuidv7()));
  await sending.deliveries(endpoint.id, 'done', 1);
  sending.receiver.answer = () => 410;
  await sending.tell(happened(uuidv7()));
  await sending.deliveries(endpoint.id, 'pending', 1);
  const { rows } = await sending.database.superuser(
    `SELECT job::text AS kept FROM job UNION ALL SELECT job_attempt::text FROM job_attempt
     UNION ALL SELECT event::text FROM event`,
  );
  expect(rows.length).toBeGreaterThanOrEqual(5);
  const kept = [...rows.map((row) => row.kept), ...lines].join('\n');
  const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64');
  for (const form of [secret.slice('whsec_'.length), bytes.toString('hex')]) expect(kept).not.toContain(form);
});
