import { afterAll, describe, expect, it } from 'vitest';
import type { GatewayLine } from '../../../src/payments/reconciliation/lines.ts';
import {
  aCollection,
  type Bookkeeping,
  bankCredit,
  type Collected,
  DAY,
  gatewayLine,
  givenBack,
  openLenders,
  settled,
} from './bookkeeping.ts';

const { database, lender } = await openLenders();
afterAll(() => database.close());

/** What stands on a control account, debits less credits. */
async function standing({ tenant }: Bookkeeping, code: string): Promise<string> {
  const { rows } = await database.superuser(
    `SELECT coalesce(sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END), 0)::numeric(20, 2)::text AS it
     FROM entry e JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
     WHERE e.tenant_id = $1 AND a.code = $2`,
    [tenant, code],
  );
  return rows[0].it;
}

/** Statements of days enough for everything to be due. */
const LONG = { from: DAY, to: '2026-12-31' };

describe('Collections held against what the gateway settled', () => {
  it('match, and are settled from then on', async () => {
    const books = await lender();
    const [collected] = await books.collected([{}]);
    const { results } = await books.compare(await books.told('settlement', [settled(collected!)]));
    expect(results).toMatchObject([
      { subject: 'collection', result: 'matched', here: '976.40', there: '976.40' },
      { subject: 'settlement', result: 'awaited' },
    ]);
    const { rows } = await database.superuser(
      `SELECT c.state, m.from_state, m.evidence FROM collection c JOIN payment_move m ON m.subject = c.id WHERE c.tenant_id = $1`,
      [books.tenant],
    );
    expect(rows).toEqual([{ state: 'settled', from_state: 'captured', evidence: 'statement' }]);
  });

  const odd: [string, Partial<Collected>, (c: Collected) => GatewayLine[], string[]][] = [
    ['is missing there', {}, () => [], ['collection missing-there']],
    ['is settled twice', {}, (c) => [settled(c), settled(c)], ['collection duplicate']],
    [
      'is on hold twice',
      {},
      (c) => [settled(c, { settlement: null }), settled(c, { settlement: null })],
      ['collection duplicate'],
    ],
    ['is settled in another currency', {}, (c) => [settled(c, { currency: 'USD' })], ['collection currency']],
    ['is on hold', {}, (c) => [settled(c, { status: 'unsettled' })], ['collection status']],
    ['was never captured here', { state: 'failed' }, (c) => [settled(c)], ['collection status']],
    [
      'brought another amount',
      {},
      (c) => [settled(c, { amount: '1001.00', credit: '977.40' })],
      ['collection amount'],
    ],
    ['brought less than it says', {}, (c) => [settled(c, { credit: '900.00' })], ['collection amount']],
    ['cost another fee', {}, (c) => [settled(c, { fee: '24.60', credit: '975.40' })], ['collection fee']],
    ['was taxed otherwise', {}, (c) => [settled(c, { tax: '3.61' })], ['collection tax']],
  ];
  it.each(odd)('tell one that %s', async (_, wish, lines, expected) => {
    const books = await lender();
    const [collected] = await books.collected([wish]);
    await books.compare(await books.told('settlement', lines(collected!), LONG));
    expect(await books.breaks()).toEqual(expected);
  });

  it('wait while a settlement may still come, or its second part', async () => {
    const books = await lender();
    const [whole, split] = await books.collected([{}, {}]);
    const half = settled(split!, { amount: '500.00', credit: '476.40' });
    await books.compare(await books.told('settlement', [half]));
    expect(await books.breaks()).toEqual([]);
    const other = settled(split!, {
      amount: '500.00',
      credit: '500.00',
      fee: '0.00',
      tax: '0.00',
      settlement: 'setl_2',
      utr: 'NEFT2',
    });
    const { results } = await books.compare(
      await books.told('settlement', [other, settled(whole!, { settlement: 'setl_2', utr: 'NEFT2' })]),
    );
    expect(results).toMatchObject([
      { subject: 'collection', result: 'matched', number: 2, there: '1952.80' },
      {},
    ]);
  });

  it('that were on hold and are settled now count once', async () => {
    const books = await lender();
    const [collected] = await books.collected([{}]);
    const held = { status: 'unsettled', settlement: null, utr: null, settled_at: null };
    await books.compare(await books.told('settlement', [settled(collected!, held)], LONG));
    expect(await books.breaks()).toEqual(['collection status']);
    await books.compare(await books.told('settlement', [settled(collected!)], LONG));
    expect(await books.breaks()).toEqual([]);
  });

  it('tell what nobody here knows', async () => {
    const books = await lender();
    await books.compare(await books.told('settlement', [settled(aCollection())]));
    expect(await books.breaks()).toEqual(['collection missing-here']);
  });

  it('tell what is settled long after its time, and need nobody', async () => {
    const books = await lender();
    const [collected] = await books.collected([{}]);
    await books.compare(
      await books.told('settlement', [settled(collected!, { settled_at: '2026-11-27T08:00:00Z' })], LONG),
    );
    expect(await books.breaks('explained')).toEqual(['collection late']);
  });

  it('hold refunds against their debits', async () => {
    const books = await lender();
    const [collected] = await books.collected([{}]);
    const refunds = await books.refunded([
      { collection: collected!.id },
      { collection: collected!.id, amount: '50.00' },
      { collection: collected!.id, state: 'failed' },
      { collection: collected!.id },
    ]);
    const lines = [
      settled(collected!),
      givenBack(refunds[0]!),
      givenBack(refunds[1]!, { debit: '60.00', amount: '60.00' }),
      givenBack(refunds[2]!),
    ];
    await books.compare(await books.told('settlement', lines, LONG));
    expect(await books.breaks()).toEqual(['refund amount', 'refund missing-there', 'refund status']);
  });
});

describe('A settlement', () => {
  it('that reached the bank is booked, once: net, fee, tax and gross', async () => {
    const books = await lender();
    const [first, second] = await books.collected([{}, { amount: '500.00', fee: '11.80', tax: '1.80' }]);
    const [refund] = await books.refunded([{ collection: first!.id }]);
    const settlement = await books.told('settlement', [
      settled(first!),
      settled(second!),
      givenBack(refund!),
    ]);
    expect((await books.compare(settlement)).settlements_posted).toBe(0);
    const bank = await books.told('bank', [bankCredit('1364.60')]);
    expect(await books.compare(bank)).toMatchObject({ settlements_posted: 1, breaks_open: 0 });
    expect((await books.compare(settlement, bank)).settlements_posted).toBe(0);
    expect(await standing(books, 'bank')).toBe('1364.60');
    expect(await standing(books, 'gateway-fees')).toBe('30.00');
    expect(await standing(books, 'input-tax')).toBe('5.40');
    expect(await standing(books, 'collection-clearing')).toBe('-1400.00');
  });

  it('with an adjustment is explained by it, and keeps it in suspense', async () => {
    const books = await lender();
    const [collected] = await books.collected([{}]);
    const adjustment = settled(collected!, {
      debit: '10.12',
      credit: '0.00',
      amount: '10.12',
      fee: '0.00',
      tax: '0.00',
    });
    const lines = [
      settled(collected!),
      { ...adjustment, kind: 'adjustment' as const, entity: 'adj_1', about: 'adj_1' },
    ];
    await books.compare(
      await books.told('settlement', lines),
      await books.told('bank', [bankCredit('966.28')]),
    );
    expect(await books.breaks()).toEqual([]);
    expect(await books.breaks('explained')).toEqual(['adjustment explained']);
    expect(await standing(books, 'suspense')).toBe('10.12');
    expect(await standing(books, 'bank')).toBe('966.28');
  });

  const odd: [string, string, (books: Bookkeeping) => Promise<string>, string[]][] = [
    ['never reached the bank', 'setl', (books) => books.told('bank', [], LONG), ['settlement missing-there']],
    [
      'reached it with another sum',
      'setl',
      (books) => books.told('bank', [bankCredit('976.00')]),
      ['settlement amount'],
    ],
    [
      'reached it twice',
      'setl',
      (books) => books.told('bank', [bankCredit('976.40'), bankCredit('976.40')]),
      ['settlement duplicate'],
    ],
    [
      'reached it in another currency',
      'setl',
      (books) => books.told('bank', [bankCredit('976.40', { currency: 'USD' })]),
      ['settlement currency'],
    ],
  ];
  it.each(odd)('that %s is not booked', async (_, __, bank, expected) => {
    const books = await lender();
    const [collected] = await books.collected([{}]);
    const answer = await books.compare(
      await books.told('settlement', [settled(collected!)]),
      await bank(books),
    );
    expect(answer.settlements_posted).toBe(0);
    expect(await books.breaks()).toEqual(expected);
    expect(await standing(books, 'bank')).toBe('0.00');
  });

  it('that reached the bank days after its time is booked, and explained', async () => {
    const books = await lender();
    const [collected] = await books.collected([{}]);
    const credit = bankCredit('976.40', { on_date: '2026-11-27' });
    const bank = await books.told('bank', [credit], LONG);
    const answer = await books.compare(await books.told('settlement', [settled(collected!)]), bank);
    expect(answer).toMatchObject({ settlements_posted: 1, breaks_open: 0 });
    expect(await books.breaks('explained')).toEqual(['settlement late']);
  });

  it('that shares its UTR with another is for people', async () => {
    const books = await lender();
    const collected = await books.collected([{}, {}]);
    const lines = [settled(collected[0]!), settled(collected[1]!, { settlement: 'setl_2' })];
    await books.compare(
      await books.told('settlement', lines),
      await books.told('bank', [bankCredit('976.40')]),
    );
    expect(await books.breaks()).toEqual(['settlement duplicate', 'settlement duplicate']);
  });

  it('is told once, though the account and the bank show it as well', async () => {
    const books = await lender();
    const [collected] = await books.collected([{}]);
    const transfer = gatewayLine('other', 'bt_1', { credit: '976.40', amount: '976.40', utr: 'NEFTSETL1' });
    await books.compare(
      await books.told('settlement', [settled(collected!)]),
      await books.told('account', [transfer]),
      await books.told('bank', [bankCredit('976.40')]),
    );
    expect(await books.breaks()).toEqual([]);
  });
});
