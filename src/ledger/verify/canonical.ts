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
  const { stream, seq, id, business_date, posted_at_us, reverses, kind, key } = journal;
  const head = `kist-journal-1|${tenant}|${stream}|${seq}|${id}|${business_date}|${posted_at_us}|${reverses ?? '-'}`;
  let body = `${head}|${Buffer.byteLength(kind)}|${kind}|${Buffer.byteLength(key)}|${key}`;
  for (const { line, account, direction, amount, currency } of entries) {
    body += `|${line}|${account}|${direction}|${plain(amount)}|${currency}`;
  }
  return chained(journal.prev_hash, body);
}

/** SHA-256 of the hash before and the seal's fields, as hex: what the signature is over. */
export function sealHash(tenant: string, seal: SealRow): string {
  const { number, cut_at_us, business_date, leaves, root } = seal;
  return chained(
    seal.prev_hash,
    `kist-seal-1|${tenant}|${number}|${cut_at_us}|${business_date}|${leaves}|${root}`,
  );
}

function chained(prev_hash: string, body: string): string {
  return digest('sha256', Buffer.concat([Buffer.from(prev_hash, 'hex'), Buffer.from(body)]), 'hex');
}

/** Without trailing zeros after the point: 5.00 and 5 are the same amount. */
function plain(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}
