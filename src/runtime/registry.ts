import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JobDefinition, RetryPolicy, ScheduleDefinition } from './definition.ts';

const DEFAULT_RETRY: RetryPolicy = { attempts: 5, backoff_ms: 500, backoff_ms_max: 60_000 };
const DEFAULT_TIMEOUT_MS = 30_000;

/** Every job kind and schedule of this release. */
export class Registry {
  readonly kinds: ReadonlyMap<string, JobDefinition>;
  readonly schedules: readonly ScheduleDefinition[];

  /** @throws Error naming the first definition that is wrong. */
  constructor(definitions: JobDefinition[], schedules: ScheduleDefinition[] = []) {
    const kinds = new Map<string, JobDefinition>();
    for (const definition of definitions) {
      check(definition);
      if (kinds.has(definition.kind)) throw new Error(`Two jobs are called ${definition.kind}.`);
      kinds.set(definition.kind, definition);
    }
    for (const schedule of schedules) {
      if (!kinds.has(schedule.kind))
        throw new Error(`Schedule ${schedule.name} names no job kind: ${schedule.kind}.`);
    }
    this.kinds = kinds;
    this.schedules = schedules;
  }

  get(kind: string): JobDefinition | undefined {
    return this.kinds.get(kind);
  }

  queues(): string[] {
    return [...new Set([...this.kinds.values()].map((definition) => definition.queue))].sort();
  }
}

/**
 * Reads a folder in which each file default-exports one job definition, and may export its `schedule`.
 * Files that export neither (shared pieces) are passed over.
 */
export async function loadJobs(folder: string): Promise<Registry> {
  const definitions: JobDefinition[] = [];
  const schedules: ScheduleDefinition[] = [];
  const files = (await readdir(folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort();
  for (const file of files) {
    const module = await import(pathToFileURL(path.resolve(folder, file)).href);
    if (module.default?.kind) definitions.push(module.default);
    if (module.schedule) schedules.push(module.schedule);
  }
  return new Registry(definitions, schedules);
}

export function retryPolicy(definition: JobDefinition): RetryPolicy {
  return { ...DEFAULT_RETRY, ...definition.retry };
}

export function timeoutOf(definition: JobDefinition): number {
  return definition.timeout_ms ?? DEFAULT_TIMEOUT_MS;
}

function check(definition: JobDefinition): void {
  const { kind, queue, version = 1, upcast = {} } = definition;
  if (!/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/.test(kind))
    throw new Error(`Job kind ${kind}: write noun.verb in kebab-case.`);
  if (!/^[a-z][a-z0-9-]*$/.test(queue) || queue.endsWith('-dead'))
    throw new Error(`Job ${kind}: bad queue name ${queue}.`);
  for (let from = 1; from < version; from += 1) {
    if (!upcast[from])
      throw new Error(`Job ${kind} is at version ${version} but has no up-caster from ${from}.`);
  }
}
