import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Option } from 'commander';
import { wrongInput } from './exit.ts';

/** JSON as given, from `@FILE`, or `-`: from standard input. */
export async function readPayload(given: string | undefined): Promise<unknown> {
  const source = given ?? '{}';
  const content =
    source === '-'
      ? await text(process.stdin)
      : source.startsWith('@')
        ? await readText(source.slice(1))
        : source;
  try {
    return JSON.parse(content);
  } catch (error) {
    throw wrongInput(`The payload is not JSON: ${(error as Error).message}`);
  }
}

export function jsonFrom(what: string): Option {
  return new Option('--from <file>', `file that holds ${what}; -: standard input`);
}

/** Of a file, or of standard input (`-`). */
export function readJson(from: string): Promise<unknown> {
  return readPayload(from === '-' ? from : `@${from}`);
}

/** Secrets come from a file or standard input: what is on the command line, everybody on the machine can read. */
export function secretsFrom(what: string): Option {
  return jsonFrom(what).makeOptionMandatory();
}

export function readSecrets(from: string): Promise<string> {
  return from === '-' ? text(process.stdin) : readText(from);
}

/** @throws CliError without the parser's own message, which would repeat a part of what it read */
export async function readSecretJson(from: string): Promise<unknown> {
  const content = await readSecrets(from);
  try {
    return JSON.parse(content);
  } catch {
    throw wrongInput('What was read is not JSON.');
  }
}

/** @throws CliError where the file cannot be read */
export async function readText(file: string): Promise<string> {
  return (await readBytes(file)).toString();
}

/** @throws CliError where the file cannot be read */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw wrongInput(`Cannot read ${file}: ${(error as Error).message}`);
  }
}
