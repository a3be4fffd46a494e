import { afterAll, expect, test } from 'vitest';
import creditCheck from '../../jobs/credit.check.ts';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { applicationRequest } from '../../src/loans/application-request.ts';
import { createApplication } from '../../src/loans/applications.ts';
import { createBureauClient } from '../../src/loans/bureau-client.ts';
import { Breaker } from '../../src/runtime/breaker.ts';
import type { JobDefinition, Services } from '../../src/runtime/definition.ts';
import { NO_FAULTS } from '../../src/sandbox/faults.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { NOON, openBooks } from '../ledger/books.ts';
import { testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

/** A bureau that can be switched off: while it is, it answers every inquiry 503. */
const faults = { ...NO_FAULTS, failures_in_row_max: Number.POSITIVE_INFINITY };
const away = (yes: boolean) => {
  faults.unavailable = yes ? 1_000 : 0;
};
const sandbox = await startSandbox({ port: 0, faults });
const OPEN_MS = 40;
const bureau = createBureauClient({
  url: sandbox.url,
  breaker: new Breaker({ failures_max: 5, open_ms: OPEN_MS, spacing_ms: 1 }),
});
/** The bureau asks for a second's patience; here as everywhere it is the breaker that is tried. */
const impatient: Services['bureau'] = {
  report: (inquiry) =>
    bureau.report(inquiry).catch((error) => {
      if ('after_ms' in error) error.after_ms = Math.min(error.after_ms, OPEN_MS);
      throw error;
    }),
};
const system = await testRuntime([creditCheck as unknown as JobDefinition], {
  services: { bureau: impatient } as Services,
  clock: new SteppedClock(NOON),
});
afterAll(async () => {
  await system.close();
  await sandbox.stop();
});
await openBooks(system.database);
await system.runtime.startWorkers();

let persons = 0;
async function apply(): Promise<string> {
  persons += 1;
  const applicant = {
    ...{ reference: `KYC${persons}-s720`, name: 'Asha Rao', phone: '+919845012345' },
    ...{ date_of_birth: '1990-04-01', city: 'Pune' },
  };
  const terms = { amount: '60000', tenure_months: 12, monthly_income: '50000', monthly_obligations: '0' };
  const request = applicationRequest.parse({ reference: `APP-${persons}`, applicant, ...terms });
  const wisher = { tenant: 'acme', actor: 'service:shop', now: NOON };
  const { credit_check } = await system.runtime.transact('acme', 'service:shop', (tx, accept) =>
    createApplication(tx, accept, wisher, request),
  );
  return credit_check;
}

const checks = async (ids: string[]) => {
  const { rows } = await system.database.superuser(
    'SELECT state, attempt, dispatch_number FROM job WHERE id = ANY ($1)',
    [ids],
  );
  return rows as { state: string; attempt: number; dispatch_number: number }[];
};
const attempts = (rows: { attempt: number }[]) => rows.reduce((sum, { attempt }) => sum + attempt, 0);
const decided = (ids: string[]) =>
  until('every application is decided', async () => {
    const rows = await checks(ids);
    return rows.every(({ state }) => state === 'done') ? rows : undefined;
  });

test('a lone application outlives an outage far longer than its attempts would last', async () => {
  away(true);
  const id = await apply();
  await until('it was tried often enough to be dead', async () =>
    (await checks([id])).some(({ dispatch_number }) => dispatch_number > 3 * 8),
  );
  away(false);
  expect(attempts(await decided([id]))).toBe(0);
});

test('an outage in the middle of much work: all is held, next to nobody calls, and all is decided by itself', async () => {
  away(false);
  await decided([await apply()]);
  away(true);
  const before = sandbox.stats().bureau.requests;
  const started_at = performance.now();
  const ids: string[] = [];
  for (let number = 0; number < 60; number += 1) ids.push(await apply());
  await until('everything was turned away more than once', async () =>
    (await checks(ids)).every(({ state, dispatch_number }) => state === 'pending' && dispatch_number > 2),
  );
  const windows = (performance.now() - started_at) / OPEN_MS;
  // What was under way when the breaker opened, and one call for each time that it closed on trial.
  expect(sandbox.stats().bureau.requests - before).toBeLessThan(5 + 16 + windows + 1);
  away(false);
  expect(attempts(await decided(ids))).toBeLessThanOrEqual(1);
  const { rows } = await system.database.superuser(
    "SELECT DISTINCT state FROM application WHERE state <> 'offered'",
  );
  expect(rows).toEqual([]);
});
