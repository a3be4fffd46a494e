#!/usr/bin/env -S node --max-semi-space-size=8
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Command, CommanderError } from 'commander';
import type { Shell } from './command.ts';
import { asCliError, CliError, EXIT } from './exit.ts';
import { Output } from './output.ts';
import { buildProgram } from './program.ts';

// What was compiled before need not be compiled again: half of what a short command takes.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/kist', import.meta.url)));
const shell: Shell = { context: null, exit: 'ok' };
const program = await buildProgram(shell, process.argv[2]);
const output = new Output(process.argv.includes('--json'));

try {
  await Promise.race([program.parseAsync(), interruption()]);
} catch (thrown) {
  const error = thrown instanceof CommanderError ? usageError(thrown) : asCliError(thrown);
  if (error) output.error(error);
  shell.exit = error?.exit ?? 'ok';
}
await shell.context?.close();
process.exit(EXIT[shell.exit].status);

/** What Commander found wrong; null where it only printed the help or the version that was asked for. */
function usageError(thrown: CommanderError): CliError | null {
  if (thrown.exitCode === 0) return null;
  const message = thrown.code === 'commander.help' ? 'Say which command.' : thrown.message;
  const details = [`Help: ${nearestCommand(program, process.argv.slice(2))} --help`];
  return new CliError('usage', 'usage', message.replace(/^error: /, ''), details);
}

/** The command that was meant, as far as its name was right. */
function nearestCommand(command: Command, [word, ...rest]: string[]): string {
  const next = command.commands.find((each) => each.name() === word);
  return next ? `${command.name()} ${nearestCommand(next, rest)}` : command.name();
}

/** The first Ctrl-C closes what is open and ends; a second one ends at once. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(EXIT.interrupted.status));
        reject(new CliError('interrupted', 'interrupted', `Ended by ${signal}.`));
      });
    }
  });
}
