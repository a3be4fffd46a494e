import { type Command, Option } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import { findJob, listAttempts, listJobs } from '../../runtime/queries.ts';
import { JOB_STATES, type JobState } from '../../runtime/types.ts';
import { addCommand, addGroup, checkId, durationOption, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { notFound } from '../exit.ts';
import { exitOf, JOB_COLUMNS, jobText } from '../job-text.ts';
import { answerPage, type PageOptions, pageOptions } from '../paging.ts';
import { addWish } from '../wishes.ts';

export interface ListOptions extends PageOptions {
  kind?: string;
  state?: JobState;
  key?: string;
}

export function jobCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'job', 'Jobs: look at them, act on one');
  addShow(
    group,
    shell,
    'One job with its failed attempts',
    'kist job show 0197a3c0-5a1e-7b57-9d3c-6b6973740001',
  );
  addCommand<ListOptions>(group, shell, 'list', {
    summary: 'Jobs, newest first; finished ones until they are archived',
    examples: ['kist job list --state held --kind loan.disburse', 'kist job list --key rent-2026-05 --json'],
    options: [
      new Option('--state <state>', 'only jobs in this state').choices(JOB_STATES),
      ...listOptions(),
      new Option('--key <key>', 'only jobs under this idempotency key'),
    ],
    run: listPage,
  });
  addWish(group, shell, 'cancel', 'Cancel a job; one that runs at the moment is told to stop');
  addWish(group, shell, 'redrive', 'Send a dead job back to work, with fresh attempts');
  addWish(group, shell, 'release', 'Let a held job go on');
}

export function addShow(group: Command, shell: Shell, summary: string, example: string): void {
  addCommand<{ wait?: number }>(group, shell, 'show <id>', {
    summary,
    examples: [example],
    options: [durationOption('--wait <duration>', 'wait so long for it to rest; exit 1 unless it is done')],
    async run(context, { wait }, given) {
      const id = checkId(given!);
      const tenant = await context.tenant();
      if (wait !== undefined) await (await context.runtime()).waitForRest(tenant, id, wait);
      const { job, attempts } = await inTenant(await context.pool(), tenant, async (tx) => ({
        job: await findJob(tx, id),
        attempts: await listAttempts(tx, id),
      }));
      if (!job) throw notFound(`There is no job ${id} of tenant ${tenant}.`);
      context.output.answer({ ...job, attempts }, () => jobText(job, attempts));
      return wait === undefined ? 'ok' : exitOf(job);
    },
  });
}

export function listOptions(): Option[] {
  return [new Option('--kind <kind>', 'only jobs of this kind'), ...pageOptions()];
}

export async function listPage(context: Context, options: ListOptions): Promise<void> {
  const { kind, state, key, ...page } = options;
  const tenant = await context.tenant();
  const pool = await context.pool();
  await answerPage(context, page, {
    name: 'jobs',
    rows: (filter) => inTenant(pool, tenant, (tx) => listJobs(tx, { kind, state, key, ...filter })),
    columns: JOB_COLUMNS,
    empty: 'No jobs.',
  });
}
