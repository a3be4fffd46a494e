import { type Command, Option } from 'commander';
import { ACTIONS } from '../../approvals/actions.ts';
import { castVote, proposeAction, withdrawProposal } from '../../approvals/approvals.ts';
import { inTenant } from '../../db/transaction.ts';
import {
  APPROVAL_STATES,
  type Approval,
  type ApprovalState,
  findApproval,
  listApprovals,
  type Verdict,
} from '../../identity/approval-rows.ts';
import { APPROVAL_COLUMNS, approvalText } from '../approval-text.ts';
import { addCommand, addGroup, checkId, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { CliError, notFound, wrongInput } from '../exit.ts';
import { answerPage, type PageOptions, pageOptions } from '../paging.ts';
import { readPayload } from '../payload.ts';

const AN_ID = '0197a3c0-5a1e-7b57-9d3c-6b6973740001';

interface ListOptions extends PageOptions {
  state?: ApprovalState;
  action?: string;
}

export function approvalCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'approval', 'What one person proposes and others must agree to');
  addList(group, shell);
  addCommand(group, shell, 'show <id>', {
    summary: 'Exactly what is proposed, its hash, and who voted',
    examples: [`kist approval show ${AN_ID}`],
    async run(context, _options, given) {
      const id = checkId(given!);
      const approval = await inTenant(await context.pool(), await context.tenant(), (tx) =>
        findApproval(tx, id, new Date()),
      );
      if (!approval) throw notFound(`There is no approval ${id}.`);
      context.output.answer(approval, () => approvalText(approval));
    },
  });
  addPropose(group, shell);
  addVote(group, shell, 'approve', 'Agree to exactly what was proposed; the last vote of the quorum does it');
  addVote(group, shell, 'reject', 'Reject what was proposed, for good');
  addCommand(group, shell, 'withdraw <id>', {
    summary: 'Take back what one proposed oneself',
    examples: [`kist approval withdraw ${AN_ID}`],
    run: (context, _options, given) => {
      const id = checkId(given!);
      return change(context, { verb: 'withdraw', subject: id }, async (tenant, now) =>
        inTenant(await context.pool(), tenant, (tx) =>
          withdrawProposal(tx, { id, tenant, actor: context.actor, now }),
        ),
      );
    },
  });
}

function addList(group: Command, shell: Shell): void {
  addCommand<ListOptions>(group, shell, 'list', {
    summary: 'Approvals, newest first',
    examples: ['kist approval list --state proposed', 'kist approval list --action job.redrive'],
    options: [
      new Option('--state <state>', 'only those in this state').choices(APPROVAL_STATES),
      new Option('--action <action>', 'only of this action').choices([...ACTIONS.keys()]),
      ...pageOptions(),
    ],
    async run(context, { state, action, ...page }) {
      const tenant = await context.tenant();
      const pool = await context.pool();
      await answerPage(context, page, {
        name: 'approvals',
        rows: (filter) =>
          inTenant(pool, tenant, (tx) => listApprovals(tx, { state, action, ...filter }, new Date())),
        columns: APPROVAL_COLUMNS,
        empty: 'No approvals.',
      });
    },
  });
}

function addPropose(group: Command, shell: Shell): void {
  const kinds = [...ACTIONS.values()].map(({ action, summary }) => `${action}: ${summary}`);
  const command = addCommand<{ reason?: string }>(group, shell, 'propose <action> [request]', {
    summary: 'Propose an action. The request is JSON, @FILE, or - for standard input',
    examples: [
      `kist approval propose journal.reverse '{"journal":"${AN_ID}"}' --reason "paid in twice"`,
      `kist approval propose policy.change '{"set":{"expires_after_hours":24}}'`,
    ],
    options: [new Option('--reason <text>', 'why, for those who decide')],
    async run(context, { reason }, action, given) {
      if (!ACTIONS.has(action!)) throw wrongInput(`There is no action ${action}.`, kinds);
      const request = await readPayload(given);
      return proposeChange(context, action!, request, reason);
    },
  });
  command.addHelpText('after', `\nActions:\n${kinds.map((line) => `  ${line}`).join('\n')}`);
}

/** Proposes in the name of whoever is logged in to the machine, and says how the others agree. */
export function proposeChange(
  context: Context,
  action: string,
  request: unknown,
  reason?: string,
): Promise<void> {
  return change(context, { verb: 'propose', subject: action, arguments: request }, async (tenant, now) =>
    inTenant(await context.pool(), tenant, (tx) =>
      proposeAction(tx, { tenant, now, actor: context.actor, action, request, reason }),
    ),
  );
}

function addVote(group: Command, shell: Shell, verdict: Verdict, summary: string): void {
  addCommand<{ hash: string; reason?: string }>(group, shell, `${verdict} <id>`, {
    summary,
    examples: [`kist approval ${verdict} ${AN_ID} --hash 3b0c…`],
    options: [
      new Option('--hash <hex>', 'as `kist approval show` says: what you agree to').makeOptionMandatory(),
      new Option('--reason <text>', 'why'),
    ],
    run: (context, { hash, reason = null }, given) => {
      const id = checkId(given!);
      const about = { verb: verdict, subject: id, arguments: { hash, reason } };
      return change(context, about, async (tenant, now) => {
        const ballot = { id, verdict, hash, reason: reason ?? null, actor: context.actor, tenant, now };
        const runtime = await context.runtime();
        return runtime.transact(tenant, context.actor, (tx, _, unit) => castVote(tx, unit, ballot));
      });
    },
  });
}

/** Makes a change to an approval, leaves an audit row, and shows what has become of it. */
async function change(
  context: Context,
  about: { verb: string; subject: string; arguments?: unknown },
  work: (tenant: string, now: Date) => Promise<{ approval: Approval }>,
): Promise<void> {
  const tenant = await context.tenant();
  const { verb, ...rest } = about;
  const approval = await context.change({ action: `cli.approval.${verb}`, tenant, ...rest }, async () => {
    const { approval } = await work(tenant, new Date());
    if (approval.state !== 'refused') return approval;
    const { code, message } = approval.result as { code: string; message: string };
    throw new CliError('refused', code, message);
  });
  context.output.answer(approval, () => approvalText(approval));
}
