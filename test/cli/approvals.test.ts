import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { proposeAction } from '../../src/approvals/approvals.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { listAudit } from '../../src/identity/audit.ts';
import { openChart } from '../../src/ledger/accounts.ts';
import type { Product } from '../../src/loans/products.ts';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme']);
afterAll(() => database.close());
beforeAll(() => inTenant(database.app, 'acme', (tx) => openChart(tx, 'acme', 'INR')));
const { kist, answer } = terminalOn(database.url);

/** What somebody at another machine proposes. */
async function proposed(action: string, request: object) {
  const wish = { tenant: 'acme', actor: 'operator:asha@acme.in', now: new Date(), action, request };
  return (await inTenant(database.app, 'acme', (tx) => proposeAction(tx, wish))).approval;
}

test('what another proposed is looked at, and agreed to by its hash', async () => {
  const { id, hash } = await proposed('policy.change', { set: { expires_after_hours: 24 } });
  const shown = await kist('approval', 'show', id);
  expect(shown.stdout).toMatch(/^about +Change the policy of approvals: expires_after_hours 24\.$/m);
  expect(shown.stdout).toMatch(/^set +\{"expires_after_hours":24\}$/m);
  expect(shown.stdout).toContain(`To agree: kist approval approve ${id} --hash ${hash}`);

  const wrong = await kist('approval', 'approve', id, '--hash', '0'.repeat(64));
  expect(wrong).toMatchObject({ status: 4, stderr: expect.stringMatching(/^approval-hash-mismatch: /) });
  expect(await answer('approval', 'approve', id, '--hash', hash)).toMatchObject({ state: 'applied' });
  expect(await answer('tenant', 'policy')).toMatchObject({ expires_after_hours: 24 });
  expect(await listAudit(database.app, 'acme', { subject: id, limit: 5 })).toMatchObject([
    { action: 'cli.approval.approve', outcome: 'SUCCESS' },
    { action: 'cli.approval.approve', outcome: 'FAILED', error_code: 'approval-hash-mismatch' },
  ]);
});

test('a product of a file is proposed; its proposer cannot agree, others can reject', async () => {
  const { version: _, ...terms } = await answer<Product>('product', 'show', 'personal-loan');
  const file = path.join(tmpdir(), `kist-gold-${process.pid}.json`);
  await writeFile(
    file,
    JSON.stringify({ ...terms, code: 'gold-loan', name: 'Gold loan', annual_rate: '0.11' }),
  );
  const { id, hash } = await answer('product', 'propose', `@${file}`);
  const own = await kist('approval', 'approve', id as string, '--hash', hash as string);
  expect(own).toMatchObject({ status: 4, stderr: expect.stringMatching(/^own-request: /) });
  expect((await kist('approval', 'list', '--state', 'proposed')).stdout).toMatch(
    /proposed +0 of 1 +operator:\S+ .* Lend on gold-loan version 1 \(Gold loan\)/,
  );
  expect(await answer('approval', 'withdraw', id as string)).toMatchObject({ state: 'withdrawn' });
  expect((await kist('product', 'list')).stdout).toMatch(/^personal-loan +1 +Personal loan +0\.18 /m);

  const theirs = await proposed('product.change', { ...terms, code: 'gold-loan' });
  const reject = ['approval', 'reject', theirs.id, '--hash', theirs.hash, '--reason', 'no gold'];
  expect(await answer(...reject)).toMatchObject({ state: 'rejected', votes: [{ reason: 'no gold' }] });
});

test('what cannot be proposed says why', async () => {
  const unknown = await kist('approval', 'propose', 'bank.rob');
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain('  journal.reverse: ');
  expect((await kist('approval', 'propose', 'job.redrive', '{"job":"x"}')).status).toBe(2);
});
