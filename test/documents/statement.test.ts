import * as fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import reverse from '../../jobs/loan.reverse-repayment.ts';
import { cutSeal } from '../../src/ledger/seal.ts';
import { chainOf } from '../../src/ledger/statements.ts';
import { testSealer } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { aLoan, expectToAddUp, goTo, lenders, noon, pay, rows, statement } from './a-statement.ts';

const database = await testDatabase();
afterAll(() => database.close());
const { aLender } = lenders(database);

describe('the statement of a loan', () => {
  test('tells its life in the words of the borrower, and what is owed after each line', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender);
    goTo(lender, '2026-12-30');
    await lender.carry('2026-12-30');
    await pay(lender, loan, '4629.84', { reference: 'UPI-1' });
    const told = await statement(lender, loan);
    expectToAddUp(told);
    expect(rows(told)).toEqual([
      ['2026-11-20', 'Loan paid out', '50000.00', '0.00', '50000.00'],
      ['2026-12-21', 'Interest due, instalment 1', '750.00', '0.00', '50750.00'],
      ...[
        ['2026-12-21', 'Penal charge for 1 day (21 Dec 2026), instalment 1', '4.58', '0.00', '50754.58'],
        ['2026-12-22', 'Penal charge for 1 day (22 Dec 2026), instalment 1', '4.59', '0.00', '50759.17'],
        ['2026-12-23', 'Penal charge for 1 day (23 Dec 2026), instalment 1', '4.58', '0.00', '50763.75'],
        ['2026-12-24', 'Penal charge for 1 day (24 Dec 2026), instalment 1', '4.59', '0.00', '50768.34'],
        ['2026-12-25', 'Penal charge for 1 day (25 Dec 2026), instalment 1', '4.58', '0.00', '50772.92'],
        [
          ...['2026-12-28', 'Penal charge for 3 days (26 Dec 2026 to 28 Dec 2026), instalment 1'],
          ...['13.75', '0.00', '50786.67'],
        ],
        ['2026-12-29', 'Penal charge for 1 day (29 Dec 2026), instalment 1', '4.59', '0.00', '50791.26'],
        ['2026-12-30', 'Penal charge for 1 day (30 Dec 2026), instalment 1', '4.58', '0.00', '50795.84'],
      ],
      ['2026-12-30', 'Payment received UPI-1', '0.00', '4629.84', '46166.00'],
    ]);
    expect(told.entries.at(-1)!.components).toEqual({
      ...{ principal: '-3834.00', interest: '-750.00', penal: '-45.84', fees: '0.00', advance: '0.00' },
    });
    expect(told.dues).toMatchObject({ total: '0.00', asset_class: 'standard', days_past_due: 0 });
    expect(told).toMatchObject({
      ...{ lender: 'Asha Finance', borrower: { reference: 'asha' } },
      period: { from: '2026-11-20', to: '2026-12-30' },
    });
  });

  test('begins with what was owed the day before, where a part of its life is asked for', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender);
    goTo(lender, '2027-01-21');
    await lender.carry('2027-01-21');
    const whole = await statement(lender, loan);
    const [first, second] = [
      await statement(lender, loan, undefined, '2026-12-31'),
      await statement(lender, loan, '2027-01-01'),
    ];
    for (const each of [whole, first, second]) expectToAddUp(each);
    expect(second.opening).toEqual(first.closing);
    expect([...first.entries, ...second.entries]).toEqual(whole.entries);
    const wrong = statement(lender, loan, '2027-01-02', '2027-01-01');
    await expect(wrong).rejects.toMatchObject({ code: 'wrong-period' });
  });

  test('shows money paid ahead as taken off at once, and its use as no new money', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender, { product: await lender.product({ excess: 'advance' }) });
    await pay(lender, loan, '5000', { reference: 'early' });
    goTo(lender, '2026-12-21');
    await lender.carry('2026-12-21');
    const told = await statement(lender, loan);
    expectToAddUp(told);
    expect(rows(told).slice(1)).toEqual([
      ['2026-11-20', 'Payment received early', '0.00', '5000.00', '45000.00'],
      ['2026-12-21', 'Interest due, instalment 1', '750.00', '0.00', '45750.00'],
      ['2026-12-21', 'Money paid ahead used for what is owed', '0.00', '0.00', '45750.00'],
    ]);
    expect(told.positions.at(-2)).toMatchObject({
      component: 'advance',
      moved: '4584.00',
      closing: '-416.00',
    });
  });

  test('tells a payment that was dated back, and what it put right, apart', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender);
    goTo(lender, '2027-01-05');
    await lender.carry('2027-01-05');
    await pay(lender, loan, '4600', { reference: 'late', paid_on: '2026-12-22' });
    const told = await statement(lender, loan);
    expectToAddUp(told);
    // 16 days were charged by then, 73.34; two were due, 9.17. The 6.83 left over paid towards instalment 2.
    expect(rows(told).slice(-3)).toEqual([
      ...[['2027-01-05', 'Interest of instalments paid before they fell due', '692.49', '0.00', '51515.83']],
      [
        ...['2027-01-05', 'Penal charges put right: the payment counts from 22 Dec 2026'],
        ...['0.00', '64.17', '51451.66'],
      ],
      ['2027-01-05', 'Payment received late', '0.00', '4600.00', '46851.66'],
    ]);
    expect(told.entries.at(-1)!.value_date).toBe('2026-12-22');
  });

  test('tells a payment that came back, with its reason', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender);
    goTo(lender, '2026-12-22');
    await pay(lender, loan, '4600', { reference: 'cheque-7' });
    goTo(lender, '2026-12-24');
    await lender.work(reverse, [{ loan, reference: 'cheque-7', reason: 'no funds' }]);
    const told = await statement(lender, loan);
    expectToAddUp(told);
    expect(rows(told).map(([, text, debit]) => [text, debit])).toContainEqual([
      'Payment cheque-7 returned: no funds',
      '4600.00',
    ]);
  });

  test('names the last journal of the chain and the last seal, for whoever checks', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender);
    expect((await statement(lender, loan)).proof).toMatchObject({ sealed_through: '0', seal: null });
    const sealer = testSealer();
    const wish = { tenant: lender.tenant, business_date: '2026-11-20', cut_at: lender.clock.now() };
    const seal = (await lender.run((tx) => cutSeal(tx, sealer, wish)))!;
    await pay(lender, loan, '4584');
    const { proof } = await statement(lender, loan);
    const chain = await lender.run((tx) => chainOf(tx, loan, { after_seq: 0n, limit: 100 }));
    const last = chain.at(-1)!;
    expect(proof).toEqual({
      head: { seq: String(last.seq), hash: last.hash },
      sealed_through: '1',
      seal: {
        ...{ number: '1', hash: seal.hash.toString('hex') },
        ...{ business_date: '2026-11-20', key_id: sealer.key_id },
      },
    });
  });

  test('there is none of a loan that there is not', async () => {
    const lender = await aLender();
    expect(await statement(lender, uuidv7())).toBeNull();
  });
});

const step = fc.oneof(
  fc.record({ does: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 45 }) }),
  fc.record({
    does: fc.constant('pay' as const),
    rupees: fc.integer({ min: 1, max: 20_000 }),
    paise: fc.integer({ min: 0, max: 99 }),
    days_back: fc.integer({ min: 0, max: 20 }),
  }),
  fc.record({ does: fc.constant('bounce' as const) }),
);
const RUNS = 12;

test('whatever happens to a loan, opening + debits − credits = closing, over the whole and over parts of it', async () => {
  const lender = await aLender();
  const products = [
    await lender.product({ excess: 'coming-instalments', penal: { tax_rate: '0.18' } }),
    await lender.product({ excess: 'advance', accrual: { interest: 'daily' } }),
    await lender.product({ excess: 'wallet', penal: { grace_days: 3, minimum: '100.00' } }),
  ];
  let today = '2026-11-20';
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...products),
      fc.array(step, { minLength: 2, maxLength: 7 }),
      async (product, steps) => {
        const loan = await aLoan(lender, { product, months: 6 });
        const begun = today;
        const paid: string[] = [];
        for (const each of steps) {
          if (each.does === 'wait') {
            today = new Date(noon(today).getTime() + each.days * 86_400_000).toISOString().slice(0, 10);
            goTo(lender, today);
            await lender.carry(today);
          } else if (each.does === 'pay') {
            const reference = uuidv7();
            const back = new Date(noon(today).getTime() - each.days_back * 86_400_000)
              .toISOString()
              .slice(0, 10);
            const amount = `${each.rupees}.${String(each.paise).padStart(2, '0')}`;
            await pay(lender, loan, amount, { reference, ...(back > begun ? { paid_on: back } : {}) });
            paid.push(reference);
          } else if (paid.length > 0) {
            await lender.work(reverse, [{ loan, reference: paid.pop()!, reason: 'bounced' }]);
          }
        }
        const whole = await statement(lender, loan);
        expectToAddUp(whole);
        expect(whole.opening.total).toBe('0.00');
        const view = (await lender.loan(loan))!;
        expect(whole.closing.principal).toBe(view.principal_outstanding);
        expect(whole.closing.interest).toBe(view.interest_due);
        const { from, to } = whole.period;
        const middle = whole.entries.at(Math.floor(whole.entries.length / 2))!.date;
        const next = new Date(noon(middle).getTime() + 86_400_000).toISOString().slice(0, 10);
        if (next > to) return;
        const parts = [await statement(lender, loan, from, middle), await statement(lender, loan, next, to)];
        parts.forEach(expectToAddUp);
        expect(parts[1]!.opening).toEqual(parts[0]!.closing);
        expect(parts.flatMap(({ entries }) => entries)).toEqual(whole.entries);
      },
    ),
    { numRuns: RUNS },
  );
});
