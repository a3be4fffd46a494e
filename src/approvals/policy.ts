import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import type { Terms } from '../identity/approvals.ts';
import { keepSetting, settingOf } from '../identity/settings.ts';
import { amountSchema, toDecimal } from '../ledger/money.ts';
import { amountOrZeroSchema } from '../loans/application-request.ts';

const SETTING = 'approvals';
const HOURS_MAX = 90 * 24;
const APPROVERS_MAX = 10;
const QUORUM_STEPS_MAX = 10;

const quorumSchema = z
  .array(
    z.strictObject({
      above: amountOrZeroSchema,
      approvers: z.int().min(1).max(APPROVERS_MAX),
    }),
  )
  .max(QUORUM_STEPS_MAX);

/** What a tenant may choose about who must agree to what. */
export const approvalPolicy = z.strictObject({
  loan_approval_above: amountSchema
    .default('500000.00')
    .describe('a loan of more than this needs a proposal and a second person’s word'),
  money_redrive_above: amountSchema
    .default('100000.00')
    .describe('a dead job that moves more than this is sent back to work by two people'),
  expires_after_hours: z.int().min(1).max(HOURS_MAX).default(72),
  quorum: quorumSchema
    .default([
      { above: '0.00', approvers: 1 },
      { above: '1000000.00', approvers: 2 },
    ])
    .describe('how many must approve, besides who proposes: of the steps that the amount is above, the most'),
  switch_set_needs_approval: z.boolean().default(false),
  switch_clear_needs_approval: z.boolean().default(true),
});
export type ApprovalPolicy = z.output<typeof approvalPolicy>;

/** The policy of the transaction's tenant. */
export function policyOf(tx: Transaction): Promise<ApprovalPolicy> {
  return settingOf(tx, SETTING, approvalPolicy);
}

/** Keeps the choices given beside those that stand. @returns the policy from now on */
export async function changePolicy(
  tx: Transaction,
  choices: Partial<ApprovalPolicy>,
  changed_by: string,
): Promise<ApprovalPolicy> {
  const policy = approvalPolicy.parse({ ...(await policyOf(tx)), ...choices });
  await keepSetting(tx, SETTING, policy, changed_by);
  return policy;
}

/** Whether the amount is above the limit. Both are plain decimals. */
export function isAbove(amount: string, limit: string): boolean {
  return toDecimal(amount).gt(toDecimal(limit));
}

/** What the policy says about one proposal. Where there is no amount, one other person is enough. */
export function termsOf({ quorum, expires_after_hours }: ApprovalPolicy): Terms {
  return {
    expires_after_hours,
    quorumFor: (amount) => {
      const steps = quorum.filter(({ above }) => amount !== null && isAbove(amount, above));
      return Math.max(1, ...steps.map(({ approvers }) => approvers));
    },
  };
}
