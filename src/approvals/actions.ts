import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Action } from './define.ts';

/** Every action, by its name: the files of this folder that are named `noun.verb.ts`. */
export const ACTIONS: ReadonlyMap<string, Action> = await loadActions(import.meta.dirname);

/** @throws Error naming the file whose action is not the one it is named after. */
async function loadActions(folder: string): Promise<Map<string, Action>> {
  const actions = new Map<string, Action>();
  for (const file of (await readdir(folder)).filter((name) => /^[\w-]+\.[\w-]+\.ts$/.test(name)).sort()) {
    const { default: action } = await import(pathToFileURL(path.join(folder, file)).href);
    if (`${action?.action}.ts` !== file) throw new Error(`${file} defines no action of its name.`);
    actions.set(action.action, action);
  }
  return actions;
}
