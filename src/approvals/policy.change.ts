import { z } from 'zod';
import { defineAction } from './define.ts';
import { type ApprovalPolicy, changePolicy, policyChoices, policyOf } from './policy.ts';

export default defineAction({
  action: 'policy.change',
  summary: 'Change what takes more than one person, and how many',
  scope: { propose: 'policy:write', approve: 'policy:approve' },
  request: z.strictObject({ set: policyChoices }),

  async facts(tx, { set }) {
    const policy = await policyOf(tx);
    const names = Object.keys(set) as (keyof ApprovalPolicy)[];
    return { instead_of: Object.fromEntries(names.map((name) => [name, policy[name]])) };
  },

  describe: ({ set }) => {
    const choices = Object.entries(set).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return `Change the policy of approvals: ${choices.join(', ') || 'nothing'}.`;
  },

  apply: (tx, { set }, { proposed_by }) => changePolicy(tx, set, proposed_by),
});
