import { hash as digest } from 'node:crypto';

/**
 * The canonical forms of journals and seals, written a second time: verification shares no code with what
 * posts (migrations/0003) and seals (seal.ts), so a mistake there is not repeated here.
 */
export interface JournalRow {
  id: string;
  stream: string;
  seq: bigint;
  kind: string;
  key: string;
  business_date: string;
  /** Microseconds since 1970, UTC. */
  posted_at_us: bigint;
  reverses: string | null;
  prev_hash: string;
  hash: string;
}

export interface EntryRow {
  line: number;
  account: string;
  direction: string;
  amount: string;
  currency: string;
}

export interface SealRow {
  number: bigint;
  cut_at_us: bigint;
  business_date: string;
  leaves: bigint;
  root: string;
  prev_hash: string;
  hash: string;
  key_id: string;
  signature: string;
}

/** Before the first journal of a stream, and before the first seal. */
export const GENESIS = '00'.repeat(32);

/** SHA-256 of the hash before and the journal as it stands in its rows, as hex. */
export function journalHash(tenant: string, journal: JournalRow, entries: readonly EntryRow[]): string {
  const head = [
    'kist-journal-1',
    tenant,
    journal.stream,
    String(journal.seq),
    journal.id,
    journal.kind,
    journal.key,
    journal.business_date,
    String(journal.posted_at_us),
    journal.reverses,
  ];
  const lines = entries.flatMap(({ line, account, direction, amount, currency }) => [
    String(line),
    account,
    direction,
    plain(amount),
    currency,
  ]);
  return chained(journal.prev_hash, [...head, ...lines]);
}

/** SHA-256 of the hash before and the seal's fields, as hex: what the signature is over. */
export function sealHash(tenant: string, seal: SealRow): string {
  return chained(seal.prev_hash, [
    'kist-seal-1',
    tenant,
    String(seal.number),
    String(seal.cut_at_us),
    seal.business_date,
    String(seal.leaves),
    seal.root,
  ]);
}

/** Each field is its length in octets, a colon, and itself; an absent one is '-'. */
function chained(prev_hash: string, fields: readonly (string | null)[]): string {
  let body = '';
  for (const field of fields) body += field === null ? '-' : `${Buffer.byteLength(field)}:${field}`;
  return digest('sha256', Buffer.concat([Buffer.from(prev_hash, 'hex'), Buffer.from(body)]), 'hex');
}

/** Without trailing zeros after the point: 5.00 and 5 are the same amount. */
function plain(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}
