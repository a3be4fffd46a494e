import type { Command } from 'commander';
import type { JobView } from '../runtime/types.ts';
import { addCommand, checkId, type Shell } from './command.ts';
import type { Context } from './context.ts';
import { approvalRequired, CliError } from './exit.ts';
import { jobText } from './job-text.ts';

export type WishName = 'cancel' | 'redrive' | 'release' | 'drop';

/** What an operator wishes of one job; leaves an audit row. @throws CliError where it cannot be */
export async function makeWish(context: Context, name: WishName, id: string): Promise<JobView> {
  const runtime = await context.runtime();
  const tenant = await context.tenant();
  return context.change({ action: `cli.job.${name}`, tenant, subject: id }, async () => {
    const wish = await runtime[name](tenant, id, context.actor);
    if (wish.done) return wish.job;
    if (wish.code === 'approval-required') throw approvalRequired(wish);
    throw new CliError(wish.code === 'not-found' ? 'no' : 'refused', wish.code, wish.message);
  });
}

export function addWish(group: Command, shell: Shell, name: WishName, summary: string): void {
  addCommand(group, shell, `${name} <id>`, {
    summary,
    examples: [`kist ${group.name()} ${name} 0197a3c0-5a1e-7b57-9d3c-6b6973740001`],
    async run(context, _options, id) {
      const job = await makeWish(context, name, checkId(id!));
      context.output.answer(job, () => jobText(job));
    },
  });
}
