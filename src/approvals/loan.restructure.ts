import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { restructureLoan } from '../loans/operations/restructuring.ts';
import { activeLoan } from './active-loan.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

const INSTALMENTS_MAX = 480;
const MORATORIUM_MAX = 24;

export default defineAction({
  action: 'loan.restructure',
  summary:
    'Put what is left of a loan on new terms; unpaid interest and charges are asked for on the first new due date, and never become principal',
  scope: { propose: 'loans:write', approve: 'loans:approve' },
  request: z.strictObject({
    loan: z.uuid(),
    annual_rate: z
      .string()
      .regex(/^(?:0|[1-9])(?:\.\d{1,10})?$/, 'must be a fraction such as "0.18"')
      .optional()
      .describe('as it was where left out'),
    instalments: z.int().min(1).max(INSTALMENTS_MAX),
    moratorium: z
      .int()
      .min(0)
      .max(MORATORIUM_MAX)
      .default(0)
      .describe('first instalments that ask for nothing; their interest comes with the one after them'),
    first_due_on: z.iso.date().optional().describe('the next due date there was, where left out'),
    why,
  }),

  facts: (tx, { loan }) => activeLoan(tx, loan),

  describe: ({ loan, instalments, annual_rate, moratorium, why }) =>
    `Restructure loan ${loan} to ${instalments} instalments` +
    `${annual_rate === undefined ? '' : ` at a rate of ${annual_rate} a year`}` +
    `${moratorium === 0 ? '' : `, the first ${moratorium} of them free`}: ${why}`,

  amount: ({ principal }) => principal,

  async apply(tx, payload, { tenant, now, approval, means }) {
    const { loan, annual_rate, instalments, moratorium, first_due_on, why: reason } = payload;
    const answer = await restructureLoan(
      tx,
      { tenant, now, accept: means.accept },
      { loan, annual_rate, instalments, moratorium, first_due_on, reason },
      approval,
    );
    if (answer.outcome === 'refused') throw new ActionRefused(answer.code, answer.message);
    return answer;
  },
});
