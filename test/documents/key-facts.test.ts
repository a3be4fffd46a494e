import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import { indianApr } from '../../src/documents/apr.ts';
import { keyFactsOf } from '../../src/documents/key-facts.ts';
import { addTenant } from '../../src/identity/tenants.ts';
import { minorUnits } from '../../src/loans/schedule.ts';
import { type Lender, openLender } from '../loans/lending.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
afterAll(() => database.close());
let tenants = 0;

async function aLender(): Promise<Lender> {
  const tenant = `lender-${++tenants}`;
  await addTenant(database.app, { tenant, name: 'Asha Finance' });
  return openLender(database, tenant);
}

const factsOf = async (lender: Lender, loan: string) =>
  (await lender.run((tx) => keyFactsOf(tx, lender.tenant, { loan }, lender.clock.now())))!;

const sum = (texts: string[]) => texts.reduce((all, text) => all + minorUnits(text), 0n);

test('the rate of the circular’s own example: 20,000 at 15 % in 24 instalments of 969.73, 400 in fees: 17.07 %', () => {
  const instalments = Array.from({ length: 24 }, () => 96_973n);
  expect(indianApr(1_960_000n, instalments)).toMatch(/^17\.07/);
  expect(indianApr(0n, instalments)).toBeNull();
});

describe('the key facts of a loan', () => {
  test('state its terms, its schedule as stored, and a rate that the schedule satisfies', async () => {
    const lender = await aLender();
    const [loan] = await lender.open([{ principal: '50000.00', months: 12, score: 700 }]);
    await lender.work(disburse, [{ loan: loan! }]);
    const facts = await factsOf(lender, loan!);
    expect(facts).toMatchObject({
      ...{ lender: 'Asha Finance', of: 'loan', number: loan, loan_type: 'Personal loan', currency: 'INR' },
      ...{ sanctioned_amount: '50000.00', term_months: 12, valid_until: null, rescheduled: false },
      instalments: { type: 'monthly', number: 12, amount: '4584.00', first_due_on: '2026-12-20' },
      interest: { percent: '18', type: 'fixed' },
      disbursal: { on: '2026-11-20', in_stages: false, amount: '50000.00' },
      fees: [],
      // Nothing is charged besides interest, and instalments are rounded to the paisa: the rate itself.
      apr_percent: '18.00',
    });
    const stored = await lender.schedule(loan!);
    expect(facts.schedule.map(({ total }) => total)).toEqual(stored.map(({ total }) => total));
    expect(sum(facts.schedule.map(({ principal }) => principal))).toBe(minorUnits('50000'));
    expect(facts.schedule[0]).toMatchObject({ outstanding: '50000.00', interest: '750.00' });
    expect(facts.computation.interest).toBe(
      (Number(sum(facts.schedule.map(({ interest }) => interest))) / 100).toFixed(2),
    );
  });

  test('name the penal band of the borrower’s score, and when nothing may be charged for paying early', async () => {
    const lender = await aLender();
    const early = {
      bands: [
        { days_from: 0, rate: '0.04' },
        { days_from: 365, rate: '0.02' },
      ],
      tax_rate: '0.18',
    };
    const fixed = await lender.product({ charges: { foreclosure: early }, penal: { tax_rate: '0.18' } });
    const floating = await lender.product({ charges: { foreclosure: early, rate_type: 'floating' } });
    const now = new Date('2026-11-20T06:30:00Z');
    lender.clock.moveTo(now);
    const [one, other] = await lender.open([
      { principal: '50000.00', months: 12, score: 700, product: fixed },
      { principal: '50000.00', months: 12, product: floating },
    ]);
    const { contingent_charges } = await factsOf(lender, one!);
    expect(contingent_charges.penal).toMatchObject({
      ...{ rule: 'rbi-2024', base: 'overdue-instalment', tax_percent: '18' },
      bands: [
        { score_from: 0, daily_percent: '0.1', applies: false },
        { score_from: 650, daily_percent: '0.075', applies: true },
        { score_from: 750, daily_percent: '0.05', applies: false },
      ],
    });
    expect(contingent_charges.foreclosure).toEqual({
      bands: [
        { days_from: 0, percent: '4' },
        { days_from: 365, percent: '2' },
      ],
      ...{ minimum: null, maximum: null, tax_percent: '18', forbidden_by: null },
    });
    const free = (await factsOf(lender, other!)).contingent_charges.foreclosure;
    expect(free.bands).toEqual([]);
    expect(free.forbidden_by).toMatch(/^rbi-prepayment-2025: floating-rate loan to an individual/);
  });

  test('count fees with their tax: what is kept at the disbursal, and what comes with every instalment', async () => {
    const lender = await aLender();
    const product = await lender.product({
      disclosures: {
        fees: [
          { name: 'Processing fee', rate: '0.02', tax_rate: '0.18' },
          { name: 'Insurance', payable_to: 'third-party', amount: '600' },
          { name: 'Account keeping', when: 'every-instalment', amount: '10' },
        ],
        grievance_officer: 'Meera Shah, 022-5550100',
      },
    });
    const [loan] = await lender.open([{ principal: '50000.00', months: 12, product }]);
    const facts = await factsOf(lender, loan!);
    expect(facts.fees).toMatchObject([
      { name: 'Processing fee', percent: '2', amount: '1000.00', tax: '180.00', total: '1180.00' },
      { name: 'Insurance', payable_to: 'third-party', percent: null, total: '600.00' },
      { name: 'Account keeping', when: 'every-instalment', total: '10.00' },
    ]);
    expect(facts.computation).toMatchObject({
      ...{
        fees_lender: '1300.00',
        fees_third_party: '600.00',
        fees: '1900.00',
        fees_with_instalments: '120.00',
      },
      net_disbursed: '48220.00',
    });
    const payments = facts.schedule.map(({ total }) => minorUnits(total) + 1_000n);
    expect(facts.computation.apr_percent).toBe(indianApr(4_822_000n, payments));
    expect(Number(facts.apr_percent)).toBeGreaterThan(24);
    expect(facts.qualitative).toMatchObject({
      grievance_officer: 'Meera Shah, 022-5550100',
      co_lending: null,
    });
  });

  test('stay those of the sanction, whatever was paid since', async () => {
    const lender = await aLender();
    const [loan] = await lender.open([{ principal: '50000.00', months: 12 }]);
    await lender.work(disburse, [{ loan: loan! }]);
    const { made_at: _, ...before } = await factsOf(lender, loan!);
    lender.clock.moveTo(new Date('2026-12-30T06:30:00Z'));
    const payment = {
      loan: loan!,
      amount: '5000',
      currency: 'INR',
      reference: uuidv7(),
      source: 'collection' as const,
    };
    await lender.work(repay, [payment]);
    const { made_at: __, ...after } = await factsOf(lender, loan!);
    expect(after).toEqual(before);
  });
});

test('there are none of what there is not', async () => {
  const lender = await aLender();
  const now = lender.clock.now();
  const none = await lender.run(async (tx) => [
    await keyFactsOf(tx, lender.tenant, { loan: uuidv7() }, now),
    await keyFactsOf(tx, lender.tenant, { application: uuidv7() }, now),
  ]);
  expect(none).toEqual([null, null]);
});
