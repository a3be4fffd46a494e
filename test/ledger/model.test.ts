import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal } from '../../src/ledger/money.ts';
import { type JournalDraft, type Posting, post } from '../../src/ledger/post.ts';
import { controlBalances, trialBalance } from '../../src/ledger/reports.ts';
import { reversalOf } from '../../src/ledger/reverse.ts';
import { cutSeal } from '../../src/ledger/seal.ts';
import { verifyBooks } from '../../src/ledger/verify/verify.ts';
import { testDatabase } from '../support/database.ts';
import { type Books, draft, NOON, openBooks, TODAY, testSealer } from './books.ts';

const database = await testDatabase();
afterAll(() => database.close());
const sealer = testSealer();

/** Places money may lie: 0 is the bank, which has no limit; the others are wallets. */
const PLACES = 5;
const place = fc.nat(PLACES - 1);
const cents = fc.integer({ min: 1, max: 500 });

/** One wish: to move money (in one or two parts, under a key that may come again), or to undo a journal. */
const wish = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('move' as const),
      stream: place,
      key: fc.nat(60),
      from: place,
      parts: fc.array(fc.record({ to: place, cents }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('reverse' as const), journal: fc.nat() }) },
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.array(wish, { minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constant('seal' as const) },
);
type Of<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
type Step = Of<typeof step>;
type Move = Extract<Of<typeof wish>, { what: 'move' }>;

/** What books should do, in a few lines: balances in a map, keys in a map, one draft after the other. */
class Model {
  readonly balances = new Map<string, Decimal>();
  readonly keys = new Map<string, string>();
  readonly posted: string[] = [];
  readonly bank: string;

  constructor(bank: string) {
    this.bank = bank;
  }

  apply({ id, key, entries }: JournalDraft): (posting: Posting) => void {
    const earlier = this.keys.get(key);
    if (earlier) return (posting) => expect(posting).toEqual({ status: 'duplicate', journal: earlier });
    const deltas = new Map<string, Decimal>();
    for (const { account, direction, amount } of entries) {
      const towards = (direction === 'debit') === (account === this.bank);
      deltas.set(account, (deltas.get(account) ?? new Decimal(0)).plus(towards ? amount : amount.negated()));
    }
    const short = [...deltas].filter(
      ([account, delta]) => account !== this.bank && delta.lt(0) && this.balance(account).plus(delta).lt(0),
    );
    if (short.length > 0) {
      const accounts = short.map(([account]) => account);
      return (posting) => {
        expect(posting.status).toBe('insufficient-funds');
        expect(accounts).toContain((posting as { account: string }).account);
      };
    }
    for (const [account, delta] of deltas) this.balances.set(account, this.balance(account).plus(delta));
    this.keys.set(key, id);
    this.posted.push(id);
    return (posting) => expect(posting).toMatchObject({ status: 'posted', journal: id });
  }

  balance(account: string): Decimal {
    return this.balances.get(account) ?? new Decimal(0);
  }
}

async function take(step: Step, books: Books, model: Model, places: string[]): Promise<void> {
  if (step === 'seal') {
    await books.run((tx) =>
      cutSeal(tx, sealer, { tenant: books.tenant, business_date: TODAY, cut_at: NOON }),
    );
    return;
  }
  await books.run(async (tx) => {
    const drafts: JournalDraft[] = [];
    for (const wish of step) {
      if (wish.what === 'move') drafts.push(move(wish, places));
      else if (model.posted.length > 0) {
        const journal = model.posted[wish.journal % model.posted.length]!;
        // A journal of this very call cannot be read back yet; the model learns of those only below.
        drafts.push(await reversalOf(tx, journal, { business_date: TODAY, posted_at: NOON }));
      }
    }
    const postings = await post(tx, drafts);
    expect(postings).toHaveLength(drafts.length);
    for (const [index, one] of drafts.entries()) model.apply(one)(postings[index]!);
  });
}

function move(wish: Move, places: string[]): JournalDraft {
  const total = wish.parts.reduce((sum, part) => sum + part.cents, 0);
  const money = (cents: number) => ({ amount: new Decimal(cents).div(100), currency: 'INR' });
  return draft({
    ...{ from: places[wish.from]!, to: places[0]!, amount: '1' },
    stream: places[wish.stream]!,
    key: `key ${wish.key}`,
    entries: [
      { account: places[wish.from]!, direction: 'debit', ...money(total) },
      ...wish.parts.map(({ to, cents }) => ({
        account: places[to]!,
        direction: 'credit' as const,
        ...money(cents),
      })),
    ],
  });
}

let run = 0;

test('books do what a few lines of model say, and verify, whatever is asked of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      run += 1;
      const books = await openBooks(database, `run-${run}`);
      const { bank } = books.controls;
      const places = [bank];
      for (let owner = 1; owner < PLACES; owner += 1) places.push(await books.wallet(`owner ${owner}`));
      const model = new Model(bank);
      for (const one of steps) await take(one, books, model, places);

      for (const wallet of places.slice(1)) {
        expect(await books.balance(wallet)).toBe(model.balance(wallet).toFixed(2));
      }
      const controls = await books.run((tx) => controlBalances(tx));
      expect(new Decimal(controls.get(bank)!).toFixed(2)).toBe(model.balance(bank).toFixed(2));
      expect((await books.run((tx) => trialBalance(tx, TODAY))).balanced).toBe(true);
      expect(await verifyBooks(database.app, books.tenant, { keys: [sealer.public_key] })).toMatchObject({
        ok: true,
        journals: model.posted.length,
      });
    }),
    { numRuns: 40 },
  );
}, 120_000);
