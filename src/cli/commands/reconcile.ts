import { access, constants } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { systemClock } from '../../calendar/clock.ts';
import { STATEMENT_KINDS, type StatementKind } from '../../payments/reconciliation/lines.ts';
import { type FilesAnswer, reconcileFiles } from '../../payments/reconciliation/reconcile-files.ts';
import { addCommand, dateOption, type Shell } from '../command.ts';
import { wrongInput } from '../exit.ts';
import { facts, plural, table } from '../output.ts';

interface ReconcileOptions {
  kind?: StatementKind;
  gateway?: string;
  on?: string;
  dryRun?: boolean;
}

export function reconcileCommand(program: Command, shell: Shell): void {
  addCommand<ReconcileOptions>(program, shell, 'reconcile <files...>', {
    summary:
      'Hold our books against statements of bank and gateway, CSV; exit 1 where something does not agree',
    examples: [
      'kist reconcile bank-2026-11-20.csv',
      'kist reconcile account.csv bank.csv --gateway razorpay --dry-run',
      'kist reconcile recon.csv --kind settlement --on 2026-11-20 --json',
    ],
    options: [
      new Option('--kind <kind>', 'what the files are; default: as their columns say').choices([
        ...STATEMENT_KINDS,
      ]),
      new Option('--gateway <name>', 'whose statement it is; default: of the only one there is'),
      dateOption('--on <date>', 'the day that the files tell of, where their lines alone do not show it'),
      new Option('--dry-run', 'show what would come of it; nothing is kept'),
    ],
    async run(context, { kind, gateway, on, dryRun = false }, ...files) {
      for (const file of files) await mustBeThere(file);
      const tenant = await context.tenant();
      const pool = await context.pool();
      const wish = {
        files,
        kind,
        gateway,
        on,
        dry_run: dryRun,
        loaded_by: context.actor,
        now: systemClock.now(),
      };
      const work = () => reconcileFiles(pool, tenant, wish);
      const change = { action: 'cli.reconcile', tenant, arguments: { files, kind, gateway, on } };
      const answer = dryRun ? await work() : await context.change(change, work);
      context.output.answer({ dry_run: dryRun, ...answer }, () => answerText(answer, dryRun));
      return answer.reconciliation.breaks_open === 0 ? 'ok' : 'no';
    },
  });
}

async function mustBeThere(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw wrongInput(`Cannot read ${file}: ${(error as Error).message}`);
  }
}

function answerText({ loads, reconciliation, late }: FilesAnswer, dry_run: boolean): string {
  const read = table(
    loads,
    [
      { title: 'file', text: ({ source }) => source },
      { title: 'statement', text: ({ kind, gateway }) => (gateway === null ? kind : `${kind} (${gateway})`) },
      { title: 'lines', align: 'right', text: ({ lines }) => lines },
      { title: 'from', text: ({ from_on }) => from_on },
      { title: 'to', text: ({ to_on }) => to_on },
      { title: '', text: ({ fresh }) => (fresh ? '' : 'read before') },
    ],
    'No statement.',
  );
  const results = table(
    reconciliation.results,
    [
      { title: 'subject', text: ({ subject }) => subject },
      { title: 'result', text: ({ result }) => result },
      { title: 'number', align: 'right', text: ({ number }) => number },
      { title: 'by our books', align: 'right', text: ({ here }) => here },
      { title: 'by theirs', align: 'right', text: ({ there }) => there },
      { title: 'currency', text: ({ currency }) => currency },
    ],
    'There was nothing to compare.',
  );
  const { breaks_opened, breaks_closed, breaks_open, settlements_posted } = reconciliation;
  const outcome = facts([
    ['breaks', `${breaks_open} open, ${breaks_opened} of them new; ${breaks_closed} closed by themselves`],
    ['posted', settlements_posted === 0 ? null : plural(settlements_posted, 'settlement')],
    ['late', late.payouts === 0 ? null : lateText(late)],
    ['kept', dry_run ? 'nothing: a dry run' : null],
  ]);
  return [read, results, outcome].join('\n\n');
}

function lateText({ payouts, days_late_max, compensation }: FilesAnswer['late']): string {
  return `${plural(payouts, 'payout')} up to ${plural(days_late_max, 'day')} past T+1: banks owe ₹${compensation}`;
}
