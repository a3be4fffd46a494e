import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';

interface Stored {
  id: string;
}

const RECORDS_MAX = 2_000_000;
/** A file that has more than so many lines a record is written anew when it is opened. */
const LINES_PER_RECORD_MAX = 4;

type Change = [table: string, change: Stored | string];

/**
 * A simulator's memory: tables of records by id. Where there is a file, what changes together is one JSON line at
 * its end, written before the caller is answered: whoever kills the process loses nothing, and nothing is half
 * done.
 */
export class Store {
  readonly #records = new Map<string, Map<string, Stored>>();
  #file: number | null = null;
  #together: Change[] | null = null;

  /** @throws Error where the file is not one of a sandbox's */
  constructor(file?: string) {
    if (file === undefined) return;
    const lines = existsSync(file) ? this.#read(file) : 0;
    const records = [...this.#records.values()].reduce((sum, { size }) => sum + size, 0);
    if (lines > records * LINES_PER_RECORD_MAX) this.#rewrite(file);
    this.#file = openSync(file, 'a');
  }

  table<Record extends Stored>(name: string): Table<Record> {
    const records = this.#recordsOf(name) as Map<string, Record>;
    return {
      get: (id) => records.get(id),
      values: () => records.values(),
      get size() {
        return records.size;
      },
      put: (record) => {
        if (records.size >= RECORDS_MAX && !records.has(record.id)) throw new Error(`No room for a ${name}.`);
        records.set(record.id, record);
        this.#write([name, record]);
      },
      remove: (id) => {
        if (records.delete(id)) this.#write([name, id]);
      },
    };
  }

  /** All that `act` changes is one line of the file. */
  atomically<Result>(act: () => Result): Result {
    if (this.#file === null || this.#together) return act();
    const changes: Change[] = [];
    this.#together = changes;
    try {
      return act();
    } finally {
      this.#together = null;
      if (changes.length > 0) this.#append(changes);
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #recordsOf(name: string): Map<string, Stored> {
    const records = this.#records.get(name) ?? new Map<string, Stored>();
    this.#records.set(name, records);
    return records;
  }

  #write(change: Change): void {
    if (this.#together) this.#together.push(change);
    else if (this.#file !== null) this.#append([change]);
  }

  #append(changes: readonly Change[]): void {
    writeSync(this.#file!, `${JSON.stringify(changes)}\n`);
  }

  /** @returns the number of lines */
  #read(file: string): number {
    const lines = readFileSync(file, 'utf8').split('\n');
    // What comes after the last line end is a line that a crash cut off: its change was never answered for.
    const torn = lines.pop();
    for (const [index, line] of lines.entries()) {
      for (const [name, change] of parsed(line, `${file}:${index + 1}`)) {
        if (typeof change === 'string') this.#recordsOf(name).delete(change);
        else this.#recordsOf(name).set(change.id, change);
      }
    }
    if (torn) this.#rewrite(file);
    return lines.length;
  }

  #rewrite(file: string): void {
    const lines = [...this.#records].flatMap(([name, records]) =>
      [...records.values()].map((record) => `${JSON.stringify([[name, record]])}\n`),
    );
    writeFileSync(`${file}.new`, lines.join(''));
    renameSync(`${file}.new`, file);
  }
}

export interface Table<Record extends Stored> {
  readonly size: number;
  get(id: string): Record | undefined;
  values(): IterableIterator<Record>;
  put(record: Record): void;
  remove(id: string): void;
}

function parsed(line: string, place: string): Change[] {
  try {
    const changes = JSON.parse(line);
    if (Array.isArray(changes) && changes.every(isChange)) return changes;
  } catch {}
  throw new Error(`${place} is not a line of a sandbox.`);
}

function isChange(change: unknown): change is Change {
  if (!Array.isArray(change)) return false;
  const [name, record] = change;
  return typeof name === 'string' && (typeof record === 'string' || typeof record?.id === 'string');
}
