import { afterAll, afterEach, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import { applicationRequest } from '../../src/loans/application-request.ts';
import { openLoans } from '../../src/loans/opening.ts';
import { currentProduct } from '../../src/loans/products.ts';
import { plannedThrough, type TrancheWish, tranchesOf } from '../../src/loans/servicing/tranche-rows.ts';
import { testDatabase } from '../support/database.ts';
import { type Lender, openLender } from './lending.ts';
import { expectSound } from './soundness.ts';

const tenants = Array.from({ length: 10 }, (_, index) => `lender-${index + 1}`);
const database = await testDatabase([...tenants]);
const lending: string[] = [];
afterAll(() => database.close());
afterEach(() => expectSound(database, lending.splice(0)));

/** A lender of its own, and a loan of 90,000 over 12 months agreed in parts, the first paid on 20 November. */
async function lenderWithParts(parts: TrancheWish[], rules: object = {}) {
  const tenant = tenants.shift()!;
  lending.push(tenant);
  const lender = await openLender(database, tenant);
  const code = await lender.product(rules);
  const [loan] = await lender.run(async (tx) => {
    const product = await currentProduct(tx, code);
    const opening = { application: null, owner: 'asha', product, principal: '90000.00', tenure_months: 12 };
    return openLoans(tx, [{ ...opening, wallet: crypto.randomUUID(), tranches: parts }], lender.clock.now());
  });
  const [first] = await lender.work(disburse, [{ loan: loan! }]);
  return { lender, loan: loan!, first };
}

async function on(lender: Lender, day: string): Promise<void> {
  lender.clock.moveTo(new Date(`${day}T12:00:00Z`));
  await lender.carry(day);
}

test('each part is paid out once; what is drawn bears interest from its day on', async () => {
  const { lender, loan, first } = await lenderWithParts([{ amount: '50000.00' }, { amount: '40000.00' }]);
  expect(first).toMatchObject({ outcome: 'disbursed', principal: '50000.00', instalment: '4584.00' });
  await on(lender, '2026-12-05');
  const second = { loan, tranche: 2 };
  const [drawn] = await lender.work(disburse, [second]);
  expect(drawn).toMatchObject({
    ...{ outcome: 'tranche-disbursed', amount: '40000.00', instalments_left: 12 },
    principal_outstanding: '90000.00',
  });
  expect(await lender.work(disburse, [second, { loan }])).toMatchObject([
    { outcome: 'duplicate', loan },
    { outcome: 'duplicate', loan },
  ]);
  const rows = await lender.schedule(loan);
  expect(rows).toHaveLength(12);
  // 15 of 30 days on 50,000.00 and 15 on 90,000.00, at 1.5 % a month
  expect(rows[0]).toMatchObject({ number: 13, due_on: '2026-12-20', interest: '1050.00' });
  expect(rows[1]!.total).toBe((drawn as { instalment: string }).instalment);
  const wallet = (await lender.loan(loan))!.wallet_id;
  expect(await lender.balance(wallet)).toBe('90000.00');
  expect(await lender.run((tx) => tranchesOf(tx, loan))).toMatchObject([
    { number: 1, paid_on: '2026-11-20' },
    { number: 2, paid_on: '2026-12-05' },
  ]);
});

test('a part paid out on a due date leaves the instalment of that day as it was', async () => {
  const { lender, loan } = await lenderWithParts([{ amount: '50000.00' }, { amount: '40000.00' }]);
  await on(lender, '2026-12-20');
  expect(await lender.work(disburse, [{ loan, tranche: 2 }])).toMatchObject([{ instalments_left: 11 }]);
  const rows = await lender.schedule(loan);
  expect(rows[0]).toMatchObject({ number: 1, due_on: '2026-12-20', total: '4584.00', state: 'due' });
  // 46,166.00 of the first part and 40,000.00, a whole month at 1.5 %
  expect(rows[1]).toMatchObject({ number: 13, due_on: '2027-01-20', interest: '1292.49' });
});

test('parts come in order and not before their day; the close of that day pays them out', async () => {
  const { lender, loan } = await lenderWithParts([
    ...[{ amount: '30000.00' }, { amount: '30000.00', on: '2026-12-10' }],
    { amount: '30000.00', on: '2027-01-10' },
  ]);
  const code = async (tranche: number) => {
    const [answer] = await lender.work(disburse, [{ loan, tranche }]);
    return answer?.outcome === 'refused' ? answer.code : answer?.outcome;
  };
  expect(await code(2)).toBe('tranche-too-early');
  expect(await code(4)).toBe('unknown-tranche');
  await on(lender, '2026-12-10');
  expect(await lender.run((tx) => plannedThrough(tx, '2026-12-09'))).toEqual([]);
  expect(await lender.run((tx) => plannedThrough(tx, '2026-12-10'))).toEqual([{ loan, tranche: 2 }]);
  await on(lender, '2027-01-10');
  expect(await code(3)).toBe('earlier-tranche-open');
  expect(await code(2)).toBe('in-arrears');
});

test.each(['daily', 'at-due-date'] as const)(
  'no interest is lost or counted twice, accrued %s',
  async (interest) => {
    const parts = [{ amount: '50000.00' }, { amount: '40000.00' }];
    const { lender, loan } = await lenderWithParts(parts, { accrual: { interest } });
    await on(lender, '2026-12-05');
    await lender.work(disburse, [{ loan, tranche: 2 }]);
    await on(lender, '2026-12-20');
    expect(await lender.standing('interest-income')).toBe('1050.00');
  },
);

test('an application says its parts, which add up to its amount', () => {
  const applicant = {
    ...{ reference: 'asha', name: 'Asha', phone: '+919812345678', date_of_birth: '1990-01-01', city: 'Pune' },
  };
  const request = {
    ...{ reference: 'a-1', applicant, amount: '90000', tenure_months: 12, monthly_income: '90000' },
    monthly_obligations: '0',
  };
  const fits = (tranches: TrancheWish[]) => applicationRequest.safeParse({ ...request, tranches }).success;
  expect(fits([{ amount: '50000' }, { amount: '40000', on: '2027-01-01' }])).toBe(true);
  expect(fits([{ amount: '50000' }, { amount: '40001' }])).toBe(false);
  expect(fits([{ amount: '50000', on: '2027-01-01' }, { amount: '40000' }])).toBe(false);
  expect(fits([{ amount: '90000' }])).toBe(false);
});
