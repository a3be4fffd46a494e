import { expect, onTestFinished, test } from 'vitest';
import { subscriber } from '../../events/support.ts';
import { until } from '../../support/until.ts';
import { type Closing, type ClosingOptions, openClosing } from './closing.ts';

async function closingForThisTest(options: ClosingOptions = {}): Promise<Closing> {
  const bank = await openClosing(options);
  onTestFinished(() => bank.close());
  return bank;
}

test('a day is not closed while older money jobs wait to be run; it says which', async () => {
  const bank = await closingForThisTest();
  const [loan] = await bank.lend([{ principal: '60000.00', months: 6 }]);
  await bank.runtime.startWorkers(['end-of-day']);
  bank.clock.moveTo(new Date('2026-12-18T10:00:00Z'));
  const repayment = await bank.accept('loan.repay', {
    ...{ loan, reference: 'UTR-1', amount: '500.00', currency: 'INR', source: 'collection' },
  });
  await bank.evening('2026-12-18T17:40:00Z');
  const waiting = await until('the day waits', async () => {
    const finish = await bank.job('day.finish', '2026-12-18');
    return finish?.code === 'work-open' ? finish : undefined;
  });
  expect(waiting).toMatchObject({
    ...{ state: 'pending', attempt: 0 },
    message: `1 jobs of the day are not at rest: loan.repay ${repayment.id}.`,
  });
  expect((await bank.day('2026-12-18'))!.state).toBe('checking');

  const second = await bank.another();
  await second.startWorkers(['repayments']);
  const { report } = await bank.closed('2026-12-18');
  // The payment is in the books of its own day, which waited for it.
  expect(report.journals).toMatchObject([{ kind: 'loan.repay', journals: 1 }]);
});

test('a loan that cannot be carried is set aside with the reason, and its neighbours are carried', async () => {
  const bank = await closingForThisTest();
  const [bad, good] = (await bank.lend([
    { principal: '60000.00', months: 6 },
    { principal: '60000.00', months: 6 },
  ])) as [string, string];
  const { rows } = await bank.database.superuser('SELECT interest_account AS id FROM loan WHERE id = $1', [
    bad,
  ]);
  const damage = (account: string) =>
    bank.database.superuser('UPDATE loan SET interest_account = $2 WHERE id = $1', [bad, account]);
  await damage('00000000-0000-4000-8000-000000000000');
  await bank.runtime.startWorkers();

  await bank.evening('2026-12-21T17:40:00Z');
  const monday = (await bank.closed('2026-12-21')).report;
  expect(monday.carried).toMatchObject({ loans: 2, done: 1, refused: 1, journals: 1 });
  expect(monday.set_aside).toMatchObject([
    { loan: bad, code: 'KI011', message: expect.stringContaining('there is no account') },
  ]);
  await bank.evening('2026-12-22T17:40:00Z');
  const tuesday = (await bank.closed('2026-12-22')).report;
  expect(tuesday.carried).toMatchObject({ loans: 1, done: 1, refused: 0 });
  expect(tuesday.set_aside).toMatchObject([{ loan: bad, since_date: '2026-12-21' }]);

  await damage(rows[0].id);
  const back = () =>
    bank.database.superuser('SELECT FROM loan_set_aside').then(({ rowCount }) => rowCount === 0);
  // Tried again by itself, at the latest with the next day.
  await bank.evening('2026-12-23T17:40:00Z');
  await until('it is no longer set aside', back);
  await bank.closed('2026-12-23');
  await bank.evening('2026-12-24T17:40:00Z');
  expect((await bank.closed('2026-12-24')).report.set_aside).toEqual([]);

  const days = async (loan: string) => {
    const accruals = await bank.database.superuser(
      `SELECT component, instalment, chargeable_day::text, amount::text, tax::text FROM accrual
       WHERE loan_id = $1 ORDER BY component, instalment, chargeable_day`,
      [loan],
    );
    return accruals.rows;
  };
  expect(await days(bad)).toEqual(await days(good));
  expect((await days(bad)).map(({ chargeable_day }) => chargeable_day)).toEqual([
    ...['2026-12-20', '2026-12-21', '2026-12-22', '2026-12-23', '2026-12-24'],
  ]);
  const booked = await bank.database.superuser(
    'SELECT DISTINCT business_date::text AS date FROM accrual WHERE loan_id = $1 ORDER BY 1',
    [bad],
  );
  // Its missed days stand in the first books that were open when it was mended.
  expect(['2026-12-23', '2026-12-24']).toContain(booked.rows[0].date);
});

test('each tenant closes its own days, by its own calendar and time zone', async () => {
  const bank = await closingForThisTest({ tenants: ['acme', 'bazaar'] });
  await bank.database.superuser(
    `UPDATE tenant SET time_zone = 'America/New_York' WHERE tenant_id = 'bazaar'`,
  );
  await bank.database.superuser(
    `INSERT INTO holiday (tenant_id, on_date, name) VALUES ('acme', '2026-12-22', 'A day off')`,
  );
  await bank.lend([{ principal: '60000.00', months: 6 }], 'acme');
  await bank.lend([{ principal: '60000.00', months: 6 }], 'bazaar');
  await bank.runtime.startWorkers();

  // Half past eleven in Mumbai is noon in New York: Monday is over here, and Friday's was the last there.
  await bank.evening('2026-12-21T18:00:00Z');
  await bank.closed('2026-12-21', 'acme');
  await bank.closed('2026-12-18', 'bazaar');
  await bank.evening('2026-12-23T18:00:00Z');
  await bank.closed('2026-12-23', 'acme');
  await bank.closed('2026-12-22', 'bazaar');
  const { rows } = await bank.database.superuser(
    `SELECT tenant_id, array_agg(business_date::text ORDER BY business_date) AS dates
     FROM business_day WHERE state = 'closed' GROUP BY tenant_id ORDER BY tenant_id`,
  );
  expect(rows).toEqual([
    { tenant_id: 'acme', dates: ['2026-12-21', '2026-12-23'] },
    { tenant_id: 'bazaar', dates: ['2026-12-18', '2026-12-21', '2026-12-22'] },
  ]);
});

test('the seal of the evening and that of the close do not collide', async () => {
  const bank = await closingForThisTest({ all_schedules: true });
  await bank.lend([{ principal: '60000.00', months: 6 }]);
  await bank.runtime.startWorkers();
  await bank.evening('2026-12-21T18:30:00Z');
  await bank.closed('2026-12-21');
  await bank.evening('2026-12-22T18:30:00Z');
  await bank.closed('2026-12-22');
  await until('the seals are cut', async () => {
    const jobs = await bank.runtime.list('acme', { kind: 'ledger.seal', limit: 10 });
    return jobs.length === 2 && jobs.every(({ state }) => state === 'done');
  });
  const { rows } = await bank.database.superuser(
    `SELECT (SELECT count(*)::int FROM seal) = (SELECT max(number)::int FROM seal) AS without_gap,
            (SELECT sum(leaves)::int FROM seal) = (SELECT count(*)::int FROM journal) AS each_once`,
  );
  expect(rows).toEqual([{ without_gap: true, each_once: true }]);
});

test('books that do not hold are not shut: a person is told what is wrong, and says when it is mended', async () => {
  const bank = await closingForThisTest();
  await bank.lend([{ principal: '60000.00', months: 6 }]);
  await subscriber(bank.database, ['invariant.*']);
  const damage = (amount: number) =>
    bank.database.superuser(`UPDATE account SET balance = balance + $1 WHERE code LIKE 'loan/%/principal'`, [
      amount,
    ]);
  await damage(5);
  await bank.runtime.startWorkers();
  await bank.evening('2026-12-18T17:40:00Z');
  const held = await until('a person must look', async () => {
    const finish = await bank.job('day.finish', '2026-12-18');
    return finish?.state === 'held' ? finish : undefined;
  });
  expect(held).toMatchObject({
    code: 'invariant-broken',
    message: expect.stringMatching(/^sub-ledgers: accounts loan\/principal hold 60005 INR/),
  });
  expect((await bank.day('2026-12-18'))!.state).toBe('checking');
  const told = await bank.database.superuser(`SELECT data->>'invariant' AS invariant FROM event ORDER BY 1`);
  expect(told.rows).toEqual([{ invariant: 'schedule-principal' }, { invariant: 'sub-ledgers' }]);

  await damage(-5);
  await bank.runtime.release('acme', held.id, 'operator:asha');
  const { report } = await bank.closed('2026-12-18');
  expect(report.invariants).toContain('sub-ledgers');
  const { rows } = await bank.database.superuser(`SELECT control_totals FROM business_day`);
  expect(rows[0].control_totals).toContainEqual({
    ...{ class: 'loan/principal', currency: 'INR', amount: 60_000 },
  });
});
