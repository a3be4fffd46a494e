import { type Command, Option } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import { listJobs } from '../../runtime/queries.ts';
import { addCommand, addGroup, checkId, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { asCliError, type CliError, wrongInput } from '../exit.ts';
import { plural } from '../output.ts';
import { PAGE_MAX } from '../paging.ts';
import { makeWish } from '../wishes.ts';
import { addShow, type ListOptions, listOptions, listPage } from './job.ts';

/** `--all` takes so many at most; what is left is said, and taken by the next call. */
const ALL_MAX = 10_000;

interface ActOptions {
  all?: boolean;
  kind?: string;
}

export function deadCommands(program: Command, shell: Shell): void {
  const group = addGroup(
    program,
    'dead',
    'Dead letters: jobs whose attempts are used up, or that never can succeed',
  );
  addCommand<ListOptions>(group, shell, 'list', {
    summary: 'Dead jobs, newest first',
    examples: ['kist dead list --kind notice.send --limit 100'],
    options: listOptions(),
    run: (context, options) => listPage(context, { ...options, state: 'dead' }),
  });
  addShow(
    group,
    shell,
    'One dead job with every failed attempt',
    'kist dead show 0197a3c0-5a1e-7b57-9d3c-6b6973740001',
  );
  addAct(group, shell, 'redrive', 'Send dead jobs back to work: same id, same key, fresh attempts');
  addAct(group, shell, 'drop', 'Decide that dead jobs shall never run');
}

function addAct(group: Command, shell: Shell, name: 'redrive' | 'drop', summary: string): void {
  addCommand<ActOptions>(group, shell, `${name} [ids...]`, {
    summary,
    examples: [
      `kist dead ${name} 0197a3c0-5a1e-7b57-9d3c-6b6973740001`,
      `kist dead ${name} --all --kind notice.send`,
    ],
    options: [
      new Option('--all', `every dead job, ${ALL_MAX} at most`),
      new Option('--kind <kind>', 'with --all: only of this kind'),
    ],
    async run(context, { all, kind }, ...given) {
      if (given.length > 0 === (all === true)) throw wrongInput('Give ids, or --all.');
      if (kind !== undefined && !all) throw wrongInput('--kind goes with --all.');
      const ids = all ? await deadIds(context, kind) : given.map(checkId);
      const failed = await actOnEach(context, name, ids);
      const changed = ids.length - failed.length;
      const past = name === 'redrive' ? 'redriven' : 'dropped';
      const failures = failed.map(({ id, error }) => ({ id, code: error.code, message: error.message }));
      context.output.answer({ [past]: changed, failed: failures }, () =>
        [`${plural(changed, 'job')} ${past}.`, ...failures.map(failureText)].join('\n'),
      );
      return failed[0]?.error.exit ?? 'ok';
    },
  });
}

interface Failure {
  id: string;
  error: CliError;
}

async function actOnEach(context: Context, name: 'redrive' | 'drop', ids: string[]): Promise<Failure[]> {
  const failed: Failure[] = [];
  for (const id of ids) {
    try {
      await makeWish(context, name, id);
    } catch (thrown) {
      const error = asCliError(thrown);
      if (error.exit !== 'no' && error.exit !== 'refused') throw thrown;
      failed.push({ id, error });
    }
  }
  return failed;
}

async function deadIds(context: Context, kind: string | undefined): Promise<string[]> {
  const pool = await context.pool();
  const tenant = await context.tenant();
  const ids: string[] = [];
  while (ids.length < ALL_MAX) {
    const page = await inTenant(pool, tenant, (tx) =>
      listJobs(tx, { state: 'dead', kind, after: ids.at(-1), limit: PAGE_MAX }),
    );
    ids.push(...page.map(({ id }) => id));
    if (page.length < PAGE_MAX) return ids;
  }
  context.output.note(`There are more than ${ALL_MAX}; call again for the rest.`);
  return ids;
}

function failureText({ id, code, message }: { id: string; code: string; message: string }): string {
  return `  not ${id}: ${code}: ${message}`;
}
