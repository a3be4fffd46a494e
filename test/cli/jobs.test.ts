import { userInfo } from 'node:os';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { listAudit } from '../../src/identity/audit.ts';
import { openChart } from '../../src/ledger/accounts.ts';
import { loadJobs } from '../../src/runtime/registry.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import type { JobView } from '../../src/runtime/types.ts';
import { openWallet } from '../../src/wallets/wallets.ts';
import { testDatabase } from '../support/database.ts';
import { quiet } from '../support/runtime.ts';
import { until } from '../support/until.ts';
import { ended, MANY_COMMANDS_MS, start, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme']);
afterAll(() => database.close());
const { kist, answer } = terminalOn(database.url);

const WALLET = uuidv7();

beforeAll(() =>
  inTenant(database.app, 'acme', async (tx) => {
    await openChart(tx, 'acme', 'INR');
    await openWallet(tx, { id: WALLET, owner: 'asha', currency: 'INR' });
  }),
);

function deposit(reference: string, wallet = WALLET): string {
  return JSON.stringify({ wallet, amount: '250.00', currency: 'INR', reference });
}

/** A deposit whose attempts are all used up. */
async function deadJob(): Promise<string> {
  const { id } = await answer<JobView>('enqueue', 'wallet.deposit', deposit(uuidv7()));
  await database.superuser(
    `UPDATE job SET state = 'dead', code = 'bank-closed', message = 'The bank is closed.', attempt = 5,
                    rested_at = now(), sweep_at = NULL WHERE id = $1`,
    [id],
  );
  return id;
}

test('a job is accepted once, however often it is asked for', async () => {
  const first = await answer('enqueue', 'wallet.deposit', deposit('cash-1'), '--priority', '7');
  expect(first).toMatchObject({ kind: 'wallet.deposit', state: 'pending', priority: 7, replayed: false });
  const second = await answer('enqueue', 'wallet.deposit', deposit('cash-1'));
  expect(second).toMatchObject({ id: first.id, replayed: true });
  const { status, stderr } = await kist(
    'enqueue',
    'wallet.deposit',
    deposit('cash-2'),
    '--key',
    first.key as string,
  );
  expect(status).toBe(4);
  expect(stderr).toMatch(/^idempotency-conflict: /);
});

test('a payload that does not fit is exit 2 and names every field', async () => {
  const { status, stderr } = await kist('enqueue', 'wallet.deposit', '{"wallet":"x","amount":1}');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^invalid-payload: /);
  for (const field of ['/wallet', '/amount', '/currency', '/reference'])
    expect(stderr).toContain(`  ${field}: `);
});

test('who changed something from the command line stands in the audit trail', async () => {
  const id = await deadJob();
  await answer('dead', 'redrive', id);
  const { status } = await kist('job', 'release', id);
  expect(status).toBe(4);
  const trail = await listAudit(database.app, 'acme', { subject: id, limit: 10 });
  expect(trail).toMatchObject([
    { action: 'cli.job.release', outcome: 'FAILED', error_code: 'illegal-transition' },
    { action: 'cli.job.redrive', outcome: 'SUCCESS', actor_kind: 'operator', actor: userInfo().username },
  ]);
});

test('dead jobs are listed, shown, redriven and dropped', async () => {
  const [one, other] = [await deadJob(), await deadJob()];
  const { jobs } = await answer<{ jobs: JobView[] }>('dead', 'list');
  expect(jobs.map(({ id }) => id)).toEqual([other, one]);
  const shown = await kist('dead', 'show', one);
  expect(shown.stdout).toMatch(/^state +dead$/m);
  expect(shown.stdout).toMatch(/^why +bank-closed: The bank is closed\.$/m);
  expect(await answer('dead', 'drop', one)).toEqual({ dropped: 1, failed: [] });
  expect(await answer('dead', 'redrive', '--all', '--kind', 'wallet.deposit')).toEqual({
    redriven: 1,
    failed: [],
  });
  const again = await kist('dead', 'redrive', one);
  expect(again.status).toBe(4);
  expect(again.stdout).toContain(`not ${one}: illegal-transition`);
  expect((await answer<JobView>('job', 'show', one)).state).toBe('cancelled');
  expect((await answer<JobView>('job', 'show', other)).state).toBe('pending');
  expect((await kist('dead', 'list')).stdout).toBe('No jobs.\n');
});

test('a job that does not exist is exit 1', async () => {
  const id = uuidv7();
  const { status, stderr } = await kist('job', 'show', id);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `not-found: There is no job ${id} of tenant acme.\n`,
  });
});

test('a waiting job is cancelled; pages follow one another', async () => {
  const { id } = await answer<JobView>(
    'enqueue',
    'wallet.deposit',
    deposit('later'),
    '--run-at',
    '2100-01-01',
  );
  expect(await answer('job', 'cancel', id)).toMatchObject({ state: 'cancelled' });
  const page = await answer<{ jobs: JobView[]; next: string }>('job', 'list', '--limit', '1');
  expect(page).toMatchObject({ jobs: [{ id }], next: id });
  const next = await answer<{ jobs: JobView[] }>('job', 'list', '--limit', '1', '--after', page.next);
  expect(next.jobs[0]!.id < id).toBe(true);
});

test('jobs wait while a kill switch is on', async () => {
  await answer('switch', 'set', 'wallet.deposit', '--reason', 'bank holiday');
  const { stdout } = await kist('switch', 'list');
  expect(stdout).toMatch(
    /^kind +tenant +set +by +reason\nwallet\.deposit +acme +\S+ \S+ +operator:\S+ +bank holiday\n$/,
  );
  const alone = await kist('switch', 'clear', 'wallet.deposit');
  expect(alone.status).toBe(4);
  expect(alone.stderr).toMatch(/^approval-required: Proposed by operator:\S+ as approval [0-9a-f-]{36}; /);
  await answer('tenant', 'policy', '{"switch_clear_needs_approval":false}');
  await answer('switch', 'clear', 'wallet.deposit');
  expect(await answer('switch', 'list')).toEqual({ switches: [] });
  expect((await kist('switch', 'set', 'wallet.steal', '--reason', 'no')).status).toBe(2);
});

test('waiting for a job exits with 0 when it is done, and with 1 when the answer is no', async () => {
  const worker = await createRuntime({
    databaseUrl: database.url,
    registry: await loadJobs('jobs'),
    log: quiet,
    sweep_interval_ms: 200,
  });
  try {
    await worker.startWorkers(['wallets']);
    const done = await kist('enqueue', 'wallet.deposit', deposit('cash-9'), '--wait', '60s');
    expect(done.stdout).toMatch(/^state +done$/m);
    expect(done.status).toBe(0);
    const refused = await kist(
      'enqueue',
      'wallet.deposit',
      deposit('cash-9', uuidv7()),
      '--key',
      'k',
      '--wait',
      '60s',
    );
    expect(refused.stdout).toContain('"code":"unknown-wallet"');
    expect(refused.status).toBe(1);
  } finally {
    await worker.stop(2_000);
  }
});

test('Ctrl-C ends a command at once and cleanly', async () => {
  const job = await answer<JobView>('enqueue', 'wallet.deposit', deposit('never'), '--run-at', '2100-01-01');
  const url = `${database.url}?application_name=patient`;
  const child = start(url, ['job', 'show', job.id, '--wait', '10m']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const waiting = ended(child);
  await until(
    'the command has connected',
    async () => {
      const connected = `SELECT FROM pg_stat_activity WHERE application_name = 'patient'`;
      return (await database.superuser(connected)).rowCount! > 0;
    },
    MANY_COMMANDS_MS,
  );
  child.kill('SIGINT');
  expect(await waiting).toEqual({ status: 130, stdout: '', stderr: 'interrupted: Ended by SIGINT.\n' });
});
