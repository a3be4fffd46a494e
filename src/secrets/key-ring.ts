import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { readOrMakeKey } from './key-file.ts';

export const KEY_ID_BYTES = 4;
const KEY_BYTES = 32;

export interface Key {
  id: Buffer;
  key: Buffer;
}

/** The keys that secrets are sealed with: the first one seals, all of them open. */
export interface KeyRing {
  /** Where they come from, for errors. */
  readonly name: string;
  keys(): readonly Key[];
}

/** @param text keys in base64, between spaces, commas or line ends @throws Error where one is not of 32 bytes */
export function keyRingOf(text: string, name: string): KeyRing {
  const keys = keysIn(text, name);
  return { name, keys: () => keys };
}

/**
 * The keys in a file, one a line, made on first use. All processes share it; without it the secrets in the database
 * are lost. It is read again once it has changed: a key that `kist secrets rotate` adds is known to every process
 * before a secret is sealed with it.
 */
export async function keyRingIn(file: string): Promise<KeyRing> {
  const { text } = await readOrMakeKey(file, newLine);
  let keys = keysIn(text, file);
  let changed_at_ms = changedAt(file);
  return {
    name: file,
    keys: () => {
      const now_ms = changedAt(file);
      if (now_ms !== undefined && now_ms !== changed_at_ms) {
        keys = keysIn(readFileSync(file, 'utf8'), file);
        changed_at_ms = now_ms;
      }
      return keys;
    },
  };
}

/** Puts a new key before those of the file. Whoever reads it meanwhile sees the file before or after, never half. */
export async function addKey(file: string): Promise<void> {
  await replace(file, newLine() + (await readFile(file, 'utf8')));
}

/** Leaves the first key alone in the file. @returns how many others there were */
export async function forgetFormerKeys(file: string): Promise<number> {
  const [first, ...others] = linesOf(await readFile(file, 'utf8'));
  if (others.length > 0) await replace(file, `${first}\n`);
  return others.length;
}

async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
  await rename(draft, file);
}

function newLine(): string {
  return `${randomBytes(KEY_BYTES).toString('base64')}\n`;
}

/** A file taken away from a process that runs is not read again: what it knows it goes on with. */
function changedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function linesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function keysIn(text: string, name: string): Key[] {
  const keys = linesOf(text).map((base64) => {
    const key = Buffer.from(base64, 'base64');
    return { id: createHash('sha256').update(key).digest().subarray(0, KEY_ID_BYTES), key };
  });
  if (keys.length === 0 || keys.some(({ key }) => key.length !== KEY_BYTES)) {
    throw new Error(`${name} must hold keys of ${KEY_BYTES} bytes, in base64, one a line.`);
  }
  return keys;
}
