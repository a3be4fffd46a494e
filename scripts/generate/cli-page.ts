import type { Argument, Command, Option } from 'commander';
import { examplesOf } from '../../src/cli/command.ts';
import { EXIT } from '../../src/cli/exit.ts';
import { buildProgram } from '../../src/cli/program.ts';

/** docs/cli.md: every command of `kist`, and how it exits. */
export async function renderCliPage(): Promise<string> {
  const program = await buildProgram({ context: null, exit: 'ok' });
  const exits = Object.values(EXIT).map(({ status, meaning }) => `| ${status} | ${meaning} |`);
  return `# The command line

Generated from src/cli by \`npm run generate\`; do not edit. In this folder write \`npm run -s kist -- …\`.

\`kist\` works on the database itself: \`DATABASE_URL\`, or the embedded Postgres under \`KIST_DATA\`, which it joins
where it runs and else starts for as long as the command takes. Every command has \`--help\` and \`--json\`: the answer
as JSON on standard output, errors as JSON on standard error. Those about one tenant have \`--tenant\`, which may be
left out where there is only one. Whatever changes something leaves a row in the audit trail, in the name of the
operating system's user.

## Exit codes

| code | meaning |
|---|---|
${exits.join('\n')}

Errors are one line, \`code: message\`, and indented lines with what is wrong where.
${program.commands.map((command) => renderCommand(command, 'kist')).join('')}`;
}

function renderCommand(command: Command, parent: string): string {
  const path = `${parent} ${command.name()}`;
  if (command.commands.length > 0) {
    const children = command.commands.map((child) => renderCommand(child, path)).join('');
    return `\n## \`${path}\`\n\n${command.description()}.\n${children}`;
  }
  const given = command.registeredArguments.map((argument) => ` ${argumentText(argument)}`).join('');
  const options = command.options.filter((option) => !['--json', '--tenant'].includes(option.long ?? ''));
  return `
${parent === 'kist' ? '##' : '###'} \`${path}${given}\`

${command.description()}.

\`\`\`sh
${(examplesOf.get(command) ?? []).join('\n')}
\`\`\`
${options.length > 0 ? `\n${options.map(renderOption).join('\n')}\n` : ''}`;
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function renderOption({ flags, description, argChoices, defaultValue, mandatory }: Option): string {
  const notes = [
    ...(argChoices ? [argChoices.join(', ')] : []),
    ...(defaultValue === undefined ? [] : [`default ${defaultValue}`]),
    ...(mandatory && defaultValue === undefined ? ['required'] : []),
  ];
  return `- \`${flags}\`: ${description}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}
