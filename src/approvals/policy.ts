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

/** What a tenant may choose about who must agree to what. */
export const approvalPolicy = z.strictObject({
  loan_approval_above: amountSchema.describe('a loan of more than this takes a proposal and another’s word'),
  money_redrive_above: amountSchema.describe('two people send a dead job back to work that moves more'),
  payout_approval_above: amountSchema
    .nullable()
    .describe(
      'money of a wallet is paid out by two people where it is more; null: by one, whatever the amount',
    ),
  expires_after_hours: z.int().min(1).max(HOURS_MAX),
  quorum: z
    .array(z.strictObject({ above: amountOrZeroSchema, approvers: z.int().min(1).max(APPROVERS_MAX) }))
    .max(QUORUM_STEPS_MAX)
    .describe('how many must approve, besides who proposes: of the steps that the amount is above, the most'),
  switch_set_needs_approval: z.boolean(),
  switch_clear_needs_approval: z.boolean(),
});
export type ApprovalPolicy = z.output<typeof approvalPolicy>;

/** Any part of it; what is left out stays as it is. */
export const policyChoices = approvalPolicy.partial();

export const DEFAULT_POLICY: ApprovalPolicy = {
  loan_approval_above: '500000.00',
  money_redrive_above: '100000.00',
  payout_approval_above: null,
  expires_after_hours: 72,
  quorum: [
    { above: '0.00', approvers: 1 },
    { above: '1000000.00', approvers: 2 },
  ],
  // To stop money in an emergency must not wait for anybody; to let it flow again may.
  switch_set_needs_approval: false,
  switch_clear_needs_approval: true,
};

/** The policy of the transaction's tenant: its choices, and the defaults for all else. */
export async function policyOf(tx: Transaction): Promise<ApprovalPolicy> {
  return approvalPolicy.parse({ ...DEFAULT_POLICY, ...(await settingOf(tx, SETTING, policyChoices)) });
}

/** Keeps the choices given beside those that stand. @returns the policy from now on */
export async function changePolicy(
  tx: Transaction,
  choices: z.output<typeof policyChoices>,
  changed_by: string,
): Promise<ApprovalPolicy> {
  await keepSetting(
    tx,
    SETTING,
    { ...(await settingOf(tx, SETTING, policyChoices)), ...choices },
    changed_by,
  );
  return policyOf(tx);
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
