import { expect, test } from 'vitest';
import type { SettlementRow } from '../../../src/payments/gateway/gateway.ts';
import { type Change, call, razorpay } from './razorpay-server.ts';

const row = (change: Change = {}) => ({
  ...{ entity_id: 'pay_DEXrnipqTmWVGE', type: 'payment', debit: 0, credit: 97_100, amount: 100_000 },
  ...{ currency: 'INR', fee: 2_900, tax: 442, on_hold: false, settled: true, created_at: 1_567_692_556 },
  ...{ settled_at: 1_568_176_960, settlement_id: 'setl_DGlQ1Rj8os78Ec', posted_at: null },
  ...{ credit_type: 'default', description: 'Instalment 3', notes: 'Beam me up Scotty.', payment_id: null },
  ...{ settlement_utr: '1568176960vxp0rj', order_id: 'order_1', order_receipt: null, method: 'card' },
  ...{ card_network: 'MasterCard', dispute_id: null },
  ...change,
});

const line = (change: Change = {}) => ({
  ...{ id: 'txn_00000000000003', entity: 'transaction', account_number: '7878780080316316' },
  ...{ amount: 218, currency: 'INR', credit: 0, debit: 218, balance: 4_242, created_at: 1_545_224_066 },
  source: {
    ...{ id: 'pout_00000000000001', entity: 'payout', fund_account_id: 'fa_1', amount: 100, notes: [] },
    ...{ fees: 118, tax: 18, status: 'processed', utr: '000000000001', mode: 'NEFT', fee_type: null },
  },
  ...change,
});

const page = (items: unknown[]) => ({ json: { entity: 'collection', count: items.length, items } });
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i));

async function all(rows: AsyncIterable<SettlementRow>): Promise<SettlementRow[]> {
  const found = [];
  for await (const found_row of rows) found.push(found_row);
  return found;
}

test('what was settled on a day comes row by row, with fee and tax within it', async () => {
  const { asked, gateway } = await razorpay([
    page([
      row(),
      row({
        entity_id: 'rfnd_1',
        type: 'refund',
        payment_id: 'pay_1',
        debit: 242_500,
        credit: 0,
        fee: 0,
        tax: 0,
      }),
      row({ entity_id: 'trf_1', type: 'transfer', debit: 100_296, credit: 0, fee: 296, tax: 46 }),
      row({ entity_id: 'adj_1', type: 'adjustment', settlement_utr: null, description: null }),
      row({ entity_id: 'x_1', type: 'invented', settled: false, settled_at: null, settlement_id: null }),
    ]),
  ]);
  const rows = await all(gateway.settlementRows('2022-06-01', call()));
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v1/settlements/recon/combined?year=2022&month=06&day=01&count=1000&skip=0',
  ]);
  expect(rows[0]).toEqual({
    ...{ entity: 'pay_DEXrnipqTmWVGE', kind: 'payment', parent: null, debit: '0.00', credit: '971.00' },
    ...{ amount: '1000.00', currency: 'INR', fee: '29.00', tax: '4.42', status: 'settled' },
    ...{ settlement: 'setl_DGlQ1Rj8os78Ec', utr: '1568176960vxp0rj', balance: null },
    ...{ happened_at: new Date(1_567_692_556_000), settled_at: new Date(1_568_176_960_000) },
    description: 'Instalment 3',
  });
  expect(rows.slice(1)).toMatchObject([
    { kind: 'refund', parent: 'pay_1', debit: '2425.00' },
    { kind: 'transfer', debit: '1002.96', fee: '2.96', tax: '0.46' },
    { kind: 'adjustment', utr: null, description: '' },
    { kind: 'other', status: 'unsettled', settlement: null, settled_at: null },
  ]);
});

test('a long day comes page by page, and only as far as somebody reads', async () => {
  const full = page(many(1_000, (index) => row({ entity_id: `pay_${index}` })));
  const { asked, gateway } = await razorpay([full, page([]), full]);
  expect(await all(gateway.settlementRows('2022-06-11', call()))).toHaveLength(1_000);
  expect(asked.map(({ path }) => new URL(path, 'http://x').searchParams.get('skip'))).toEqual(['0', '1000']);
  for await (const first of gateway.settlementRows('2022-06-11', call())) {
    expect(first.entity).toBe('pay_0');
    break;
  }
  expect(asked).toHaveLength(3);
});

test('a row that is not one ends the reading: half a list is no list', async () => {
  const { gateway } = await razorpay([page([row(), row({ credit: 971.5 })])]);
  await expect(all(gateway.settlementRows('2022-06-11', call()))).rejects.toMatchObject({
    kind: 'unknown',
    code: 'unreadable',
  });
});

test('the account’s statement goes from midnight to midnight in India', async () => {
  const reversal = { id: 'rvrsl_1', entity: 'reversal', payout_id: 'pout_1', amount: 100, utr: 'R1' };
  const transfer = { id: 'bt_1', entity: 'bank_transfer', payer_name: 'Saurav', bank_reference: 'AXIR01' };
  const { asked, gateway } = await razorpay([
    page([
      line(),
      line({ id: 'txn_2', credit: 100, debit: 0, amount: 100, source: reversal }),
      line({ id: 'txn_3', credit: 500, debit: 0, amount: 500, source: transfer, balance: -1 }),
      line({ id: 'txn_4', source: null, balance: undefined }),
    ]),
  ]);
  const rows = await all(gateway.accountRows({ from: '2022-06-01', to: '2022-06-02' }, call()));
  const { searchParams } = new URL(asked[0]!.path, 'http://x');
  expect(Object.fromEntries(searchParams)).toEqual({
    ...{ account_number: '7878780080316316', count: '100', skip: '0' },
    from: String(Date.parse('2022-05-31T18:30:00Z') / 1_000),
    to: String(Date.parse('2022-06-02T18:29:59Z') / 1_000),
  });
  expect(rows[0]).toEqual({
    ...{ entity: 'pout_00000000000001', kind: 'payout', parent: null, debit: '2.18', credit: '0.00' },
    ...{ amount: '2.18', currency: 'INR', fee: '1.18', tax: '0.18', status: 'processed', settlement: null },
    ...{ utr: '000000000001', happened_at: new Date(1_545_224_066_000), settled_at: null },
    ...{ balance: '42.42', description: 'payout' },
  });
  expect(rows.slice(1)).toMatchObject([
    { entity: 'rvrsl_1', kind: 'reversal', parent: 'pout_1', credit: '1.00', utr: 'R1' },
    { entity: 'bt_1', kind: 'other', credit: '5.00', utr: 'AXIR01', balance: '-0.01' },
    { entity: 'txn_4', kind: 'other', balance: null },
  ]);
});

test('a line that slips to the next page while we read is told once', async () => {
  const first = many(100, (index) => line({ id: `txn_${index}` }));
  const { asked, gateway } = await razorpay([
    page(first),
    page([line({ id: 'txn_99' }), line({ id: 'txn_100' })]),
  ]);
  expect(await all(gateway.accountRows({ from: '2022-06-01', to: '2022-06-01' }, call()))).toHaveLength(101);
  expect(asked.map(({ path }) => new URL(path, 'http://x').searchParams.get('skip'))).toEqual(['0', '100']);
});
