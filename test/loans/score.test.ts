import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import deposit from '../../jobs/wallet.deposit.ts';
import { FOLLOWERS } from '../../src/followers.ts';
import { type Follower, follow } from '../../src/following/follow.ts';
import { post } from '../../src/ledger/post.ts';
import { reversalOf } from '../../src/ledger/reverse.ts';
import { scoreMissedDues } from '../../src/loans/score/missed-dues.ts';
import { scoreOf } from '../../src/loans/score/scores.ts';
import { type Effect, walk } from '../../src/loans/score/walk.ts';
import { NOON, TODAY } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { openLender } from './lending.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openLender(database);

async function borrower(loans = 1): Promise<{ wallet: string; loans: string[] }> {
  const wallet = uuidv7();
  const opened = await lender.open(
    Array.from({ length: loans }, () => ({ principal: '12000', months: 12, wallet })),
  );
  await lender.work(
    disburse,
    opened.map((loan) => ({ loan })),
  );
  return { wallet, loans: opened };
}
const pay = async (loans: string[]) =>
  lender.work(
    repay,
    loans.map((loan) => ({
      ...{ loan, amount: '10', currency: 'INR', reference: uuidv7(), source: 'collection' as const },
    })),
  );
const payIn = (wallet: string) =>
  lender.work(deposit, [{ wallet, amount: '10', currency: 'INR', reference: uuidv7() }]);
const followBooks = async () => {
  const pass = await follow(database.app, 'acme', FOLLOWERS);
  expect(pass?.failures).toEqual([]);
};
const score = async (wallet: string) => (await lender.run((tx) => scoreOf(tx, wallet, { limit: 50 })))?.score;
const reasons = async (wallet: string) =>
  (await lender.run((tx) => scoreOf(tx, wallet, { limit: 50 })))!.moves.map(({ reason, moved }) => [
    reason,
    moved,
  ]);
const reverse = async (repaid: unknown) => {
  const { journal } = repaid as { journal: string };
  const [posting] = await lender.run(async (tx) =>
    post(tx, [await reversalOf(tx, journal, { business_date: TODAY, posted_at: NOON })]),
  );
  expect(posting).toMatchObject({ status: 'posted' });
};
const missed = (loan: string, instalment: number) =>
  lender.run((tx) => scoreMissedDues(tx, [{ loan, instalment, business_date: TODAY, at: NOON }]));

describe('what the books say moves the score', () => {
  test('a repayment +20 and a deposit +5, from where the rules say, behind the books', async () => {
    const { wallet, loans } = await borrower();
    await pay(loans);
    await payIn(wallet);
    expect(await score(wallet), 'nobody has followed them yet').toBeUndefined();
    await followBooks();
    expect(await score(wallet)).toBe(675);
    expect(await reasons(wallet)).toEqual([
      ['deposit', 5],
      ['repayment', 20],
    ]);
  });

  test('it begins with what the bureau said', async () => {
    const { wallet, loans } = await borrower();
    await database.superuser(`
      INSERT INTO product (tenant_id, code, version, name, currency, annual_rate, amount_min, amount_max, tenure_min,
        tenure_max, foir_max, score_min, reapply_days) VALUES ('acme', 'p', 1, 'p', 'INR', 0, 1, 2, 1, 2, 1, 300, 0)`);
    await database.superuser(
      `INSERT INTO borrower (tenant_id, id, reference, name, phone, date_of_birth, city)
       VALUES ('acme', $1::uuid, $1::text, 'Asha', '1', '1990-01-01', 'Pune')`,
      [wallet],
    );
    await database.superuser(
      `INSERT INTO application (tenant_id, reference, fingerprint, borrower_id, product_code, product_version, currency,
         amount, tenure_months, monthly_income, monthly_obligations, applied_on, applied_at, applied_by, bureau)
       VALUES ('acme', $1::text, '', $1::uuid, 'p', 1, 'INR', 1, 1, 1, 0, '2026-11-20', now(), 'x', '{"score": 712}')`,
      [wallet],
    );
    await pay(loans);
    await followBooks();
    expect(await score(wallet)).toBe(732);
  });

  test('a missed due date takes points, once for an instalment', async () => {
    const { wallet, loans } = await borrower(2);
    await missed(loans[0]!, 1);
    await missed(loans[0]!, 1);
    expect(await score(wallet)).toBe(620);
    await missed(loans[0]!, 2);
    await missed(loans[1]!, 1);
    expect(await score(wallet)).toBe(560);
  });

  test('the day after a due date that was missed takes the points, and the close of each later day none', async () => {
    const { wallet } = await borrower();
    for (const day of ['2026-12-20', '2026-12-21', '2026-12-22']) await lender.carry(day);
    expect(await reasons(wallet)).toEqual([['missed-due', -30]]);
    await lender.carry('2027-01-25');
    expect(await score(wallet)).toBe(590);
  });

  test('a repayment that is reversed takes its points back, in the same pass or later', async () => {
    const { wallet, loans } = await borrower();
    const [first, second] = await pay(Array(2).fill(loans[0]));
    await reverse(second);
    await followBooks();
    expect(await score(wallet)).toBe(670);
    await reverse(first);
    await followBooks();
    expect(await score(wallet)).toBe(650);
  });

  test('the limits hold after each move, and what they left is what a reversal takes', async () => {
    const { wallet, loans } = await borrower();
    const paid = await pay(Array(14).fill(loans[0]));
    await followBooks();
    expect(await score(wallet)).toBe(900);
    await reverse(paid.at(-1));
    await followBooks();
    expect(await score(wallet), 'the fourteenth had given nothing').toBe(900);
    await reverse(paid[12]);
    await followBooks();
    expect(await score(wallet), 'the thirteenth had given 10').toBe(890);
  });

  test('two who move one score at once both count', async () => {
    const { wallet, loans } = await borrower();
    await pay(loans);
    await Promise.all([followBooks(), missed(loans[0]!, 1), missed(loans[0]!, 2)]);
    expect(await score(wallet)).toBe(610);
    expect((await reasons(wallet)).map(([reason]) => reason).toSorted()).toEqual([
      ...['missed-due', 'missed-due', 'repayment'],
    ]);
  });
});

test('a pass costs the database as many statements for many journals as for few', async () => {
  const statementsFor = async (journals: number) => {
    const wallets = await Promise.all(Array.from({ length: journals }, () => borrower()));
    await followBooks();
    await pay(wallets.map(({ loans }) => loans[0]!));
    let statements = 0;
    const counting = FOLLOWERS.map(
      (follower): Follower => ({
        name: follower.name,
        follow: (tx, ...rest) => {
          const counted = new Proxy(tx, {
            get: (target, name) => {
              statements += 1;
              return Reflect.get(target, name);
            },
          });
          return follower.follow(counted, ...rest);
        },
      }),
    );
    expect(await follow(database.app, 'acme', counting)).toEqual({ journals, failures: [] });
    return statements;
  };
  expect(await statementsFor(30)).toBe(await statementsFor(3));
});

describe('the walk of a score', () => {
  const limits = { floor: 300, ceiling: 900 };
  const step = (cause: string, effect: Effect) => ({ borrower: 'asha', cause, effect, limits });

  test('order matters at the limits', () => {
    const from = (score: number) => new Map([['asha', { score, moves: 0 }]]);
    const up = step('up', { points: 20 });
    const down = step('down', { points: -30 });
    expect(walk(from(890), new Map(), [up, down]).at(-1)!.score).toBe(870);
    expect(walk(from(890), new Map(), [down, up]).at(-1)!.score).toBe(880);
  });

  test('another product’s limits never move a score against its points', () => {
    const standings = new Map([['asha', { score: 350, moves: 0 }]]);
    const narrow = { floor: 400, ceiling: 800 };
    expect(walk(standings, new Map(), [{ ...step('a', { points: -30 }), limits: narrow }])).toMatchObject([
      { moved: 0, score: 350 },
    ]);
  });

  test('taken in any portions it ends the same, within the limits, with each cause once', () => {
    const steps = fc.array(
      fc.record({
        cause: fc.integer({ min: 0, max: 30 }),
        points: fc.integer({ min: -200, max: 200 }),
        back: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 300, max: 900 }), fc.nat(60), (drawn, start, cut) => {
        const all = drawn.map(({ cause, points, back }) =>
          back ? step(`back ${cause}`, { takes_back: `${cause}` }) : step(`${cause}`, { points }),
        );
        const run = (...portions: (typeof all)[]) => {
          const standings = new Map([['asha', { score: start, moves: 0 }]]);
          const moved = new Map<string, number>();
          const taken = portions.flatMap((portion) => walk(standings, moved, portion));
          return { taken, end: standings.get('asha')! };
        };
        const whole = run(all);
        expect(run(all.slice(0, cut), all.slice(cut))).toEqual(whole);
        expect(new Set(whole.taken.map(({ cause }) => cause)).size).toBe(whole.taken.length);
        expect(whole.end.score).toBe(start + whole.taken.reduce((sum, { moved }) => sum + moved, 0));
        for (const { score } of whole.taken) expect(score >= 300 && score <= 900).toBe(true);
      }),
    );
  });
});
