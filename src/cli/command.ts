import { type Command, Option } from 'commander';
import type { Context, GlobalOptions } from './context.ts';
import { type Exit, wrongInput } from './exit.ts';

/** The part of the program that is running: what main closes, and how it exits. */
export interface Shell {
  context: Context | null;
  exit: Exit;
}

/** What is said of every command. */
interface CommandText {
  summary: string;
  /** Whole command lines; every command shows at least one. */
  examples: [string, ...string[]];
  options?: Option[];
}

export interface CommandSpec<Options> extends CommandText {
  /** False where no tenant is meant: the command has no --tenant. */
  tenant?: false;
  /** Says how to exit where not with 0. */
  run(context: Context, options: Options, ...args: string[]): Promise<Exit> | Promise<void>;
}

export interface PlainCommandSpec<Options> extends CommandText {
  /** Says how to exit where not with 0. */
  run(options: Options): Promise<Exit> | Promise<void>;
}

/** The examples of each command, for its page in docs. */
export const examplesOf = new WeakMap<Command, readonly string[]>();

/** Adds a command; `usage` is its name and arguments, as in `show <id>`. */
export function addCommand<Options = object>(
  parent: Command,
  shell: Shell,
  usage: string,
  spec: CommandSpec<Options>,
): Command {
  const command = describeCommand(parent, usage, spec);
  if (spec.tenant !== false) {
    command.option('--tenant <id>', 'the tenant meant; may be left out where there is only one');
  }
  command.option('--json', 'the answer as JSON on stdout, errors as JSON on stderr');
  return command.action(async () => {
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    const { Context } = await import('./context.ts');
    shell.context = new Context(options);
    const args = command.processedArgs.flat() as string[];
    shell.exit = (await spec.run(shell.context, options, ...args)) ?? 'ok';
  });
}

/** Adds a command that needs nothing of this installation: no settings, no database. */
export function addPlainCommand<Options = object>(
  parent: Command,
  shell: Shell,
  usage: string,
  spec: PlainCommandSpec<Options>,
): Command {
  const command = describeCommand(parent, usage, spec);
  command.option('--json', 'errors as JSON on stderr; the answers are JSON anyway');
  return command.action(async () => {
    shell.exit = (await spec.run(command.optsWithGlobals() as Options)) ?? 'ok';
  });
}

function describeCommand(parent: Command, usage: string, { summary, examples, options = [] }: CommandText) {
  const command = parent.command(usage).description(summary);
  for (const option of options) command.addOption(option);
  examplesOf.set(command, examples);
  return command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);
}

/** Adds a group of commands, such as `kist job …`. */
export function addGroup(parent: Command, name: string, summary: string): Command {
  return parent.command(name).description(summary);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws CliError where the text is no id */
export function checkId(text: string): string {
  if (!UUID.test(text)) throw wrongInput(`Not an id: ${text}`);
  return text.toLowerCase();
}

/** An option that takes a whole number. */
export function numberOption(flags: string, description: string, min: number, max: number): Option {
  return new Option(flags, `${description} (${min} … ${max})`).argParser((text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= min && number <= max))
      throw wrongInput(`${flags}: a whole number from ${min} to ${max}.`);
    return number;
  });
}

const DURATION_UNITS_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** An option that takes a duration, `500ms`, `10s`, `5m` or `2h`, and gives ms. */
export function durationOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const [, number, unit] = /^(\d{1,7})(ms|s|m|h)$/.exec(text) ?? [];
    if (!number || !unit) throw wrongInput(`${flags}: write 500ms, 10s, 5m or 2h, not ${text}.`);
    return Number(number) * DURATION_UNITS_MS[unit]!;
  });
}

/** An option that takes an instant in ISO 8601. */
export function instantOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const instant = new Date(text);
    if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(instant.getTime())) {
      throw wrongInput(`${flags}: an instant such as 2026-01-31T18:30:00+05:30, not ${text}.`);
    }
    return instant;
  });
}

/** An option that takes a calendar day. */
export function dateOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const instant = new Date(`${text}T00:00:00Z`);
    if (Number.isNaN(instant.getTime()) || instant.toISOString().slice(0, 10) !== text) {
      throw wrongInput(`${flags}: a date such as 2026-01-31, not ${text}.`);
    }
    return text;
  });
}
