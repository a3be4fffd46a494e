import { styleText } from 'node:util';
import type { CliError } from './exit.ts';

export interface Column<Row> {
  title: string;
  /** Numbers and amounts stand on the right. */
  align?: 'right';
  text: (row: Row) => string | number | bigint | null | undefined;
}

const CELL_CHARACTERS_MAX = 80;

/** What a command says: its answer on stdout, everything else on stderr. */
export class Output {
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** The answer: the value as JSON with --json, else the text. */
  answer(value: unknown, text: () => string): void {
    const line = this.json ? JSON.stringify(value, jsonValue) : text();
    if (line !== '') process.stdout.write(line.endsWith('\n') ? line : `${line}\n`);
  }

  /** Something by the way; not said with --json. */
  note(text: string): void {
    if (!this.json) process.stderr.write(`${text}\n`);
  }

  error(error: CliError): void {
    const { code, message, details } = error;
    if (this.json) {
      process.stderr.write(
        `${JSON.stringify({ code, message, ...(details.length > 0 ? { details } : {}) })}\n`,
      );
      return;
    }
    const lines = [`${code}: ${message}`, ...details.map((detail) => `  ${detail.trim()}`)];
    process.stderr.write(`${lines.join('\n')}\n`);
  }
}

/** bigint has no form in JSON; as text it loses nothing. */
function jsonValue(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** Rows under titles, columns aligned; `empty` where there are none. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): string {
  if (rows.length === 0) return empty;
  const cells = rows.map((row) => columns.map((column) => oneLine(column.text(row))));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => row[index]!.length)),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) =>
        columns[index]!.align === 'right' ? text.padStart(widths[index]!) : text.padEnd(widths[index]!),
      )
      .join('  ')
      .trimEnd();
  return [faint(line(columns.map(({ title }) => title))), ...cells.map(line)].join('\n');
}

/** Names and values below each other; those without a value left out. */
export function facts(pairs: readonly (readonly [string, unknown])[]): string {
  const given = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${faint(name.padEnd(width))}  ${show(value)}`).join('\n');
}

/** An instant to the second, in UTC. */
export function instant(at: Date | null): string {
  return at === null
    ? ''
    : at
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z');
}

export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

function show(value: unknown): string {
  if (value instanceof Date) return instant(value);
  return typeof value === 'object' ? JSON.stringify(value, jsonValue) : String(value);
}

function oneLine(value: string | number | bigint | null | undefined): string {
  const text = String(value ?? '').replace(/\s+/g, ' ');
  return text.length > CELL_CHARACTERS_MAX ? `${text.slice(0, CELL_CHARACTERS_MAX - 1)}…` : text;
}

function faint(text: string): string {
  return styleText('dim', text, { stream: process.stdout });
}
