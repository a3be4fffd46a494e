import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { readStatement } from './csv.ts';
import { ReconciliationError } from './errors.ts';
import type { StatementKind, StatementLine } from './lines.ts';
import { addLines, beginLoad, finishLoad, type Load, type LoadView, loadOfContent } from './loads.ts';

const CHUNK_BYTES = 65_536;
const HEADER_BYTES_MAX = 4_096;
const SOURCE_LENGTH_MAX = 200;

export interface StatementFile {
  file: string;
  /** As its header says where it is left out. */
  kind?: StatementKind | undefined;
  /** Needed for what comes from a gateway. */
  gateway?: string | undefined;
  /** The day it is the statement of, where its lines alone do not show it: an empty day is one, too. */
  on?: IsoDate | undefined;
  loaded_by: string;
  now: Date;
  onProgress?(lines: number): void;
}

export interface FileLoad extends LoadView {
  /** False where the same content was read before. */
  fresh: boolean;
}

/**
 * Reads a file into the tenant's statement lines, and the same content once. In a transaction that fails, nothing
 * of it was read.
 * @throws ReconciliationError for what is no statement, naming line and column
 */
export async function loadFile(tx: Transaction, wish: StatementFile): Promise<FileLoad> {
  const kind = wish.kind ?? (await kindOfFile(wish.file));
  const gateway = kind === 'bank' ? null : (wish.gateway ?? (await onlyGateway(tx)));
  const content_hash = await hashOf(wish.file);
  const before = await loadOfContent(tx, { kind, gateway }, content_hash);
  if (before) return { ...before, fresh: false };
  const source = path.basename(wish.file).slice(0, SOURCE_LENGTH_MAX);
  const load = await beginLoad(tx, { kind, gateway }, { source, loaded_by: wish.loaded_by });
  const content = createReadStream(wish.file, { highWaterMark: CHUNK_BYTES });
  const lines = await addAll(tx, load, readStatement(content, kind), wish.onProgress);
  const days = wish.on === undefined ? null : { from: wish.on, to: wish.on };
  return { ...(await finishLoad(tx, load, { content_hash, lines, days, now: wish.now })), fresh: true };
}

/**
 * Batches are stored in their order while the next ones are read: one is under way, and the next is written out
 * already, so that the database does not wait for it.
 * @returns how many lines there were
 */
async function addAll(
  tx: Transaction,
  load: Load,
  batches: AsyncIterable<{ lines: readonly StatementLine[] }>,
  onProgress: StatementFile['onProgress'],
): Promise<number> {
  let lines = 0;
  let storing: Promise<void> = Promise.resolve();
  let waiting: Promise<void> = storing;
  try {
    for await (const batch of batches) {
      await storing;
      storing = waiting;
      waiting = addLines(tx, load, batch.lines, lines + 1);
      // Whoever awaits it hears of it; until then it is nobody's.
      waiting.catch(() => {});
      lines += batch.lines.length;
      onProgress?.(lines);
    }
  } finally {
    await Promise.all([storing, waiting]);
  }
  return lines;
}

/** The gateway that is meant where none is named. */
async function onlyGateway(tx: Transaction): Promise<string> {
  const gateways = await tx.anyFirst(sql.type(z.object({ gateway: z.string() }))`
    SELECT gateway FROM payment_gateway WHERE tenant_id = current_tenant() LIMIT 2`);
  if (gateways.length === 1) return gateways[0]!;
  throw new ReconciliationError('gateway-needed', 'Say of which gateway the statement is.');
}

async function kindOfFile(file: string): Promise<StatementKind> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES_MAX), 0, HEADER_BYTES_MAX, 0);
    const [header = ''] = buffer.subarray(0, bytesRead).toString('utf8').split(/\r?\n/);
    for await (const { kind } of readStatement(Readable.from([`${header}\n`]), null)) return kind;
  } finally {
    await handle.close();
  }
  throw new Error('A statement that has a header has a kind.');
}

async function hashOf(file: string): Promise<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) hash.update(chunk);
  return hash.digest();
}
