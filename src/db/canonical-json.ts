/** Deeper payloads are refused: no honest request needs more, and recursion must end. */
const DEPTH_MAX = 32;

/** A text that Postgres cannot store, or a value that JSON cannot carry. */
export class UnstorableValue extends Error {
  /** JSON pointer of it. */
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
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > DEPTH_MAX) throw unstorable(`nested deeper than ${DEPTH_MAX}`);
  if (typeof value === 'string') return canonicalText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unstorable('not a finite number');
    return JSON.stringify(value);
  }
  if (typeof value !== 'object') throw unstorable(`a ${typeof value} is not JSON`);
  return Array.isArray(value) ? canonicalList(value, depth) : canonicalObject(value, depth);
}

function canonicalList(items: readonly unknown[], depth: number): string {
  return `[${items.map((item, index) => within(index, () => canonicalJson(item, depth + 1))).join(',')}]`;
}

function canonicalObject(value: object, depth: number): string {
  let members = '';
  for (const name of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const separator = members === '' ? '' : ',';
    members += within(name, () => `${separator}${canonicalText(name)}:${canonicalJson(member, depth + 1)}`);
  }
  return `{${members}}`;
}

/** Says where a value is only once it is refused: to have the pointer of every value ready took longer than all else. */
function within(name: string | number, write: () => string): string {
  try {
    return write();
  } catch (error) {
    throw error instanceof UnstorableValue
      ? new UnstorableValue(`/${name}${error.pointer}`, error.message)
      : error;
  }
}

const unstorable = (message: string) => new UnstorableValue('', message);

/** Stands in JSON as it is. */
const PLAIN_TEXT = /^[\x20\x21\x23-\x5b\x5d-\ud7ff\ue000-\uffff]*$/;

function canonicalText(text: string): string {
  if (PLAIN_TEXT.test(text)) return `"${text}"`;
  if (text.includes('\0')) throw unstorable('contains a NUL character');
  if (!text.isWellFormed()) throw unstorable('contains half a surrogate pair');
  return JSON.stringify(text);
}
