import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { amountSchema } from '../ledger/money.ts';
import { waiveCharges } from '../loans/operations/waiving.ts';
import { activeLoan } from './active-loan.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

export default defineAction({
  action: 'charge.waive',
  summary: 'Waive penal charges or fees of a loan that are unpaid',
  scope: { propose: 'loans:write', approve: 'loans:approve' },
  request: z.strictObject({
    loan: z.uuid(),
    component: z.enum(['penal', 'fees']),
    instalment: z.int().min(1).optional().describe('of this one only; of the oldest first where left out'),
    amount: amountSchema.describe('with the tax in it; never more than is unpaid'),
    why,
  }),

  // What is unpaid changes with the days: it is looked at when the waiver is applied.
  facts: (tx, { loan }) => activeLoan(tx, loan),

  describe: ({ amount, currency, component, loan, why }) =>
    `Waive ${amount} ${currency} of ${component === 'penal' ? 'penal charges' : 'fees'} on loan ${loan}: ${why}`,

  amount: ({ amount }) => amount,

  async apply(tx, { loan, component, instalment, amount, why: reason }, { tenant, now, approval, means }) {
    const request = { loan, component, instalment, amount, reason };
    const answer = await waiveCharges(tx, { tenant, now, accept: means.accept }, request, approval);
    if (answer.outcome === 'refused') throw new ActionRefused(answer.code, answer.message);
    return answer;
  },
});
