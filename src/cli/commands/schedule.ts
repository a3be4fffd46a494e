import type { Command } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import { listRuns } from '../../runtime/schedules.ts';
import { addCommand, addGroup, numberOption, type Shell } from '../command.ts';
import { instant, table } from '../output.ts';

const RUNS_DEFAULT = 30;
const RUNS_MAX = 1_000;

export function scheduleCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'schedule', 'Work that every business date brings');
  addCommand<{ limit?: number }>(group, shell, 'runs', {
    summary: 'Which schedules ran for which business dates, newest first',
    examples: ['kist schedule runs --limit 100'],
    options: [numberOption('--limit <n>', `how many; default ${RUNS_DEFAULT}`, 1, RUNS_MAX)],
    async run(context, { limit = RUNS_DEFAULT }) {
      const tenant = await context.tenant();
      const runs = await inTenant(await context.pool(), tenant, (tx) => listRuns(tx, limit));
      context.output.answer({ runs }, () =>
        table(
          runs,
          [
            { title: 'business date', text: ({ business_date }) => business_date },
            { title: 'schedule', text: ({ schedule }) => schedule },
            { title: 'job', text: ({ job_id }) => job_id },
            { title: 'accepted', text: ({ accepted_at }) => instant(accepted_at) },
          ],
          'No schedule has run yet.',
        ),
      );
    },
  });
}
