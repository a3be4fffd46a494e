import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import reverse from '../../jobs/loan.reverse-repayment.ts';
import { addDays } from '../../src/calendar/business-date.ts';
import type { Transaction } from '../../src/db/pools.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { businessDayAt } from '../../src/ledger/business-day.ts';
import { noteControlTotals } from '../../src/ledger/control-totals.ts';
import { ALL_DAYS, type Checked, type Days } from '../../src/ledger/invariants.ts';
import { cutSeal } from '../../src/ledger/seal.ts';
import { beginDay } from '../../src/loans/day/begin.ts';
import { checkInvariants } from '../../src/loans/invariants/check.ts';
import { testSealer } from '../ledger/books.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Lender, openLender } from './lending.ts';

const LAST_DAY = '2027-03-31';

let database: TestDatabase;
let lender: Lender;
let loans: { paying: string; late: string; daily: string; ahead: string; bounced: string };

/** Four months of five loans: paid in time, late, non-performing with daily interest, ahead, and bounced. */
beforeAll(async () => {
  database = await testDatabase();
  lender = await openLender(database);
  const daily_product = await lender.product({ accrual: { interest: 'daily' }, excess: 'advance' });
  const wish = { principal: '60000.00', months: 6 };
  const [paying, late, daily, ahead, bounced] = (await lender.open([
    ...[wish, wish, { ...wish, product: daily_product }, { ...wish, product: daily_product }, wish],
  ])) as [string, string, string, string, string];
  loans = { paying, late, daily, ahead, bounced };
  await lender.work(
    disburse,
    Object.values(loans).map((loan) => ({ loan })),
  );
  const pay = (loan: string, reference: string, amount: string) =>
    lender.work(repay, [{ loan, reference, amount, currency: 'INR', source: 'collection' as const }]);
  for (let date = '2026-12-18'; date <= LAST_DAY; date = addDays(date, 1)) {
    lender.clock.moveTo(new Date(`${date}T17:40:00Z`));
    if (date.endsWith('-20')) await pay(paying, `paying/${date}`, '11000.00');
    if (date === '2026-12-28') await pay(late, 'late/1', '10800.00');
    if (date === '2027-01-10') await pay(ahead, 'ahead/1', '25000.00');
    if (date === '2026-12-19') await pay(bounced, 'bounced/1', '9000.00');
    if (date === '2026-12-29')
      await lender.work(reverse, [{ loan: bounced, reference: 'bounced/1', reason: 'No funds.' }]);
    await lender.carry(date);
  }
  await lender.run((tx) =>
    cutSeal(tx, testSealer(), { tenant: 'acme', business_date: LAST_DAY, cut_at: lender.clock.now() }),
  );
});
afterAll(() => database.close());

class Undo extends Error {}

/** Damages the books as only somebody with every right could, checks them, and takes the damage back. */
async function checkedAfter(damage: string, days: Days = ALL_DAYS): Promise<Checked[]> {
  let checked: Checked[] = [];
  const attempt = inTenant(database.app, 'acme', async (tx: Transaction) => {
    await tx.query(sql.unsafe`SELECT set_config('role', session_user, true)`);
    await tx.query(sql.unsafe`SET LOCAL session_replication_role = replica`);
    for (const statement of damage.split(';')) {
      await tx.query(raw(statement));
    }
    await tx.query(sql.unsafe`SELECT set_config('role', 'kist_app', true)`);
    checked = await checkInvariants(tx, days);
    throw new Undo();
  });
  await expect(attempt).rejects.toThrow(Undo);
  return checked;
}

function raw(text: string) {
  return { ...sql.unsafe``, sql: text, values: [] } as ReturnType<typeof sql.unsafe>;
}

const broken = (checked: readonly Checked[]) => checked.filter(({ holds }) => !holds);

test('books that nobody touched hold everything, over all days and over the last month', async () => {
  const all = await lender.run((tx) => checkInvariants(tx, ALL_DAYS));
  expect(broken(all)).toEqual([]);
  expect(all.map(({ name }) => name)).toEqual([
    ...['trial-balance', 'no-negative-balance', 'one-journal-per-key', 'chains', 'seals', 'sub-ledgers'],
    ...[
      'schedule-principal',
      'receivables',
      'suspense',
      'penal-apart',
      'interest-of-days',
      'charges-of-days',
    ],
    'jobs-at-rest-or-due',
  ]);
  const month = { after: '2027-02-28', through: LAST_DAY };
  expect(broken(await lender.run((tx) => checkInvariants(tx, month)))).toEqual([]);
});

describe('what somebody changed is found, and named', () => {
  const one = (table: string, condition: string) =>
    `ctid = (SELECT x.ctid FROM ${table} x WHERE ${condition} ORDER BY x.ctid DESC LIMIT 1)`;

  test.each<[string, string, RegExp]>([
    [
      'trial-balance',
      `UPDATE entry SET amount = amount + 1 WHERE ${one('entry', 'true')}`,
      /INR: debits exceed credits by -?1/,
    ],
    [
      'no-negative-balance',
      `UPDATE account SET balance = -0.01 WHERE ${one('account', `x.code LIKE 'wallet/%'`)}`,
      /wallet\/.* stands at -0.01, below 0/,
    ],
    [
      'one-journal-per-key',
      `ALTER TABLE journal DROP CONSTRAINT journal_key;
       INSERT INTO journal SELECT tenant_id, uuidv7(), uuidv7(), seq, kind, key, business_date, posted_at, NULL, prev_hash, hash
       FROM journal WHERE kind = 'loan.repay' LIMIT 1`,
      /both posted under the key/,
    ],
    [
      'chains',
      `UPDATE journal SET kind = 'loan.gift' WHERE ${one('journal', 'true')}`,
      /not what was hashed/,
    ],
    [
      'chains',
      `DELETE FROM journal WHERE ${one('journal', 'x.seq = 1')}`,
      /does not continue the journal before it/,
    ],
    ['seals', 'UPDATE seal SET leaves = leaves + 1', /seal 1 is not what was hashed when it was cut/],
    [
      'sub-ledgers',
      `UPDATE account SET balance = balance + 5 WHERE ${one('account', `x.code LIKE 'loan/%/principal'`)}`,
      /accounts loan\/principal hold .* first account .*: balance/,
    ],
    [
      'schedule-principal',
      `UPDATE instalment SET principal = principal + 1 WHERE ${one('instalment', 'x.paid_on IS NULL')}`,
      /its principal account holds/,
    ],
    [
      'receivables',
      `UPDATE instalment SET interest = interest + 1 WHERE ${one('instalment', 'x.paid_on IS NULL AND x.fell_due_on IS NOT NULL')}`,
      /its interest account holds/,
    ],
    [
      'receivables',
      `UPDATE instalment SET penal = penal + 1 WHERE ${one('instalment', 'x.paid_on IS NULL AND x.penal > 0')}`,
      /its penal account holds/,
    ],
    [
      'suspense',
      `UPDATE loan SET suspended_interest = suspended_interest + 7 WHERE ${one('loan', 'true')}`,
      /interest-suspense holds .* first loan/,
    ],
    [
      'penal-apart',
      `UPDATE entry e SET account_id = l.principal_account
       FROM loan l WHERE e.account_id = l.penal_account AND e.direction = 'debit'`,
      /its day added .* to the principal/,
    ],
    [
      'penal-apart',
      `UPDATE accrual SET base = base + 10 WHERE ${one('accrual', `x.component = 'interest'`)}`,
      /was counted of/,
    ],
    [
      'interest-of-days',
      `DELETE FROM accrual WHERE ${one('accrual', `x.component = 'interest' AND x.instalment = 1`)}`,
      /the days of instalment 1 come to/,
    ],
    [
      'charges-of-days',
      `UPDATE accrual SET amount = amount + 0.01 WHERE ${one('accrual', `x.component = 'penal'`)}`,
      /of penal charges, the rule to/,
    ],
    [
      'jobs-at-rest-or-due',
      `INSERT INTO job (tenant_id, id, kind, queue, key, payload, fingerprint, version, accepted_by, attempt_limit)
       VALUES ('acme', uuidv7(), 'loan.repay', 'repayments', 'forgotten', '{}', sha256(''), 1, 'service:test', 5)`,
      /is open, and no sweep has come to it ever/,
    ],
  ])('%s, %#', async (name, damage, detail) => {
    const found = broken(await checkedAfter(damage)).find((each) => each.name === name);
    expect(found?.detail).toMatch(detail);
  });
});

test('sub-ledgers are compared from the last day that was shut, not from the beginning of time', async () => {
  const desk = await lender.run(async (tx) => ({
    ...{ tenant: 'acme', posted_at: lender.clock.now() },
    day: await businessDayAt(tx, 'acme', lender.clock.now()),
  }));
  await lender.run((tx) => beginDay(tx, desk, LAST_DAY, 1_000));
  await lender.run((tx) => noteControlTotals(tx, { through: LAST_DAY }));
  await database.superuser(`UPDATE business_day SET state = 'shut'`);
  const since = { after: LAST_DAY, through: '2027-04-01' };
  expect(broken(await lender.run((tx) => checkInvariants(tx, since)))).toEqual([]);
  // Not even an entry of a closed day that is gone can hide a balance that was changed with it.
  const both = `DELETE FROM entry WHERE account_id = (SELECT principal_account FROM loan ORDER BY id LIMIT 1);
    UPDATE account SET balance = 0 WHERE id = (SELECT principal_account FROM loan ORDER BY id LIMIT 1)`;
  const found = broken(await checkedAfter(both, since)).map(({ name }) => name);
  expect(found).toContain('sub-ledgers');
});
