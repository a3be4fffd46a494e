import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Shell } from './command.ts';
import { benchCommand } from './commands/bench.ts';
import { deadCommands } from './commands/dead.ts';
import { enqueueCommand } from './commands/enqueue.ts';
import { jobCommands } from './commands/job.ts';
import { ledgerCommands } from './commands/ledger.ts';
import { migrateCommand } from './commands/migrate.ts';
import { operatorCommands } from './commands/operator.ts';
import { scheduleCommands } from './commands/schedule.ts';
import { serviceCommands } from './commands/service.ts';
import { switchCommands } from './commands/switch.ts';
import { tenantCommands } from './commands/tenant.ts';
import { EXIT } from './exit.ts';

const GROUPS = [
  enqueueCommand,
  jobCommands,
  deadCommands,
  ledgerCommands,
  scheduleCommands,
  switchCommands,
  tenantCommands,
  serviceCommands,
  operatorCommands,
  migrateCommand,
  benchCommand,
];

/** The whole command line. Errors are thrown, never printed here. */
export function buildProgram(shell: Shell): Command {
  const program = new Command('kist')
    .description('Works on the jobs and books of this machine or of DATABASE_URL.')
    .version(packageVersion())
    .option('--json', 'the answer as JSON, of whatever command follows')
    .configureOutput({ outputError: () => {} })
    .configureHelp({ showGlobalOptions: false })
    .exitOverride()
    .addHelpText('after', `\n${exitCodes()}\n\nExample:\n  $ kist job list --state dead`);
  for (const add of GROUPS) add(program, shell);
  return program;
}

function exitCodes(): string {
  const lines = Object.values(EXIT).map(({ status, meaning }) => `${String(status).padStart(5)}  ${meaning}`);
  return `Exit codes:\n${lines.join('\n')}`;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
