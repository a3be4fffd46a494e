import pino from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { businessDayAt } from '../../src/ledger/business-day.ts';
import { type ChunkTally, carryChunk } from '../../src/loans/day/chunk.ts';
import type { SetAside } from '../../src/loans/day/set-aside.ts';
import { openLoans } from '../../src/loans/opening.ts';
import { type ProductRules, productRules } from '../../src/loans/product-rules.ts';
import { addProduct, currentProduct, type Product, STANDARD_PRODUCT } from '../../src/loans/products.ts';
import { loanOf, scheduleOf } from '../../src/loans/views.ts';
import type {
  AtomicDefinition,
  Job,
  JobRequest,
  Services,
  TransactionContext,
} from '../../src/runtime/definition.ts';
import { type Books, NOON, openBooks } from '../ledger/books.ts';
import type { TestDatabase } from '../support/database.ts';

/** A lender for tests: books, a clock, loans in few words, and jobs run as a worker would run them. */
export interface Lender extends Books {
  clock: SteppedClock;
  /** Follow-up jobs accepted by the runs so far. */
  accepted: JobRequest[];
  context: TransactionContext;
  /** Runs jobs as one group in a transaction of their own. */
  work<P extends z.ZodType, R extends z.ZodType>(
    definition: AtomicDefinition<P, R>,
    payloads: z.input<P>[],
  ): Promise<z.output<R>[]>;
  job<P>(kind: string, payload: P): Job<P>;
  /** Opens loans of the standard product, not yet disbursed. */
  open(loans: LoanWish[]): Promise<string[]>;
  /** Adds a product with these rules. @returns its code */
  product(rules: z.input<typeof productRules>): Promise<string>;
  /** Carries every loan that has work through a day, as the close of that day does. */
  carry(through: string): Promise<{ tally: ChunkTally; set_aside: SetAside[] }>;
  loan(id: string): ReturnType<typeof loanOf>;
  schedule(id: string): ReturnType<typeof scheduleOf>;
  /** What stands on the accounts whose codes match, summed. */
  standing(pattern: string): Promise<string>;
}

export interface LoanWish {
  principal: string;
  months: number;
  wallet?: string;
  /** Or its code; the standard one where it is left out. */
  product?: Product | string;
  score?: number;
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export async function openLender(
  database: TestDatabase,
  tenant = 'acme',
  clock = new SteppedClock(NOON),
): Promise<Lender> {
  const books = await openBooks(database, tenant);
  const accepted: JobRequest[] = [];
  const context: TransactionContext = {
    clock,
    services: {} as Services,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    accept: async (requests) => void accepted.push(...requests),
  };
  const job: Lender['job'] = (kind, payload) => ({
    ...{ tenant, id: uuidv7(), kind, key: uuidv7(), payload },
    ...{ attempt: 0, accepted_by: 'service:test', accepted_at: NOON, trace: null },
  });
  return {
    ...books,
    clock,
    accepted,
    context,
    job,
    work: async (definition, payloads) => {
      const jobs = payloads.map((given) => job(definition.kind, definition.payload.parse(given)));
      const answers = await books.run((tx) => definition.run(tx, jobs, context));
      return answers.map((answer) => definition.result.parse(answer));
    },
    open: (loans) =>
      books.run(async (tx) => {
        const openings = [];
        for (const { principal, months, wallet = uuidv7(), product: given, score } of loans) {
          const product =
            typeof given === 'object' ? given : await currentProduct(tx, given ?? STANDARD_PRODUCT.code);
          openings.push({
            ...{ application: null, owner: 'asha', product, principal, tenure_months: months, wallet },
            ...(score === undefined ? {} : { score }),
          });
        }
        return openLoans(tx, openings, clock.now());
      }),
    product: async (given) => {
      const code = `p-${uuidv7()}`;
      const rules: ProductRules = productRules.parse(given);
      await books.run((tx) => addProduct(tx, { ...STANDARD_PRODUCT, code, rules }));
      return code;
    },
    carry: (through) =>
      books.run(async (tx) => {
        const posted_at = clock.now();
        const desk = { tenant, posted_at, day: await businessDayAt(tx, tenant, posted_at) };
        return carryChunk(tx, desk, context, { from_loan: FIRST_ID, to_loan: LAST_ID, through });
      }),
    loan: (id) => books.run((tx) => loanOf(tx, id)),
    schedule: (id) => books.run((tx) => scheduleOf(tx, id)),
    standing: async (pattern) => {
      const { rows } = await database.superuser(
        `SELECT coalesce(sum(CASE WHEN (e.direction = 'debit') = a.debit_normal THEN e.amount ELSE -e.amount END), 0)
                  ::numeric(30, 2)::text AS standing
         FROM entry e JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
         WHERE e.tenant_id = $1 AND a.code LIKE $2`,
        [tenant, pattern],
      );
      return rows[0].standing;
    },
  };
}
