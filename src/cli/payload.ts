import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
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

/** @throws CliError where the file cannot be read */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw wrongInput(`Cannot read ${file}: ${(error as Error).message}`);
  }
}
