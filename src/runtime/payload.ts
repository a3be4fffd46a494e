import { hash } from 'node:crypto';
import type { z } from 'zod';
import type { JobDefinition } from './definition.ts';
import { Refuse, Snooze } from './outcomes.ts';

const NEWER_RELEASE_WAIT_MS = 10_000;

export interface Issue {
  /** JSON pointer of the field. */
  pointer: string;
  message: string;
}

/** SHA-256 of a payload's canonical JSON, in hex. */
export function fingerprintOf(canonical: string): string {
  return hash('sha256', canonical, 'hex');
}

export function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.flatMap((issue) => {
    const names =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return names.map((path) => ({
      pointer: path.length === 0 ? '' : `/${path.map(String).join('/')}`,
      message: issue.code === 'unrecognized_keys' ? 'unknown field' : issue.message,
    }));
  });
}

/**
 * Brings a stored payload to the version this release works with and parses it.
 * @throws Refuse when it does not fit the schema, Snooze when a newer release wrote it
 */
export function readPayload(definition: JobDefinition, version: number, stored: unknown): unknown {
  const current = definition.version ?? 1;
  if (version > current) {
    throw new Snooze(
      'newer-payload',
      `Written at version ${version}; this worker knows ${current}.`,
      NEWER_RELEASE_WAIT_MS,
    );
  }
  let payload = stored;
  for (let from = version; from < current; from += 1) payload = definition.upcast![from]!(payload as never);
  const parsed = definition.payload.safeParse(payload);
  if (parsed.success) return parsed.data;
  const [first] = issuesOf(parsed.error);
  throw new Refuse('invalid-payload', `${first!.pointer || 'payload'}: ${first!.message}`);
}
