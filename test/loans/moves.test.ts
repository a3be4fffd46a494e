import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import reverse from '../../jobs/loan.reverse-repayment.ts';
import { applicationRequest } from '../../src/loans/application-request.ts';
import {
  applicationOf,
  approveApplication,
  createApplication,
  rejectApplication,
} from '../../src/loans/applications.ts';
import { cancelApplication, cancelLoan } from '../../src/loans/cancellation.ts';
import { beginCheck, concludeCheck } from '../../src/loans/credit-check.ts';
import { LoanError } from '../../src/loans/errors.ts';
import {
  APPLICATION_STATES,
  type ApplicationState,
  applicationMayMove,
  LOAN_STATES,
  type LoanState,
  loanMayMove,
} from '../../src/loans/states.ts';
import { Cancel } from '../../src/runtime/outcomes.ts';
import type { AcceptInTransaction } from '../../src/runtime/types.ts';
import { NOON } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { openLender } from './lending.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openLender(database);
const accept: AcceptInTransaction = async (requests) => requests.map(() => ({ id: uuidv7() }) as never);
const meera = { tenant: 'acme', actor: 'operator:meera', now: NOON };
const shop = { tenant: 'acme', actor: 'service:shop', now: NOON };

/** An application that stands in the state given, whichever way it came there. */
async function applicationIn(state: ApplicationState): Promise<string> {
  const reference = uuidv7();
  const applicant = {
    ...{ reference, name: 'Asha Rao', phone: '+919845012345', date_of_birth: '1990-04-01', city: 'Pune' },
  };
  const terms = { amount: '60000', tenure_months: 12, monthly_income: '50000', monthly_obligations: '0' };
  const { application } = await lender.run((tx) =>
    createApplication(tx, accept, shop, applicationRequest.parse({ reference, applicant, ...terms })),
  );
  await database.superuser(
    `UPDATE application SET state = $2, loan_id = CASE WHEN $2 = 'approved' THEN $3::uuid END,
            cancelled_at = CASE WHEN $2 = 'cancelled' THEN now() END
     WHERE id = $1`,
    [application.id, state, uuidv7()],
  );
  return application.id;
}

/** By whom an application may be moved, and where to; the credit check asks before it calls and after. */
const REPORT = { report_id: 'r', score: 720, open_loans: 0, fraud_flag: false };
const APPLICATION_ENTRIES: Record<string, { to: ApplicationState; move: (id: string) => Promise<unknown> }> =
  {
    'the check begins': {
      to: 'checking',
      move: (id) => lender.run((tx) => beginCheck(tx, { tenant: 'acme', now: NOON }, id)),
    },
    'the check ends': {
      to: 'offered',
      move: (id) => lender.run((tx) => concludeCheck(tx, { tenant: 'acme', now: NOON }, id, REPORT)),
    },
    'a person approves': {
      to: 'approved',
      move: (id) => lender.run((tx) => approveApplication(tx, accept, meera, id)),
    },
    'a person rejects': {
      to: 'rejected',
      move: (id) => lender.run((tx) => rejectApplication(tx, meera, id, 'No.')),
    },
    'the borrower cancels': {
      to: 'cancelled',
      move: (id) => lender.run((tx) => cancelApplication(tx, shop, { id, reason: 'No longer wanted.' })),
    },
  };
/** A check that a crash cut short begins again; one that ends was begun. */
const AGAIN = { 'the check begins': 'checking', 'the check ends': 'applied' } as Record<string, string>;

describe.each(Object.entries(APPLICATION_ENTRIES))('%s', (entry, { to, move }) => {
  test.each(APPLICATION_STATES)('an application that is %s', async (from) => {
    const id = await applicationIn(from);
    const outcome = await move(id).catch((error: unknown) => error);
    const after = (await lender.run((tx) => applicationOf(tx, id)))!.state;
    if (applicationMayMove(from, to) || from === AGAIN[entry]) {
      expect(outcome).not.toBeInstanceOf(Error);
      expect(after).toBe(to);
    } else {
      expect(outcome instanceof LoanError || outcome instanceof Cancel).toBe(true);
      expect(outcome).toMatchObject({ code: 'illegal-transition' });
      expect(after).toBe(from);
    }
  });
});

/** A loan that stands in the state given: its books are those of a loan just disbursed, or of none. */
async function loanIn(state: LoanState): Promise<string> {
  const [loan] = await lender.open([{ principal: '20000.00', months: 6 }]);
  if (!['disbursing', 'cancelled'].includes(state)) await lender.work(disburse, [{ loan: loan! }]);
  await stand(loan!, state);
  return loan!;
}

/** Puts a loan into a state, whatever the rules say. */
async function stand(loan: string, state: LoanState): Promise<void> {
  await database.superuser(
    `UPDATE loan SET state = $2, cancelled_at = CASE WHEN $2 = 'cancelled' THEN now() END,
            closed_on = CASE WHEN $2 NOT IN ('disbursing', 'active') THEN '2026-11-20'::date END
     WHERE id = $1`,
    [loan, state],
  );
}

const LOAN_ENTRIES: Record<
  string,
  { to: LoanState; refusals: (string | undefined)[]; move: (id: string) => Promise<unknown> }
> = {
  'the disbursal': {
    to: 'active',
    refusals: ['duplicate', 'refused'],
    move: async (loan) => (await lender.work(disburse, [{ loan }]))[0],
  },
  'the borrower cancels': {
    to: 'cancelled',
    refusals: ['illegal-transition'],
    move: (id) => lender.run((tx) => cancelLoan(tx, shop, { id, reason: 'No longer wanted.' })),
  },
  'the last repayment': {
    to: 'closed',
    refusals: ['refused'],
    move: async (loan) =>
      (
        await lender.work(repay, [
          { loan, amount: '90000', currency: 'INR', reference: uuidv7(), source: 'collection' },
        ])
      )[0],
  },
};

describe.each(Object.entries(LOAN_ENTRIES))('%s', (_, { to, refusals, move }) => {
  test.each(LOAN_STATES)('a loan that is %s', async (from) => {
    const id = await loanIn(from);
    const outcome = await move(id).catch((error: unknown) => error);
    const after = (await lender.loan(id))!;
    // Only what was never paid out is: a bounced payment is the one way back from an end.
    const legal = loanMayMove(from, to) && !(to === 'active' && from !== 'disbursing');
    if (legal) {
      expect(outcome).not.toBeInstanceOf(Error);
      expect(after.state).toBe(to);
    } else {
      const { code, outcome: word } = outcome as { code?: string; outcome?: string };
      expect([code, word].some((told) => refusals.includes(told))).toBe(true);
      expect(after.state).toBe(from);
    }
  });
});

test.each(LOAN_STATES)('a payment bounces of a loan that is %s', async (from) => {
  const [loan] = await lender.open([{ principal: '20000.00', months: 6 }]);
  const payment = { loan: loan!, reference: uuidv7() };
  if (!['disbursing', 'cancelled'].includes(from)) {
    await lender.work(disburse, [{ loan: loan! }]);
    const amount = from === 'active' ? '5000' : '90000';
    await lender.work(repay, [{ ...payment, amount, currency: 'INR', source: 'collection' }]);
  }
  await stand(loan!, from);
  const [answer] = await lender.work(reverse, [{ ...payment, reason: 'returned by the bank' }]);
  const after = (await lender.loan(loan!))!;
  if (from === 'active' || from === 'closed') {
    expect(answer).toMatchObject({ outcome: 'reversed', loan_state: 'active' });
    expect(after).toMatchObject({ state: 'active', closed_on: null });
  } else {
    expect(answer).toMatchObject({ outcome: 'refused', code: 'illegal-transition' });
    expect(after.state).toBe(from);
  }
});

test('a disbursal and a cancellation that race: one of the two happens, never both', async () => {
  const loans = await lender.open(Array.from({ length: 12 }, () => ({ principal: '20000.00', months: 6 })));
  const paid = await lender.standing('loan/%/principal');
  const [answers] = await Promise.all([
    lender.work(
      disburse,
      loans.map((loan) => ({ loan })),
    ),
    ...loans.map((id) =>
      lender.run((tx) => cancelLoan(tx, shop, { id, reason: 'Too late?' })).catch(() => null),
    ),
  ]);
  const states = await Promise.all(loans.map(async (id) => (await lender.loan(id))!.state));
  expect(answers.map(({ outcome }) => (outcome === 'disbursed' ? 'active' : 'cancelled'))).toEqual(states);
  const disbursed = states.filter((state) => state === 'active').length;
  expect(Number(await lender.standing('loan/%/principal')) - Number(paid)).toBe(disbursed * 20_000);
});

test('a cancelled loan says who cancelled it, when and why; the disbursal finds nothing to do', async () => {
  const [id] = await lender.open([{ principal: '20000.00', months: 6 }]);
  const wish = { id: id!, reason: 'Found the money elsewhere.' };
  const first = await lender.run((tx) => cancelLoan(tx, shop, wish));
  expect(first).toMatchObject({
    replayed: false,
    loan: {
      ...{ state: 'cancelled', closed_on: '2026-11-20', disbursed_on: null, cancelled_by: 'service:shop' },
      ...{ cancellation_reason: 'Found the money elsewhere.' },
    },
  });
  expect(await lender.run((tx) => cancelLoan(tx, shop, wish))).toMatchObject({ replayed: true });
  expect(await lender.work(disburse, [{ loan: id! }])).toMatchObject([
    { outcome: 'refused', code: 'loan-cancelled' },
  ]);
});
