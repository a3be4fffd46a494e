import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTenant } from '../../../src/db/transaction.ts';
import { businessDateAt } from '../../../src/ledger/business-day.ts';
import { post } from '../../../src/ledger/post.ts';
import { draft } from '../../ledger/books.ts';
import { carriers } from '../../support/carriers.ts';
import { type Closing, isSigned, openClosing } from './closing.ts';

// Lent on Friday 20 November 2026; the first instalments fall due on Sunday 20 December.
describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  let bank: Closing;
  let paying: string;
  let late: string;

  beforeAll(async () => {
    if (missing) return;
    bank = await openClosing({ redisUrl });
    [paying, late] = (await bank.lend([
      { principal: '60000.00', months: 6 },
      { principal: '120000.00', months: 12 },
      { principal: '90000.00', months: 9 },
    ])) as [string, string];
    await bank.runtime.startWorkers();
  });
  afterAll(() => bank?.close());

  const repayment = (loan: string, reference: string) => ({
    ...{ loan, reference, amount: '500.00', currency: 'INR', source: 'collection' },
  });

  test.skipIf(missing)('a day without work is closed with a signed report that says so', async () => {
    await bank.evening('2026-12-14T17:40:00Z');
    const day = await bank.closed('2026-12-14');
    expect(isSigned(day, bank.sealer)).toBe(true);
    expect(day.report).toMatchObject({
      ...{ tenant: 'acme', business_date: '2026-12-14', set_aside: [], troubled: [], journals: [] },
      carried: { chunks: 0, loans: 0, done: 0, refused: 0 },
      asset_classes: [{ asset_class: 'standard', loans: 3, principal: '270000.00' }],
      seal: { number: '1' },
    });
    const forged = { ...day, text: day.text.replace('270000.00', '270000.01') };
    expect(isSigned(forged, bank.sealer)).toBe(false);
  });

  test.skipIf(missing)('missed days are closed one after the other, holidays left out', async () => {
    await bank.database.superuser(
      `INSERT INTO holiday (tenant_id, on_date, name) VALUES ('acme', '2026-12-16', 'A day off')`,
    );
    await bank.evening('2026-12-18T17:40:00Z');
    await bank.closed('2026-12-18');
    const { rows } = await bank.database.superuser(
      `SELECT business_date::text AS date FROM business_day WHERE state = 'closed' ORDER BY 1`,
    );
    expect(rows.map(({ date }) => date)).toEqual(['2026-12-14', '2026-12-15', '2026-12-17', '2026-12-18']);
    const { carried } = (await bank.day('2026-12-17'))!.report;
    expect(carried).toMatchObject({ loans: 3, done: 3, refused: 0, journals: 0, reminders: 3 });
  });

  test.skipIf(missing)(
    'what falls due on a Sunday stands in the books of Monday, under the day it is for',
    async () => {
      await bank.evening('2026-12-21T17:40:00Z');
      const { report } = await bank.closed('2026-12-21');
      const schedules = await Promise.all([paying, late].map((loan) => bank.lender.schedule(loan)));
      const { rows } = await bank.database.superuser(
        `SELECT loan_id, chargeable_day::text, business_date::text, amount::text FROM accrual
         WHERE component = 'interest' AND loan_id = ANY ($1) ORDER BY loan_id`,
        [[paying, late]],
      );
      expect(rows).toEqual(
        [paying, late].map((loan_id, index) => ({
          ...{ loan_id, chargeable_day: '2026-12-20', business_date: '2026-12-21' },
          amount: schedules[index]![0]!.interest,
        })),
      );
      expect(report.carried).toMatchObject({ chunks: 1, loans: 3, done: 3, refused: 0, journals: 3 });
      expect(report.carried.interest).toBe(await bank.lender.standing('interest-income'));
      // Monday is the day after the due date: each of the three was charged for it.
      expect(report.carried.penal).toBe(await bank.lender.standing('penal-income'));
      expect(Number(report.carried.penal)).toBeGreaterThan(0);
      expect(report.journals).toContainEqual(expect.objectContaining({ kind: 'loan.day', journals: 3 }));
    },
  );

  test.skipIf(missing)('the books of a day that is closed take nothing more, whoever posts it', async () => {
    const { controls, run } = bank.lender;
    const business_date = '2026-12-21';
    await expect(
      bank.database.superuser(
        `INSERT INTO journal (tenant_id, id, stream_id, seq, kind, key, business_date, posted_at, prev_hash, hash)
         VALUES ('acme', uuidv7(), uuidv7(), 1, 'test', 'late', $1, now(), sha256(''), sha256(''))`,
        [business_date],
      ),
    ).rejects.toMatchObject({ code: 'KI015' });
    const entry = draft({ from: controls.bank, to: controls.suspense, amount: '1', business_date });
    await expect(run((tx) => post(tx, [entry]))).rejects.toThrow();
  });

  test.skipIf(missing)(
    'a payment on the evening of a closed day stands in the books of the next',
    async () => {
      const job = await bank.rested(await bank.accept('loan.repay', repayment(paying, 'UTR-1')));
      expect(job).toMatchObject({
        state: 'done',
        result: { outcome: 'repaid', business_date: '2026-12-22' },
      });
    },
  );

  test.skipIf(missing)('work that had begun when its day was shut lands in the next', async () => {
    const { controls } = bank.lender;
    const dates: string[] = [];
    bank.clock.moveTo(new Date('2026-12-22T17:00:00Z'));
    const begun = Promise.withResolvers<void>();
    const shut = begun.promise.then(async () => {
      await bank.evening('2026-12-22T17:40:00Z');
      await bank.closed('2026-12-22');
    });
    const posted = await inTenant(bank.database.app, 'acme', async (tx) => {
      const business_date = await businessDateAt(tx, 'acme', bank.clock.now());
      dates.push(business_date);
      begun.resolve();
      await shut;
      return post(tx, [draft({ from: controls.bank, to: controls.suspense, amount: '1', business_date })]);
    });
    expect(dates).toEqual(['2026-12-22', '2026-12-23']);
    expect(posted).toMatchObject([{ status: 'posted' }]);
  });

  test.skipIf(missing)(
    'money jobs that a kill switch holds wait for a person; the report counts them',
    async () => {
      await bank.runtime.setSwitch('acme', 'loan.repay', 'The file is in doubt.', 'operator:asha');
      const held = await bank.rested(await bank.accept('loan.repay', repayment(late, 'UTR-2')));
      expect(held.state).toBe('held');
      await bank.evening('2026-12-23T17:40:00Z');
      const { report } = await bank.closed('2026-12-23');
      expect(report.troubled).toEqual([{ kind: 'loan.repay', state: 'held', jobs: 1 }]);
    },
  );

  test.skipIf(missing)('a day that is to come is not closed, nor one out of its turn', async () => {
    const early = await bank.rested(await bank.accept('day.close', { business_date: '2026-12-28' }));
    expect(early).toMatchObject({ state: 'dead', code: 'day-not-over' });
    bank.clock.moveTo(new Date('2026-12-29T12:00:00Z'));
    const hasty = await bank.rested(await bank.accept('day.close', { business_date: '2026-12-29' }));
    expect(hasty).toMatchObject({ state: 'dead', code: 'not-next-day' });
  });
});
