import { hash } from 'node:crypto';
import type { z } from 'zod';
import type { JobDefinition } from './definition.ts';
import { Refuse, Snooze } from './outcomes.ts';

/** Deeper payloads are refused: no honest request needs more, and recursion must end. */
const DEPTH_MAX = 32;
const NEWER_RELEASE_WAIT_MS = 10_000;

export interface Issue {
  /** JSON pointer of the field. */
  pointer: string;
  message: string;
}

/** A text that Postgres cannot store, or a value that JSON cannot carry. */
export class UnstorableValue extends Error {
  readonly pointer: string;

  constructor(pointer: string, message: string) {
    super(message);
    this.pointer = pointer;
  }
}

/**
 * JSON with sorted keys, so that two spellings of one payload have one fingerprint.
 * @throws UnstorableValue for NUL characters, lone surrogates, non-finite numbers and too deep nesting
 */
export function canonicalJson(value: unknown, pointer = '', depth = 0): string {
  if (depth > DEPTH_MAX) throw new UnstorableValue(pointer, `nested deeper than ${DEPTH_MAX}`);
  if (typeof value === 'string') return canonicalText(value, pointer);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new UnstorableValue(pointer, 'not a finite number');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => canonicalJson(item, `${pointer}/${index}`, depth + 1)).join(',')}]`;
  }
  if (typeof value !== 'object') throw new UnstorableValue(pointer, `a ${typeof value} is not JSON`);
  const members: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const place = `${pointer}/${name}`;
    members.push(`${canonicalText(name, place)}:${canonicalJson(member, place, depth + 1)}`);
  }
  return `{${members.join(',')}}`;
}

function canonicalText(text: string, pointer: string): string {
  if (text.includes('\0')) throw new UnstorableValue(pointer, 'contains a NUL character');
  if (!text.isWellFormed()) throw new UnstorableValue(pointer, 'contains half a surrogate pair');
  return JSON.stringify(text);
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
