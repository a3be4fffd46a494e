import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Command, Option } from 'commander';
import {
  CARRIERS,
  DAYS_MAX,
  FAULTS,
  type Fault,
  LOANS_MAX,
  SEED_MAX,
  type SimulationOptions,
} from '../../simulation/options.ts';
import type { Simulated } from '../../simulation/simulate.ts';
import { addCommand, numberOption, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { CliError, type Exit, wrongInput } from '../exit.ts';
import { progressBar } from '../progress.ts';

interface Options extends SimulationOptions {
  compare?: boolean;
  report?: string;
}

export function simulateCommand(program: Command, shell: Shell): void {
  const command = addCommand<Options>(program, shell, 'simulate', {
    summary: 'Live a portfolio’s random but replayable life through, break things, and check what must hold',
    examples: [
      'kist simulate --seed 7 --loans 12 --days 40 --faults all',
      'kist simulate --seed 7 --faults kill-worker,restart-postgres --compare --report ./seed-7',
      'kist simulate --loans 200 --days 120 --carrier redis --json',
    ],
    tenant: false,
    options: [
      numberOption(
        '--seed <number>',
        'where all chance comes from; drawn and told where left out',
        0,
        SEED_MAX,
      ),
      numberOption('--loans <number>', 'applications that are made', 1, LOANS_MAX).default(20),
      numberOption('--days <number>', 'days of the calendar lived through', 1, DAYS_MAX).default(60),
      new Option('--faults <names>', `what goes wrong: all, or some of ${FAULTS.join(',')}`)
        .default([])
        .argParser(readFaults),
      new Option('--carrier <name>', 'redis takes a redis-server or valkey-server on PATH')
        .choices(CARRIERS)
        .default('postgres'),
      new Option('--compare', 'live the same life without faults as well: both must come to the same'),
      new Option('--report <folder>', 'write report.html and report.json there'),
    ],
    run,
  });
  command.addHelpText(
    'after',
    '\nIt starts servers and processes of its own in a scratch folder; the installation’s own data is not touched.\n' +
      'Exit 1: something that must hold does not, or nothing moved any more for a minute.',
  );
}

function readFaults(text: string): Fault[] {
  if (text === 'all') return [...FAULTS];
  const names = [...new Set(text.split(',').filter((name) => name !== ''))];
  const strange = names.find((name) => !(FAULTS as readonly string[]).includes(name));
  if (strange) throw wrongInput(`--faults: ${strange} is none of all, ${FAULTS.join(', ')}.`);
  return names as Fault[];
}

async function run(context: Context, given: Options): Promise<Exit> {
  const { seed = Math.floor(Math.random() * SEED_MAX), loans, days, faults, carrier } = given;
  const options: SimulationOptions = { seed, loans, days, faults, carrier };
  const { reportOf, reportText, isSound } = await import('../../simulation/report/report.ts');
  const simulated = await living(context, options);
  const plain = given.compare ? await living(context, { ...options, faults: [] }) : null;
  const report = reportOf(simulated, plain);
  if (given.report !== undefined) {
    const { reportPage } = await import('../../simulation/report/page.ts');
    await mkdir(given.report, { recursive: true });
    await writeFile(path.join(given.report, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    await writeFile(path.join(given.report, 'report.html'), reportPage(report));
  }
  context.output.answer(report, () => reportText(report));
  return isSound(report) ? 'ok' : 'no';
}

async function living(context: Context, options: SimulationOptions): Promise<Simulated> {
  const { simulate } = await import('../../simulation/simulate.ts');
  const { Stuck } = await import('../../simulation/life/patience.ts');
  const { replayCommand } = await import('../../simulation/options.ts');
  const bar = progressBar(context.output, `Seed ${options.seed}`, 'days');
  try {
    return await simulate(options, {
      onDay: (done) => bar.update(done, options.days),
      onOpen: (world) => context.onClose(() => world.close('at-once')),
    });
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    throw new CliError('no', 'simulation-stuck', error.message, [`Again: ${replayCommand(options)}`]);
  } finally {
    bar.stop();
  }
}
