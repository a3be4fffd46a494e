import { afterAll, describe, expect, it } from 'vitest';
import {
  aPayout,
  bankDebit,
  bankLine,
  cameBack,
  DAY,
  debited,
  gatewayLine,
  NEXT_DAY,
  openLenders,
  type PaidOut,
} from './bookkeeping.ts';

const { database, lender } = await openLenders();
afterAll(() => database.close());

describe('Payouts held against the account and the bank', () => {
  it('match where all three agree', async () => {
    const books = await lender();
    const payouts = await books.paid([{}, { amount: '250.50' }]);
    const loads = [
      await books.told(
        'account',
        payouts.map((p) => debited(p)),
      ),
      await books.told(
        'bank',
        payouts.map((p) => bankDebit(p)),
      ),
    ];
    const { results, breaks_open } = await books.compare(...loads);
    expect(results).toEqual([
      {
        subject: 'payout',
        result: 'matched',
        currency: 'INR',
        number: 2,
        here: '-1262.30',
        there: '-1262.30',
      },
    ]);
    expect(breaks_open).toBe(0);
  });

  it('wait for statements that were not read yet', async () => {
    const books = await lender();
    const [payout] = await books.paid([{}]);
    expect((await books.compare()).results).toMatchObject([{ result: 'awaited' }]);
    const account = await books.told('account', [debited(payout!)]);
    expect((await books.compare(account)).results).toMatchObject([{ result: 'awaited' }]);
    expect(await books.breaks()).toEqual([]);
  });

  const odd: [
    string,
    Partial<PaidOut>,
    (p: PaidOut) => [ReturnType<typeof debited>[], ReturnType<typeof bankLine>[]],
    string[],
  ][] = [
    ['is missing at the gateway', {}, (p) => [[], [bankDebit(p)]], ['payout missing-there']],
    ['is missing at the bank', {}, (p) => [[debited(p)], []], ['payout missing-there']],
    [
      'is there twice at the gateway',
      {},
      (p) => [[debited(p), debited(p)], [bankDebit(p)]],
      ['payout duplicate'],
    ],
    [
      'is there twice at the bank',
      {},
      (p) => [[debited(p)], [bankDebit(p), bankDebit(p)]],
      ['payout duplicate'],
    ],
    [
      'is there in another currency',
      {},
      (p) => [[debited(p, { currency: 'USD' })], [bankDebit(p)]],
      ['payout currency'],
    ],
    [
      'cost more than the gateway told',
      {},
      (p) => [[debited(p, { fee: '6.90', debit: '1006.90' })], [bankDebit(p)]],
      ['payout fee'],
    ],
    ['was taxed otherwise', {}, (p) => [[debited(p, { tax: '1.00' })], [bankDebit(p)]], ['payout tax']],
    [
      'took another amount at the gateway',
      {},
      (p) => [[debited(p, { debit: '1015.90', amount: '1010.00' })], [bankDebit(p)]],
      ['payout amount'],
    ],
    [
      'took another amount at the bank',
      {},
      (p) => [[debited(p)], [bankDebit(p, { debit: '1006.00' })]],
      ['payout amount'],
    ],
    [
      'came back, and is paid here',
      {},
      (p) => [[debited(p), cameBack(p)], [bankDebit(p)]],
      ['payout status'],
    ],
    [
      'failed here, and was debited',
      { state: 'failed' },
      (p) => [[debited(p)], [bankDebit(p)]],
      ['payout status'],
    ],
    [
      'is under way here, and was debited',
      { state: 'processing' },
      (p) => [[debited(p)], [bankDebit(p)]],
      ['payout status'],
    ],
    [
      'failed here, was debited and came back whole',
      { state: 'failed' },
      (p) => [[debited(p), cameBack(p, { credit: '1005.90' })], []],
      [],
    ],
    [
      'failed here, and its fees did not come back',
      { state: 'failed' },
      (p) => [[debited(p), cameBack(p)], []],
      ['payout fee'],
    ],
  ];
  it.each(odd)('tells one that %s', async (_, wish, statements, expected) => {
    const books = await lender();
    const [payout] = await books.paid([wish]);
    const [account, bank] = statements(payout!);
    await books.compare(await books.told('account', account), await books.told('bank', bank));
    expect(await books.breaks()).toEqual(expected);
  });

  it('that are shown days after their time are late, and nobody need act', async () => {
    const books = await lender();
    const [payout] = await books.paid([{}]);
    const days = { from: DAY, to: '2026-11-23' };
    const loads = [
      await books.told('account', [debited(payout!, { on: '2026-11-20' })], days),
      await books.told('bank', [bankDebit(payout!)], days),
    ];
    expect((await books.compare(...loads)).breaks_open).toBe(0);
    expect(await books.breaks('explained')).toEqual(['payout late']);
  });

  it('over a weekend are not late on Monday', async () => {
    const books = await lender();
    const [payout] = await books.paid([{ on: '2026-11-20' }]);
    const days = { from: DAY, to: '2026-11-23' };
    const line = { on_date: '2026-11-23' };
    await books.compare(
      await books.told('account', [debited(payout!, { on: '2026-11-23' })], days),
      await books.told('bank', [bankDebit(payout!, line)], days),
    );
    expect(await books.breaks('explained')).toEqual([]);
  });

  it('that nobody here knows are missing here, once, however many tell of them', async () => {
    const books = await lender();
    const stranger = aPayout();
    await books.compare(
      await books.told('account', [debited(stranger)]),
      await books.told('bank', [bankDebit(stranger)]),
    );
    expect(await books.breaks()).toEqual(['payout missing-here']);
  });
});

describe('Lines of the bank and the account that are about no payout', () => {
  it('are missing here: charges without a UTR, and money from nowhere', async () => {
    const books = await lender();
    const lines = [
      bankLine({ debit: '17.70', description: 'SMS charges' }),
      bankLine({ credit: '500.00', utr: 'NEFT123', description: 'NEFT from somebody' }),
    ];
    const { results } = await books.compare(await books.told('bank', lines));
    expect(await books.breaks()).toEqual(['bank-line missing-here', 'bank-line missing-here']);
    expect(results).toMatchObject([{ subject: 'bank-line', number: 2, here: '0.00', there: '482.30' }]);
  });

  it('are told of the account where the bank shows the same transfer', async () => {
    const books = await lender();
    const transfer = gatewayLine('other', 'bt_1', { credit: '5000.00', amount: '5000.00', utr: 'NEFT9' });
    await books.compare(
      await books.told('account', [transfer]),
      await books.told('bank', [bankLine({ credit: '5000.00', utr: 'NEFT9' })]),
    );
    expect(await books.breaks()).toEqual(['adjustment missing-here']);
  });
});

describe('A break', () => {
  it('keeps its age for as long as it is seen, and closes by itself when it is gone', async () => {
    const books = await lender();
    const [payout] = await books.paid([{}]);
    const bank = await books.told('bank', [bankDebit(payout!)]);
    await books.compare(bank, await books.told('account', []));
    expect(await books.breaks()).toEqual(['payout missing-there']);
    const again = await books.compare();
    expect(again).toMatchObject({ breaks_opened: 0, breaks_closed: 0, breaks_open: 1 });
    const late = await books.told('account', [debited(payout!)], { from: NEXT_DAY, to: NEXT_DAY });
    expect(await books.compare(late)).toMatchObject({ breaks_closed: 1, breaks_open: 0 });
    expect(await books.breaks('resolved')).toEqual(['payout missing-there']);
  });

  it('names the lines it rests on', async () => {
    const books = await lender();
    const [payout] = await books.paid([{}]);
    const load = await books.told('account', [debited(aPayout()), debited(payout!, { tax: '1.00' })]);
    await books.compare(load, await books.told('bank', [bankDebit(payout!)]));
    const { rows } = await database.superuser(
      `SELECT evidence FROM reconciliation_break WHERE tenant_id = $1 AND result = 'tax'`,
      [books.tenant],
    );
    expect(rows[0].evidence).toEqual(
      expect.arrayContaining([
        { load, line: 2, of: 'account' },
        expect.objectContaining({ line: 1, of: 'bank' }),
      ]),
    );
  });
});

describe('A payout that agrees', () => {
  it('is closed once it cannot come back any more, and not before', async () => {
    const books = await lender();
    const payouts = await books.paid([{ on: '2026-11-16' }, {}]);
    const days = { from: '2026-11-16', to: NEXT_DAY };
    await books.compare(
      await books.told('account', [debited(payouts[0]!, { on: '2026-11-16' }), debited(payouts[1]!)], days),
      await books.told(
        'bank',
        [bankDebit(payouts[0]!, { on_date: '2026-11-16' }), bankDebit(payouts[1]!)],
        days,
      ),
    );
    const { rows } = await database.superuser(
      'SELECT id FROM payout WHERE tenant_id = $1 AND closed_at IS NOT NULL',
      [books.tenant],
    );
    expect(rows).toEqual([{ id: payouts[0]!.id }]);
  });
});
