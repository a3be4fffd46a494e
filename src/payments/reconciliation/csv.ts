import type { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { ReconciliationError } from './errors.ts';
import { aboutOf, type BankLine, type GatewayLine, type StatementKind, type StatementLine } from './lines.ts';

/** Told of one file at most: whoever mends the first twenty finds the rest the same way. */
const ISSUES_MAX = 20;
const BATCH_LINES = 1_000;
const CELL_LENGTH_MAX = 500;

type Read = (cell: string) => string | null;

class BadCell extends Error {}

function cell(pattern: RegExp, must: string, whenEmpty?: string | null): Read {
  return (text) => {
    if (text === '' && whenEmpty !== undefined) return whenEmpty;
    if (!pattern.test(text)) throw new BadCell(`${must}, not "${text.slice(0, 60)}"`);
    return text;
  };
}

const AMOUNT = /^\d{1,15}(\.\d{1,2})?$/;
const amount = cell(AMOUNT, 'must be an amount such as 1250.50', '0');
const balance = cell(/^-?\d{1,15}(\.\d{1,2})?$/, 'must be an amount such as 1250.50', null);
const currency = cell(/^[A-Z]{3}$/, 'must be a currency code such as INR');
const maybeCurrency = cell(/^[A-Z]{3}$/, 'must be a currency code such as INR', null);
const id = cell(/^[\w.:-]{1,100}$/, 'must be an id');
const maybeId = cell(/^[\w.:-]{1,100}$/, 'must be an id', null);
const reference = cell(/^[\w./-]{1,60}$/, 'must be a UTR', null);
const status = cell(/^[\w-]{1,40}$/, 'must be a word', null);
const description = cell(new RegExp(`^[^\\0]{0,${CELL_LENGTH_MAX}}$`, 's'), 'must be a text', '');
const lineKind = cell(
  /^(payment|refund|payout|reversal|adjustment|transfer|other)$/,
  'must be payment, refund, payout, reversal, adjustment, transfer or other',
);

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const INSTANT =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/;

function day(text: string): string {
  if (!DATE.test(text) || !sameDay(text))
    throw new BadCell(`must be a day such as 2026-01-31, not "${text.slice(0, 60)}"`);
  return text;
}

/** The calendar has no 31 February; a file has few different days, so each is looked at once. */
const known = new Map<string, boolean>();
const DAYS_KNOWN_MAX = 10_000;

function sameDay(text: string): boolean {
  const before = known.get(text);
  if (before !== undefined) return before;
  const time = Date.parse(`${text}T00:00:00Z`);
  const same = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
  if (known.size < DAYS_KNOWN_MAX) known.set(text, same);
  return same;
}

/** ISO 8601 with its zone, or seconds since 1970 as gateways write them. */
function instant(text: string): string {
  if (/^\d{9,10}$/.test(text)) return new Date(Number(text) * 1_000).toISOString();
  if (!INSTANT.test(text) || Number.isNaN(Date.parse(text)) || !sameDay(text.slice(0, 10))) {
    throw new BadCell(`must be an instant such as 2026-01-31T18:30:00+05:30, not "${text.slice(0, 60)}"`);
  }
  return text;
}

const maybeInstant: Read = (text) => (text === '' ? null : instant(text));

/** Columns by name; those of `optional` may be left out of a file. Others that a file has are not read. */
interface Shape {
  columns: Record<string, Read>;
  optional: readonly string[];
  line(cells: Record<string, string | null>): StatementLine;
}

const GATEWAY_COLUMNS = {
  ...{ entity_id: id, type: lineKind, debit: amount, credit: amount, amount, currency },
  ...{ fee: amount, tax: amount, created_at: instant, status, description },
};

function gatewayLine(cells: Record<string, string | null>, of: Partial<GatewayLine>, parent: string | null) {
  const kind = cells.type as GatewayLine['kind'];
  const entity = cells.entity_id!;
  return {
    ...{ entity, kind, about: aboutOf({ kind, entity, parent }) },
    ...{ debit: cells.debit!, credit: cells.credit!, amount: cells.amount!, currency: cells.currency! },
    ...{ fee: cells.fee!, tax: cells.tax!, status: cells.status ?? null, happened_at: cells.created_at! },
    ...{ settlement: null, utr: null, settled_at: null, balance: null, description: cells.description ?? '' },
    ...of,
  } satisfies GatewayLine;
}

const SHAPES: Record<StatementKind, Shape> = {
  bank: {
    columns: {
      ...{ value_on: day, utr: reference, description, debit: amount, credit: amount },
      ...{ currency: maybeCurrency, balance },
    },
    optional: ['balance', 'currency'],
    line: (cells): BankLine => ({
      ...{ on_date: cells.value_on!, utr: cells.utr ?? null, description: cells.description! },
      ...{ debit: cells.debit!, credit: cells.credit!, currency: cells.currency ?? null },
      balance: cells.balance ?? null,
    }),
  },
  settlement: {
    columns: {
      ...GATEWAY_COLUMNS,
      ...{ settled_at: maybeInstant, settlement_id: maybeId, settlement_utr: reference },
    },
    optional: ['status', 'description'],
    line: (cells) =>
      gatewayLine(
        cells,
        {
          ...{ settlement: cells.settlement_id ?? null, utr: cells.settlement_utr ?? null },
          settled_at: cells.settled_at ?? null,
        },
        null,
      ),
  },
  account: {
    columns: { ...GATEWAY_COLUMNS, payout_id: maybeId, utr: reference, balance },
    optional: ['status', 'description', 'payout_id'],
    line: (cells) =>
      gatewayLine(cells, { utr: cells.utr ?? null, balance: cells.balance ?? null }, cells.payout_id ?? null),
  },
};

/** The column that only one kind of statement has. */
const TELLTALE: Record<string, StatementKind> = {
  value_on: 'bank',
  settlement_id: 'settlement',
  balance: 'account',
};

/** What banks call these columns as well. */
const ALSO_CALLED: Record<string, string> = {
  value_date: 'value_on',
  reference: 'utr',
  narration: 'description',
};

/** `Value Date` is `value_on`. */
function columnNamed(title: string): string {
  const name = title.trim().toLowerCase().replaceAll(' ', '_');
  return ALSO_CALLED[name] ?? name;
}

/** Which statement has these columns; null where none has. */
export function kindOfHeader(header: readonly string[]): StatementKind | null {
  const told = Object.keys(TELLTALE).find((name) => header.includes(name));
  return told === undefined ? null : TELLTALE[told]!;
}

/**
 * Reads a statement, CSV with a header, a few thousand lines at a time: memory does not grow with it.
 * @param kind as the header says where it is null
 * @throws ReconciliationError naming the lines and columns that cannot be read, once all lines were looked at
 */
export async function* readStatement(
  content: Readable,
  given: StatementKind | null,
): AsyncGenerator<{ kind: StatementKind; lines: StatementLine[] }> {
  const records = content.pipe(parse({ bom: true, skip_empty_lines: true, max_record_size: 100_000 }));
  content.on('error', (error) => records.destroy(error));
  const issues: string[] = [];
  let shape: { kind: StatementKind; read: Reader } | null = null;
  let lines: StatementLine[] = [];
  let line = 0;
  try {
    for await (const record of records as AsyncIterable<string[]>) {
      line += 1;
      if (shape === null) {
        shape = readerOf(record, given);
        continue;
      }
      try {
        lines.push(shape.read(record));
      } catch (error) {
        if (!(error instanceof BadCell)) throw error;
        issues.push(`line ${line}, ${error.message}`);
        if (issues.length >= ISSUES_MAX) break;
      }
      if (lines.length < BATCH_LINES) continue;
      if (issues.length === 0) yield { kind: shape.kind, lines };
      lines = [];
    }
  } catch (error) {
    throw asBadStatement(error);
  }
  if (shape === null)
    throw new ReconciliationError('bad-statement', 'The statement is empty: it has no header.');
  if (issues.length > 0) throw badStatement(issues);
  yield { kind: shape.kind, lines };
}

type Reader = (record: readonly string[]) => StatementLine;

function readerOf(
  header: readonly string[],
  given: StatementKind | null,
): { kind: StatementKind; read: Reader } {
  const names = header.map(columnNamed);
  const kind = given ?? kindOfHeader(names);
  if (kind === null) {
    throw new ReconciliationError(
      'unknown-statement',
      `No statement has these columns: ${names.join(', ').slice(0, 200)}.`,
      Object.entries(SHAPES).map(([each, { columns }]) => `${each}: ${Object.keys(columns).join(', ')}`),
    );
  }
  const { columns, optional, line } = SHAPES[kind];
  const missing = Object.keys(columns).filter((name) => !names.includes(name) && !optional.includes(name));
  if (missing.length > 0) {
    throw new ReconciliationError(
      'bad-statement',
      `A ${kind} statement has columns that this one lacks: ${missing.join(', ')}.`,
    );
  }
  const places = Object.entries(columns)
    .map(([name, read]) => ({ name, read, place: names.indexOf(name) }))
    .filter(({ place }) => place >= 0);
  const read: Reader = (record) => {
    const cells: Record<string, string | null> = {};
    for (const { name, read, place } of places) {
      try {
        cells[name] = read(record[place]!);
      } catch (error) {
        if (error instanceof BadCell) throw new BadCell(`column ${name}: ${error.message}`);
        throw error;
      }
    }
    return line(cells);
  };
  return { kind, read };
}

function asBadStatement(error: unknown): unknown {
  const { code, message } = error as CsvError;
  return typeof code === 'string' && code.startsWith('CSV_') ? badStatement([message]) : error;
}

function badStatement(details: readonly string[]): ReconciliationError {
  const more = details.length >= ISSUES_MAX ? ' or more' : '';
  return new ReconciliationError(
    'bad-statement',
    `The statement cannot be read: ${details.length}${more} bad cells; nothing of it was loaded.`,
    details,
  );
}
