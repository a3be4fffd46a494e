import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { writeOffLoan } from '../loans/operations/writing-off.ts';
import { activeLoan } from './active-loan.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

export default defineAction({
  action: 'loan.write-off',
  summary: 'Write a loan off: what is unpaid is given up as an expense; what comes back later is income',
  scope: { propose: 'loans:write', approve: 'loans:approve' },
  request: z.strictObject({ loan: z.uuid(), why }),

  facts: (tx, { loan }) => activeLoan(tx, loan),

  describe: ({ loan, principal, currency, why }) =>
    `Write off loan ${loan}, of ${principal} ${currency} at first: ${why}`,

  amount: ({ principal }) => principal,

  async apply(tx, { loan, why: reason }, { tenant, now, approval, means }) {
    const context = { tenant, now, accept: means.accept };
    const answer = await writeOffLoan(tx, context, { loan, reason }, approval);
    if (answer.outcome === 'refused') throw new ActionRefused(answer.code, answer.message);
    return answer;
  },
});
