import { afterAll, expect, test } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { type ApplicationRequest, applicationRequest } from '../../src/loans/application-request.ts';
import {
  type Application,
  applicationOf,
  approveApplication,
  createApplication,
  rejectApplication,
} from '../../src/loans/applications.ts';
import { loanOf, scheduleOf } from '../../src/loans/views.ts';
import { NO_FAULTS } from '../../src/sandbox/faults.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { walletOf } from '../../src/wallets/wallets.ts';
import { NOON, openBooks } from '../ledger/books.ts';
import { testSystem } from '../support/system.ts';
import { until } from '../support/until.ts';

const sandbox = await startSandbox({
  port: 0,
  faults: { ...NO_FAULTS, unavailable: 150, reset: 150, failures_in_row_max: 2 },
});
const system = await testSystem({
  parts: ['worker', 'clock'],
  clock: new SteppedClock(NOON),
  settings: { KIST_BUREAU_URL: sandbox.url },
});
afterAll(async () => {
  await system.close();
  await sandbox.stop();
});
const books = await openBooks(system.database);
const { runtime } = system;

const wisher = (actor: string) => ({ tenant: 'acme', actor, now: NOON });
let persons = 0;

function request(changes: Partial<ApplicationRequest> & { person?: string } = {}): ApplicationRequest {
  persons += 1;
  const { person = `KYC${persons}-s720`, ...rest } = changes;
  return applicationRequest.parse({
    reference: `APP-${persons}`,
    applicant: {
      ...{ reference: person, name: 'Asha Rao', phone: '+919845012345' },
      ...{ date_of_birth: '1990-04-01', city: 'Pune' },
    },
    ...{ amount: '60000', tenure_months: 12, monthly_income: '50000', monthly_obligations: '0' },
    ...rest,
  });
}

const apply = (given: ApplicationRequest) =>
  runtime.transact('acme', 'service:shop', (tx, accept) =>
    createApplication(tx, accept, wisher('service:shop'), given),
  );
const approve = (id: string, actor = 'operator:meera') =>
  runtime.transact('acme', actor, (tx, accept) => approveApplication(tx, accept, wisher(actor), id));
const seen = async (id: string): Promise<Application> => (await books.run((tx) => applicationOf(tx, id)))!;

async function decided(given: ApplicationRequest): Promise<Application> {
  const { application, credit_check } = await apply(given);
  await until('the credit check rests', async () => {
    const job = await runtime.waitForRest('acme', credit_check!, 5_000);
    return job?.state === 'done';
  });
  return seen(application.id);
}

test('from an application to money in the wallet, once', async () => {
  const application = await decided(request());
  expect(application).toMatchObject({ state: 'offered', decision: { inputs: { score: 720 } } });
  const { application: approved, disbursal } = await approve(application.id);
  expect((await runtime.waitForRest('acme', disbursal!, 10_000))?.result).toMatchObject({
    outcome: 'disbursed',
    loan: approved.loan_id,
  });
  const loan = (await books.run((tx) => loanOf(tx, approved.loan_id!)))!;
  expect(loan).toMatchObject({ state: 'active', principal: '60000.00', application_id: application.id });
  expect(await books.run((tx) => scheduleOf(tx, loan.id))).toHaveLength(12);
  expect(await books.run((tx) => walletOf(tx, loan.wallet_id))).toMatchObject({ balance: '60000.00' });

  expect(await approve(application.id)).toMatchObject({ replayed: true, disbursal });
  expect(await books.balance(loan.wallet_id)).toBe('60000.00');
});

test('the same application sent twice is one; with other content it is refused', async () => {
  const given = request();
  const first = await apply(given);
  const again = await apply(given);
  expect(again).toMatchObject({
    ...{ replayed: true, credit_check: first.credit_check },
    application: { id: first.application.id },
  });
  await expect(apply({ ...given, amount: '70000.00' })).rejects.toMatchObject({
    code: 'idempotency-conflict',
  });
});

test('the same person applying again is told so, whatever became of the first application', async () => {
  const first = await decided(request({ person: 'KYC-twice-s480' }));
  expect(first).toMatchObject({ state: 'refused', decision: { reasons: ['score-too-low'] } });
  const second = await decided(request({ person: 'KYC-twice-s480' }));
  expect(second.decision).toMatchObject({
    reasons: ['duplicate-application', 'score-too-low'],
    inputs: { duplicate_of: first.id },
  });
});

test('the one who applied may not approve, and what is decided for good stays so', async () => {
  const offered = await decided(request());
  await expect(approve(offered.id, 'service:shop')).rejects.toMatchObject({ code: 'own-request' });
  const refused = await decided(request({ amount: '5000.00' }));
  await expect(approve(refused.id)).rejects.toMatchObject({ code: 'illegal-transition' });
  await books.run((tx) => rejectApplication(tx, wisher('operator:meera'), offered.id, 'Changed their mind.'));
  await expect(approve(offered.id)).rejects.toMatchObject({ code: 'illegal-transition' });
  expect(await seen(offered.id)).toMatchObject({
    state: 'rejected',
    judgement_reason: 'Changed their mind.',
    loan_id: null,
  });
});

test('two people approving at once open one loan', async () => {
  const { id } = await decided(request());
  const answers = await Promise.allSettled([approve(id, 'operator:meera'), approve(id, 'operator:john')]);
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const { rows } = await system.database.superuser('SELECT count(*) FROM loan WHERE application_id = $1', [
    id,
  ]);
  expect(rows).toEqual([{ count: '1' }]);
});

test('an application rejected before its check is not checked any more', async () => {
  await runtime.setSwitch('acme', 'credit.check', 'the bureau is being moved', 'operator:meera');
  const { application, credit_check } = await apply(request());
  expect(await runtime.waitForRest('acme', credit_check!, 30_000)).toMatchObject({ state: 'held' });
  await books.run((tx) => rejectApplication(tx, wisher('operator:meera'), application.id, 'Not now.'));
  await runtime.clearSwitch('acme', 'credit.check', 'system:test');
  const job = await runtime.waitForRest('acme', credit_check!, 30_000);
  expect(job).toMatchObject({ state: 'cancelled', code: 'illegal-transition' });
});

test('each application was reported on once, however often the bureau failed', () => {
  const { reports, requests } = sandbox.stats().bureau;
  const keys = new Set(sandbox.bureauLog().map(({ provider_key }) => provider_key));
  expect(reports).toBe(keys.size);
  expect(requests).toBeGreaterThanOrEqual(reports);
});
