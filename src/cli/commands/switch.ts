import { type Command, Option } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import { PLATFORM } from '../../identity/actor.ts';
import { listSwitches } from '../../runtime/switches.ts';
import type { Barred } from '../../runtime/types.ts';
import { addCommand, addGroup, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { approvalRequired, wrongInput } from '../exit.ts';
import { instant, table } from '../output.ts';

const EVERY = '*';

interface Scope {
  everyTenant?: boolean;
}

export function switchCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'switch', 'Kill switches: jobs of a kind wait until it is cleared');
  const everyTenant = () => new Option('--every-tenant', 'of every tenant');
  addCommand(group, shell, 'list', {
    summary: 'The switches that are on',
    examples: ['kist switch list'],
    async run(context) {
      const tenant = await context.tenant();
      const switches = await inTenant(await context.pool(), tenant, listSwitches);
      context.output.answer({ switches }, () =>
        table(
          switches,
          [
            { title: 'kind', text: ({ kind }) => kind },
            { title: 'tenant', text: (each) => (each.tenant === EVERY ? 'every tenant' : each.tenant) },
            { title: 'set', text: ({ set_at }) => instant(set_at) },
            { title: 'by', text: ({ set_by }) => set_by },
            { title: 'reason', text: ({ reason }) => reason },
          ],
          'No switch is on.',
        ),
      );
    },
  });
  addCommand<Scope & { reason: string }>(group, shell, 'set <kind>', {
    summary: "Hold the jobs of a kind ('*': of every kind); nothing is lost",
    examples: [
      'kist switch set loan.disburse --reason "payout account under review"',
      `kist switch set '*' --every-tenant --reason "moving the database"`,
    ],
    options: [
      new Option('--reason <text>', 'why, for those who wonder').makeOptionMandatory(),
      everyTenant(),
    ],
    run: (context, { reason, ...scope }, kind) =>
      turn(context, 'set', kind!, scope, (runtime, tenant) =>
        runtime.setSwitch(tenant, kind!, reason, context.actor),
      ),
  });
  addCommand<Scope>(group, shell, 'clear <kind>', {
    summary: 'Let the jobs of a kind go on',
    examples: ['kist switch clear loan.disburse'],
    options: [everyTenant()],
    run: (context, scope, kind) =>
      turn(context, 'clear', kind!, scope, (runtime, tenant) =>
        runtime.clearSwitch(tenant, kind!, context.actor),
      ),
  });
}

type Runtime = Awaited<ReturnType<Context['runtime']>>;

async function turn(
  context: Context,
  verb: 'set' | 'clear',
  kind: string,
  { everyTenant = false }: Scope,
  work: (runtime: Runtime, tenant: string) => Promise<Barred | null>,
): Promise<void> {
  const runtime = await context.runtime();
  // A switch of a kind that an earlier release had can still be cleared.
  if (verb === 'set' && kind !== EVERY && !runtime.registry.get(kind)) {
    throw wrongInput(`There is no job kind ${kind}.`, ['See docs/jobs.md.']);
  }
  const tenant = everyTenant ? EVERY : await context.tenant();
  const change = {
    action: `cli.switch.${verb}`,
    tenant: everyTenant ? PLATFORM : tenant,
    subject: kind,
    arguments: { kind, tenant },
  };
  await context.change(change, async () => {
    const barred = await work(runtime, tenant);
    if (barred) throw approvalRequired(barred);
  });
  context.output.answer({ kind, tenant, on: verb === 'set' }, () => {
    const jobs = `${kind === EVERY ? 'All jobs' : `Jobs of kind ${kind}`} of ${everyTenant ? 'every tenant' : tenant}`;
    return verb === 'set' ? `${jobs} wait now.` : `${jobs} go on.`;
  });
}
