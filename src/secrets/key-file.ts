import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The text of a key's file, made on first use. A key that was put there by others, in a folder that may be
 * read-only, is taken as it is.
 */
export async function readOrMakeKey(
  file: string,
  make: () => string | Buffer,
): Promise<{ text: string; made: boolean }> {
  try {
    return { text: await readFile(file, 'utf8'), made: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeNew(file, make(), 0o600);
  return { text: await readFile(file, 'utf8'), made: true };
}

/** Writes the file unless it is there, whole or not at all: of processes that start together, one makes the key. */
export async function writeNew(file: string, content: string | Buffer, mode: number): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content, { flag: 'wx', mode });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}
