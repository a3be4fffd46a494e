import { expect, test } from 'vitest';
import type { SettlementRow } from '../../../src/sandbox/gateway/collection-entities.ts';
import type { GatewayFault } from '../../../src/sandbox/gateway/faults.ts';
import { type Lender, openLender, openReceiver, START, scratchFile } from './a-gateway.ts';

/** The payments of Saturday are settled on Monday morning in India. */
const MONDAY = '2026-11-23';
const TUESDAY = '2026-11-24';

async function paid(lender: Lender, receipt: string, amount = 100_000): Promise<string> {
  const { body } = await lender.call('POST', '/orders', { amount, currency: 'INR', receipt });
  return lender.gateway.payBy(body.id).id;
}

function net(rows: readonly SettlementRow[]): number {
  return rows.reduce((sum, { credit, debit }) => sum + credit - debit, 0);
}

test('a settlement pays what payments brought less refunds and disputes; the bank has the same sum and reference', async () => {
  const receiver = await openReceiver();
  const lender = await openLender();
  lender.gateway.setWebhook({ url: receiver.url, secret: 'whisper' });
  const first = await paid(lender, 'due-1');
  const second = await paid(lender, 'due-2', 77_777);
  await lender.call('POST', `/payments/${first}/refund`, { amount: 10_000 });
  lender.gateway.dispute(second, { amount: 5_000 });
  await lender.pass({ days: 2 });

  const [settlement] = lender.gateway.settlements();
  const rows = lender.gateway.settlementRows(MONDAY);
  expect(rows.map(({ type }) => type)).toEqual(['payment', 'payment', 'refund', 'adjustment']);
  for (const { credit, amount, fee, tax } of rows.slice(0, 2)) {
    expect(credit).toBe(amount - fee);
    expect(tax).toBe(Math.round(((fee - tax) * 18) / 100));
  }
  expect(rows[2]).toMatchObject({ debit: 10_000, credit: 0, payment_id: first, fee: 0 });
  expect(rows[3]).toMatchObject({ debit: 5_000, dispute_id: expect.stringMatching(/^disp_/) });
  expect(settlement!.settlement.amount).toBe(net(rows));
  expect(new Set(rows.map(({ settlement_utr }) => settlement_utr))).toEqual(
    new Set([settlement!.settlement.utr]),
  );

  const [, line] = lender.gateway.bankStatement(MONDAY, MONDAY).trim().split('\n');
  const [, , description, reference, debit, credit] = line!.split(',');
  expect([description, reference, debit]).toEqual(['NEFT settlement', settlement!.settlement.utr, '']);
  expect(Number(credit!.replace('.', ''))).toBe(net(rows));
  expect(
    receiver.received.find(({ event }) => event === 'settlement.processed')!.payload.settlement.entity,
  ).toEqual(settlement!.settlement);
});

test('the bank states what has fallen due, though nobody has woken the gateway since', async () => {
  let now = START;
  const lender = await openLender({ now: () => now });
  await paid(lender, 'due-1');
  now = new Date(`${MONDAY}T18:15:00Z`);
  expect(lender.gateway.bankStatement(MONDAY, MONDAY)).toContain('NEFT settlement');
});

test('the report comes in pages, of a day or a month', async () => {
  const lender = await openLender();
  for (let number = 0; number < 5; number += 1) await paid(lender, `due-${number}`);
  await lender.pass({ days: 2 });
  const report = (query: string) => lender.call('GET', `/settlements/recon/combined?${query}`);
  const all = (await report('year=2026&month=11&day=23&count=1000')).body.items;
  expect(all).toEqual(lender.gateway.settlementRows(MONDAY));
  expect((await report('year=2026&month=11&count=2&skip=2')).body.items).toEqual(all.slice(2, 4));
  expect((await report('year=2026&month=11&day=22')).body.count).toBe(0);
  expect((await report('year=2026&month=13')).body.error.field).toBe('month');
  expect((await lender.call('GET', '/settlements')).body.items).toHaveLength(1);
});

test('settled on the day itself, after ten in the morning each payment is a settlement of its own', async () => {
  const lender = await openLender({ settlement_days: 0 });
  for (const receipt of ['due-1', 'due-2']) {
    await paid(lender, receipt);
    await lender.pass({ seconds: 1 });
  }
  expect(new Set(lender.gateway.settlements().map(({ id }) => id)).size).toBe(2);
  expect(lender.gateway.settlementRows('2026-11-21')).toHaveLength(2);
});

test('nobody is paid less than nothing: refunds wait for the next payments', async () => {
  const lender = await openLender();
  const id = await paid(lender, 'due-1');
  await lender.pass({ days: 2 });
  await lender.call('POST', `/payments/${id}/refund`, { amount: 100_000 });
  await lender.pass({ days: 3 });
  expect(lender.gateway.settlements()).toHaveLength(1);
  await paid(lender, 'due-2', 300_000);
  await lender.pass({ days: 2 });
  const [, second] = lender.gateway.settlements();
  expect(second!.truth.map(({ type }) => type).toSorted()).toEqual(['payment', 'refund']);
});

/** What the report of Monday and Tuesday says of two payments of 1,000 rupees, the first one with a fault. */
async function reported(fault: GatewayFault, subject = 'due-1') {
  const lender = await openLender();
  lender.gateway.script({ fault, subject });
  const ids = [await paid(lender, 'due-1'), await paid(lender, 'due-2')];
  await lender.pass({ days: 4 });
  const rows = lender.gateway.settlementRows(MONDAY);
  const paidIn = lender.gateway.balance() - 1_000_000_000_000;
  return {
    ids,
    rows,
    next: lender.gateway.settlementRows(TUESDAY),
    paidIn,
    records: lender.gateway.settlements(),
  };
}

const CREDIT = 97_640;

test.each<[GatewayFault, number, Partial<SettlementRow>]>([
  ['amount-off', 2, { amount: 100_100, credit: CREDIT + 100, fee: 2_360 }],
  ['fee-off', 2, { amount: 100_000, credit: CREDIT - 100, fee: 2_460 }],
  ['tax-off', 2, { amount: 100_000, credit: CREDIT, fee: 2_360, tax: 361 }],
  ['wrong-currency', 2, { currency: 'USD', credit: CREDIT }],
  ['wrong-status', 2, { settled: false, on_hold: true }],
  ['row-extra', 3, { credit: CREDIT }],
])('%s: the report is wrong, the money is right', async (fault, count, first) => {
  const { rows, paidIn, records, ids } = await reported(fault);
  expect(rows).toHaveLength(count);
  expect(rows[0]).toMatchObject({ entity_id: ids[0], ...first });
  expect(rows.at(-1)).toMatchObject({ entity_id: ids[1], amount: 100_000 });
  expect(paidIn).toBe(2 * CREDIT);
  expect(records[0]).toMatchObject({ faults: [{ entity_id: ids[0], fault }] });
});

test('row-missing: the money came, the report does not say for what', async () => {
  const { rows, ids, paidIn } = await reported('row-missing');
  expect(rows.map(({ entity_id }) => entity_id)).toEqual([ids[1]]);
  expect(paidIn).toBe(2 * CREDIT);
});

test('split: half of it today with the fees, half of it tomorrow', async () => {
  const { rows, next, ids, paidIn } = await reported('split');
  expect(rows[0]).toMatchObject({ entity_id: ids[0], amount: 50_000, fee: 2_360, credit: 47_640 });
  expect(next).toMatchObject([{ entity_id: ids[0], amount: 50_000, fee: 0, credit: 50_000 }]);
  expect(paidIn).toBe(2 * CREDIT);
});

test('late: settled another day', async () => {
  const { rows, next, ids } = await reported('late');
  expect(rows.map(({ entity_id }) => entity_id)).toEqual([ids[1]]);
  expect(next).toMatchObject([{ entity_id: ids[0], credit: CREDIT }]);
});

test('adjustment: something is taken off that no payment explains', async () => {
  const { rows, paidIn } = await reported('adjustment', MONDAY);
  expect(rows[2]).toMatchObject({ type: 'adjustment', debit: 1_012, payment_id: null, order_id: null });
  expect(paidIn).toBe(2 * CREDIT - 1_012);
});

test('duplicate-utr: two settlements under one reference', async () => {
  const lender = await openLender();
  lender.gateway.script({ fault: 'duplicate-utr', subject: TUESDAY });
  await paid(lender, 'due-1');
  await lender.pass({ days: 1 });
  await paid(lender, 'due-2');
  await lender.pass({ days: 2 });
  const [first, second] = lender.gateway.settlements();
  expect(second!.settlement.utr).toBe(first!.settlement.utr);
  expect(second!.id).not.toBe(first!.id);
});

test('what is owed survives a restart', async () => {
  const file = await scratchFile();
  const before = await openLender({ file });
  const id = await paid(before, 'due-1');
  await before.stop();
  const after = await openLender({ file });
  await after.pass({ days: 2 });
  expect(after.gateway.settlementRows(MONDAY)).toMatchObject([{ entity_id: id, credit: CREDIT }]);
});
