import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { PROOF_FORMAT, proofOf } from '../../src/notifications/proof/bundle.ts';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme']);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-receipts-'));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
const { kist } = terminalOn(database.url);
const receipts = (...words: string[]) => kist('notify', 'receipts', ...words);

test('addresses are made, given to some only, listed without their secrets, removed', async () => {
  const made = await receipts('address', 'brevo', '--json');
  const { path: told } = JSON.parse(made.stdout);
  expect(told).toContain('/v1/receipts/brevo/acme/');
  expect((await receipts('allow', 'brevo', '198.51.100.0/24')).stdout).toContain('198.51.100.0/24');
  const wrong = await receipts('allow', 'brevo', 'everybody');
  expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('CIDR') });
  const listed = await receipts('list');
  expect(listed.stdout).toContain('brevo');
  expect(listed.stdout).not.toContain(told.split('/').at(-1));
  expect((await receipts('remove', 'brevo')).status).toBe(0);
  expect((await receipts('remove', 'brevo')).stderr).toContain('not-found');
  expect((await receipts('address', 'fcm')).stderr).toContain('brevo, two-factor');
});

test('a proof is verified from its file alone, and what was changed is named', async () => {
  const head = {
    format: PROOF_FORMAT,
    tenant: 'acme',
    made_at: '2026-11-21T06:30:00.000Z',
    notification: '01997f3c-0000-7000-8000-000000000001',
    audit: '01997f3c-0000-7000-8000-000000000002',
  } as const;
  const files = [{ name: 'statement.pdf', sha256: createHash('sha256').update('%PDF-1').digest('hex') }];
  const proof = proofOf(head, [
    { part: 'accepted', body: { accepted_by: 'service:loans' } },
    { part: 'attempt', body: { number: 1, provider: 'smtp', outcome: 'sent', files } },
  ]);
  const file = path.join(folder, 'proof.json');
  await writeFile(file, JSON.stringify(proof));
  const elsewhere = terminalOn('postgres://nobody@127.0.0.1:1/nothing');
  const verify = (...words: string[]) => elsewhere.kist('notify', 'verify', file, ...words);
  expect(await verify()).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('as they were written'),
  });
  expect((await verify('--sha256', proof.sha256)).status).toBe(0);
  expect((await verify('--sha256', 'f'.repeat(64))).status).toBe(1);
  const kept = path.join(folder, 'kept.pdf');
  await writeFile(kept, '%PDF-1');
  expect(await verify('--attachment', kept)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('The file went out by smtp, try 1: sent.'),
  });
  await writeFile(file, JSON.stringify(proof).replace('service:loans', 'service:nobody'));
  expect(await verify()).toMatchObject({ status: 1, stdout: expect.stringContaining('Part 1 (accepted)') });
  await writeFile(file, '{}');
  expect((await verify()).status).toBe(2);
});
