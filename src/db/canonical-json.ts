/** Deeper payloads are refused: no honest request needs more, and recursion must end. */
const DEPTH_MAX = 32;

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
