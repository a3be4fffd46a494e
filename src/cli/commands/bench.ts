import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { addCommand, type Shell } from '../command.ts';
import { CliError } from '../exit.ts';

const BENCH = fileURLToPath(new URL('../../../bench/run.ts', import.meta.url));

export function benchCommand(program: Command, shell: Shell): void {
  const command = addCommand(program, shell, 'bench [arguments...]', {
    summary: 'Measure this machine; arguments go to bench/run.ts (--json here takes a file)',
    examples: ['kist bench --quick', 'kist bench --only accept-batch --json measures.json'],
    tenant: false,
    async run() {
      // As typed: between them, --json and its file must stay together.
      const given = process.argv.slice(process.argv.indexOf('bench') + 1);
      const child = spawn(process.execPath, [BENCH, ...given], { stdio: 'inherit' });
      const [status] = (await once(child, 'exit')) as [number | null];
      if (status !== 0)
        throw new CliError('no', 'bench-failed', `bench/run.ts ended with ${status ?? 'a signal'}.`);
    },
  });
  command.allowUnknownOption();
}
