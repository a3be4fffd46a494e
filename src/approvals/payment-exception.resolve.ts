import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { ActionRefused } from '../identity/approval-errors.ts';
import { exceptionOf, type PaymentException, resolveException } from '../payments/exceptions.ts';
import { payoutOf } from '../payments/payouts/rows.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

export default defineAction({
  action: 'payment-exception.resolve',
  summary: 'Close what no machine could decide about a payment, saying why; money is moved by other actions',
  scope: { propose: 'payments:write', approve: 'payments:approve' },
  request: z.strictObject({ exception: z.uuid(), why }),

  async facts(tx, { exception: id }) {
    const { kind, subject, code, message, business_date } = await openException(tx, id);
    return { kind, subject, code, message, raised_on: business_date };
  },

  describe: ({ kind, subject, code, message, why }) =>
    `Close ${code} of ${kind} ${subject} (${message}): ${why}`,

  async apply(tx, { exception, why }, { now: at, proposed_by: by }) {
    await openException(tx, exception);
    await resolveException(tx, exception, { by, at, why });
    return { exception };
  },
});

/** @throws ActionRefused where it is closed, or cannot be while money lies in suspense for it */
async function openException(tx: Transaction, id: string): Promise<PaymentException> {
  const exception = await exceptionOf(tx, id);
  if (!exception) throw new ActionRefused('not-found', `There is no exception ${id}.`);
  const { resolved_by, kind, subject, code } = exception;
  if (resolved_by !== null) {
    throw new ActionRefused('illegal-transition', `Exception ${id} was resolved by ${resolved_by}.`);
  }
  const payout = kind === 'payout' && code === 'unknown-outcome' ? await payoutOf(tx, subject) : null;
  if (payout?.state === 'suspense') {
    throw new ActionRefused('illegal-transition', `Payout ${subject} is in suspense: settle it.`);
  }
  return exception;
}
