import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach } from 'vitest';
import type { z } from 'zod';
import disburse from '../../jobs/loan.disburse.ts';
import type { productRules } from '../../src/loans/product-rules.ts';
import { testDatabase } from '../support/database.ts';
import { type Lender, openLender } from './lending.ts';
import { expectSound } from './soundness.ts';

const STORIES_MAX = 30;

/** A lender with one loan that was paid out on 20 November 2026. */
export interface Lent extends Omit<Lender, 'loan'> {
  loan: string;
  story: Lender;
}

/** A database for stories, each with a lender of its own, whose books are checked after it. */
export async function lenders() {
  const tenants = Array.from({ length: STORIES_MAX }, (_, index) => `lender-${index + 1}`);
  const database = await testDatabase([...tenants]);
  const lending: string[] = [];
  afterAll(() => database.close());
  afterEach(() => expectSound(database, lending.splice(0)));
  const lenderWithLoan = async (
    rules: z.input<typeof productRules> = {},
    { principal = '50000.00', months = 12 } = {},
  ): Promise<Lent> => {
    const tenant = tenants.shift()!;
    lending.push(tenant);
    const story = await openLender(database, tenant);
    const product = await story.product(rules);
    const [loan] = await story.open([{ principal, months, product }]);
    await story.work(disburse, [{ loan: loan! }]);
    return { ...story, loan: loan!, story };
  };
  return { database, lenderWithLoan };
}

/** The day comes, and is carried. */
export async function on(lent: Lent, day: string): Promise<void> {
  lent.clock.moveTo(new Date(`${day}T12:00:00Z`));
  await lent.story.carry(day);
}

export const payment = <More extends object>(loan: string, amount: string, more: More = {} as More) => ({
  ...{ loan, amount, currency: 'INR', reference: uuidv7(), source: 'collection' as const },
  ...more,
});

/** What an operation is done with. */
export const contextOf = (lent: Lent) => ({
  ...{ tenant: lent.tenant, now: lent.clock.now(), accept: lent.context.accept },
});
