import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import disburse from '../../../jobs/loan.disburse.ts';
import repay from '../../../jobs/loan.repay.ts';
import type { Transaction } from '../../../src/db/pools.ts';
import { applyPaymentPicture } from '../../../src/payments/collections/apply.ts';
import { applyDisputePicture } from '../../../src/payments/collections/disputes.ts';
import type { CollectionState } from '../../../src/payments/collections/states.ts';
import type { DisputePicture, PaymentPicture, PaymentStatus } from '../../../src/payments/gateway/gateway.ts';
import type { Evidence } from '../../../src/payments/states.ts';
import { openLender } from '../../loans/lending.ts';
import { expectSound } from '../../loans/soundness.ts';
import { testDatabase } from '../../support/database.ts';
import { collecting, paymentPicture } from './collecting.ts';

const RUNS = 25;
const AMOUNT = '5000.00';
const PAID_AT = new Date('2026-12-21T06:30:00Z');
const TODAY = '2026-12-28';

/** What happens to one payment at the gateway, in order, and what it comes to here. */
interface Life {
  statuses: PaymentStatus[];
  dispute?: DisputePicture['status'][];
  ends: CollectionState;
  /** Whether the loan has the money at the end. */
  pays: boolean;
  clearing: string;
}
const LIVES: Record<string, Life> = {
  paid: { statuses: ['created', 'authorized', 'captured'], ends: 'captured', pays: true, clearing: AMOUNT },
  failed: { statuses: ['created', 'authorized', 'failed'], ends: 'failed', pays: false, clearing: '0.00' },
  late: {
    ...{
      statuses: ['created', 'failed', 'authorized', 'captured'],
      ends: 'captured',
      pays: true,
      clearing: AMOUNT,
    },
  },
  uncaptured: {
    ...{
      statuses: ['created', 'authorized', 'refunded'],
      ends: 'auto-refunded',
      pays: false,
      clearing: '0.00',
    },
  },
  returned: {
    ...{ statuses: ['created', 'failed', 'authorized', 'captured', 'refunded'], ends: 'reversed' },
    ...{ pays: false, clearing: '0.00' },
  },
  won: {
    ...{ statuses: ['authorized', 'captured'], dispute: ['open', 'under-review', 'won'] },
    ...{ ends: 'won', pays: true, clearing: AMOUNT },
  },
  lost: {
    ...{ statuses: ['authorized', 'captured'], dispute: ['open', 'under-review', 'lost'] },
    ...{ ends: 'lost', pays: false, clearing: '0.00' },
  },
};

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openLender(database);
const { occasionOf, order, collection, exceptions } = collecting(lender, database);
const loans = await openLoans(RUNS + 2);
const [paidLoan, unpaidLoan] = [loans.pop()!, loans.pop()!];

async function openLoans(count: number): Promise<string[]> {
  const rules = { penal: { bands: [{ score_from: 0, daily_rate: '0.001' }] } };
  const product = await lender.product(rules);
  const wishes = Array.from({ length: count }, () => ({ principal: '50000.00', months: 12, product }));
  const opened = await lender.open(wishes);
  await lender.work(
    disburse,
    opened.map((loan) => ({ loan })),
  );
  lender.clock.moveTo(new Date(`${TODAY}T06:30:00Z`));
  await lender.carry(TODAY);
  return opened;
}

type Told = PaymentPicture | DisputePicture;

/** The events of a life, each the picture of its moment; the last of each kind is also what is true at the end. */
function eventsOf({ statuses, dispute = [], ends }: Life, provider_order: string) {
  const id = `pay_${uuidv7()}`;
  const payments = statuses.map((status) => {
    const picture = paymentPicture({
      id,
      amount: AMOUNT,
      status,
      order: provider_order,
      created_at: PAID_AT,
    });
    return ends === 'auto-refunded' ? { ...picture, fee: null, tax: null } : picture;
  });
  const disputes = dispute.map(
    (status): DisputePicture => ({
      ...{ of: 'dispute', id: `disp_${id}`, payment: id, status, amount: AMOUNT, currency: 'INR' },
      ...{ created_at: PAID_AT, reason: 'fraudulent', respond_by: null },
    }),
  );
  return { id, events: [...payments, ...disputes] as Told[] };
}

/** As the job of an event goes by it: where it says not enough, what is true is fetched. */
async function goBy(told: Told, truth: { payment: PaymentPicture; dispute: DisputePicture | undefined }) {
  const apply = (tx: Transaction, picture: Told, evidence: Evidence) =>
    picture.of === 'payment'
      ? applyPaymentPicture(tx, occasionOf(evidence), picture)
      : applyDisputePicture(tx, occasionOf(evidence), picture);
  const first = await lender.run((tx) => apply(tx, told, 'event'));
  if (first !== 'fetch' && first !== 'stranger') return;
  // A dispute has its payment looked at first; a stranger is tried again.
  await lender.run((tx) => apply(tx, truth.payment, 'poll'));
  if (told.of === 'dispute') await lender.run((tx) => apply(tx, truth.dispute!, 'poll'));
}

async function scheduleOf(loan: string) {
  return (await lender.schedule(loan)).map(({ paid_on: _, ...row }) => row);
}

/** Debits less credits of all that concerns the loan, by account; where the money lies is told apart. */
async function booksOf(loan: string): Promise<Record<string, string>> {
  const { rows } = await database.superuser(
    `SELECT replace(a.code, $1, 'ours') AS code,
            sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END)::numeric(20, 2)::text AS net
     FROM journal j JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
     JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
     WHERE j.stream_id = $1::uuid AND a.code NOT LIKE 'wallet%'
     GROUP BY 1 HAVING sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END) <> 0`,
    [loan],
  );
  return Object.fromEntries(rows.map(({ code, net }) => [code, net]));
}

test('in whatever order, and however often, the events of a payment come, it ends the same', async () => {
  const backdated = {
    loan: paidLoan,
    amount: AMOUNT,
    currency: 'INR',
    reference: 'model',
    paid_on: '2026-12-21',
  };
  await lender.work(repay, [{ ...backdated, source: 'collection' as const }]);
  const model = async (loan: string) => {
    const { bank: _, ...books } = await booksOf(loan);
    return { schedule: await scheduleOf(loan), books };
  };
  const [paid, unpaid] = [await model(paidLoan), await model(unpaidLoan)];
  const scripts = fc.constantFrom(...Object.keys(LIVES)).chain((name) => {
    const count = LIVES[name]!.statuses.length + (LIVES[name]!.dispute?.length ?? 0);
    const every = Array.from({ length: count }, (_, index) => index);
    return fc.tuple(
      fc.constant(name),
      fc.array(fc.integer({ min: 0, max: count - 1 }), { maxLength: 4 }).chain((again) => {
        const all = [...every, ...again];
        return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
      }),
    );
  });
  await fc.assert(
    fc.asyncProperty(scripts, async ([name, sequence]) => {
      const life = LIVES[name]!;
      const loan = loans.pop()!;
      const { id, events } = eventsOf(life, await order(loan, AMOUNT));
      const payment = events.findLast((each) => each.of === 'payment')!;
      const truth = { payment, dispute: events.findLast((each) => each.of === 'dispute') };
      for (const index of sequence) await goBy(events[index]!, truth);

      const { state, allocated } = await collection(id);
      expect({ state, allocated }).toEqual({ state: life.ends, allocated: life.pays ? AMOUNT : '0.00' });
      const { 'collection-clearing': clearing = '0.00', ...books } = await booksOf(loan);
      expect(clearing).toBe(life.clearing);
      expect({ schedule: await scheduleOf(loan), books }).toEqual(life.pays ? paid : unpaid);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(new Set(await exceptions())).toEqual(new Set(['dispute-open']));
  await expectSound(database, ['acme']);
});
