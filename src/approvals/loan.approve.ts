import { z } from 'zod';
import { applicationOf, approveApplication } from '../loans/applications.ts';
import { LoanError } from '../loans/errors.ts';
import { moveApplication } from '../loans/states.ts';
import { defineAction } from './define.ts';

/** Approves an application, as approveApplication does; the last one to vote is who approved it. */
export default defineAction({
  action: 'loan.approve',
  summary: 'Approve an application: the loan is opened, and its disbursal accepted',
  scope: { propose: 'loans:approve', approve: 'loans:approve' },
  request: z.strictObject({ application: z.uuid() }),

  async facts(tx, { application }) {
    const found = await applicationOf(tx, application);
    if (!found) throw new LoanError('not-found', `There is no application ${application}.`);
    moveApplication(found.state, 'approved');
    const { reference, applicant, product, product_version, currency, amount, tenure_months, applied_by } =
      found;
    return { reference, applicant, product, product_version, currency, amount, tenure_months, applied_by };
  },

  describe: ({ reference, applicant, amount, currency, tenure_months, product, product_version }) =>
    `Lend ${amount} ${currency} to ${applicant} over ${tenure_months} months (application ${reference}, ` +
    `${product} version ${product_version}).`,

  amount: ({ amount }) => amount,

  barred: ({ applied_by }) => [applied_by],

  async apply(tx, { application }, { tenant, approvers, now, means }) {
    const judge = { tenant, actor: approvers.at(-1)!, now };
    const { application: approved, disbursal } = await approveApplication(
      tx,
      means.accept,
      judge,
      application,
    );
    return { loan: approved.loan_id, job: disbursal };
  },
});
