import type { Command } from 'commander';
import { expect, test, vi } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const NOBODY = 'postgres://kist@127.0.0.1:1/kist';
const { kist } = terminalOn(NOBODY);

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

const program = await buildProgram({ context: null, exit: 'ok' });
const commands = leaves(program).filter((command) => command.name() !== 'help');

test.each(commands.map((command) => [`${command.parent!.name()} ${command.name()}`, command] as const))(
  '%s has help with an example, and --json',
  (_name, command) => {
    const help = helpOf(command);
    expect(help).toMatch(/Examples:\n {2}\$ .*kist/);
    expect(help).toContain('--json');
    expect(command.description().length).toBeGreaterThan(10);
  },
);

test('help tells the exit codes, and asks no database', async () => {
  const { status, stdout, stderr } = await kist('--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('Exit codes:\n    0  done\n    1  the answer is no');
});

test.each([
  [['job', 'lst'], "usage: unknown command 'lst'\n(Did you mean list?)\n  Help: kist job --help\n"],
  [['job', 'show'], "usage: missing required argument 'id'\n  Help: kist job show --help\n"],
  [['job', 'show', '17'], 'wrong-input: Not an id: 17\n'],
  [['job', 'list', '--limit', '0'], 'wrong-input: --limit <n>: a whole number from 1 to 200.\n'],
  [['enqueue', 'wallet.deposit', '{'], /^wrong-input: The payload is not JSON: /],
  [
    ['enqueue', 'wallet.steal'],
    'wrong-input: There is no job kind wallet.steal that may be asked for.\n  See docs/jobs.md.\n',
  ],
  [['dead', 'redrive'], 'wrong-input: Give ids, or --all.\n'],
  [['switch', 'set', 'wallet.transfer'], /^usage: required option '--reason <text>' not specified\n/],
] as const)('wrong usage exits with 2 and says why: %j', async (args, said) => {
  const { status, stdout, stderr } = await kist(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  if (said instanceof RegExp) expect(stderr).toMatch(said);
  else expect(stderr).toBe(said);
});

test('with --json errors are JSON as well', async () => {
  const { status, stdout, stderr } = await kist('job', 'show', '17', '--json');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(JSON.parse(stderr)).toEqual({ code: 'wrong-input', message: 'Not an id: 17' });
});

test('a database that does not answer is exit 3', async () => {
  const { status, stderr } = await kist('tenant', 'list');
  expect({ status, stderr }).toEqual({
    status: 3,
    stderr: 'database-unreachable: connect ECONNREFUSED 127.0.0.1:1\n',
  });
});

test('a setting that does not exist is exit 2', async () => {
  const { status, stderr } = await terminalOn(NOBODY, { KIST_PROT: '80' }).kist('tenant', 'list');
  expect(status).toBe(2);
  expect(stderr).toContain('KIST_PROT: no such setting; did you mean KIST_PORT?');
});
