import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Shell } from './command.ts';
import { EXIT } from './exit.ts';

type AddCommands = (program: Command, shell: Shell) => void;

/** By their first word. A group is loaded when it is asked for: not every one needs a database and its drivers. */
const GROUPS: Record<string, () => Promise<AddCommands>> = {
  enqueue: async () => (await import('./commands/enqueue.ts')).enqueueCommand,
  job: async () => (await import('./commands/job.ts')).jobCommands,
  dead: async () => (await import('./commands/dead.ts')).deadCommands,
  ledger: async () => (await import('./commands/ledger.ts')).ledgerCommands,
  loan: async () => (await import('./commands/loan.ts')).loanCommands,
  fraud: async () => (await import('./commands/fraud.ts')).fraudCommands,
  day: async () => (await import('./commands/day.ts')).dayCommands,
  schedule: async () => (await import('./commands/schedule.ts')).scheduleCommands,
  payout: async () => (await import('./commands/payout.ts')).payoutCommands,
  payment: async () => (await import('./commands/payment.ts')).paymentCommands,
  reconcile: async () => (await import('./commands/reconcile.ts')).reconcileCommand,
  switch: async () => (await import('./commands/switch.ts')).switchCommands,
  approval: async () => (await import('./commands/approval.ts')).approvalCommands,
  product: async () => (await import('./commands/product.ts')).productCommands,
  tenant: async () => (await import('./commands/tenant.ts')).tenantCommands,
  secrets: async () => (await import('./commands/secrets.ts')).secretsCommands,
  service: async () => (await import('./commands/service.ts')).serviceCommands,
  operator: async () => (await import('./commands/operator.ts')).operatorCommands,
  webhook: async () => (await import('./commands/webhook.ts')).webhookCommands,
  gateway: async () => (await import('./commands/gateway.ts')).gatewayCommands,
  notify: async () => (await import('./commands/notify.ts')).notifyCommands,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  calc: async () => (await import('./commands/calc.ts')).calcCommand,
  simulate: async () => (await import('./commands/simulate.ts')).simulateCommand,
  bench: async () => (await import('./commands/bench.ts')).benchCommand,
};

/**
 * The whole command line, or as much of it as the first word asks for. Errors are thrown, never printed here.
 */
export async function buildProgram(shell: Shell, word?: string): Promise<Command> {
  const program = new Command('kist')
    .description('Works on the jobs and books of this machine or of DATABASE_URL.')
    .version(packageVersion())
    .option('--json', 'the answer as JSON, of whatever command follows')
    .configureOutput({ outputError: () => {} })
    .configureHelp({ showGlobalOptions: false })
    .exitOverride()
    .addHelpText('after', `\n${exitCodes()}\n\nExample:\n  $ kist job list --state dead`);
  const loaders = word !== undefined && Object.hasOwn(GROUPS, word) ? [GROUPS[word]!] : Object.values(GROUPS);
  for (const add of await Promise.all(loaders.map((load) => load()))) add(program, shell);
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
