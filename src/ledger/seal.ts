import { createHash } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { merkleRoot } from './merkle.ts';
import type { Sealer } from './sealer.ts';

const LEAVES_MAX = 100_000;
const HASH_OCTETS = 32;
const GENESIS = Buffer.alloc(HASH_OCTETS);

export interface Seal {
  number: bigint;
  leaves: number;
  hash: Buffer;
  /** True where journals were left for a next seal, because this one was full. */
  more: boolean;
}

export interface SealWish {
  tenant: string;
  business_date: string;
  cut_at: Date;
  /** Journals in one seal, at most; 100,000 where it is not given. */
  leaves_max?: number;
}

const rangeRow = z.object({ stream: z.string(), from_seq: z.bigint(), to_seq: z.bigint() });
type Range = z.output<typeof rangeRow>;

/**
 * Seals the tenant's journals that are under no seal yet: a Merkle root over their hashes in the order of
 * (stream, seq), chained to the seal before and signed. A stream's chain alone cannot show that its tail was
 * cut off, or that all of it was written anew; a seal somebody else holds a copy of can.
 * @returns null where there is nothing to seal.
 */
export async function cutSeal(tx: Transaction, sealer: Sealer, wish: SealWish): Promise<Seal | null> {
  const { tenant, business_date, cut_at, leaves_max = LEAVES_MAX } = wish;
  // One seal of a tenant at a time; the next one would fail on the number otherwise.
  await tx.query(sql.unsafe`SELECT pg_advisory_xact_lock(hashtextextended('seal of ' || ${tenant}, 0))`);
  const { ranges, more } = await unsealedRanges(tx, leaves_max);
  if (ranges.length === 0) return null;
  const leaves = await journalHashes(tx, ranges);
  const last = await tx.maybeOne(sql.type(z.object({ number: z.bigint(), hash: z.instanceof(Buffer) }))`
    SELECT number, hash FROM seal WHERE tenant_id = ${tenant} ORDER BY number DESC LIMIT 1`);
  const number = (last?.number ?? 0n) + 1n;
  const prev_hash = last?.hash ?? GENESIS;
  const root = merkleRoot(leaves);
  const hash = sealHash({ tenant, number, cut_at, business_date, leaves: leaves.length, root, prev_hash });
  await tx.query(sql.unsafe`
    SELECT cut_seal(
      ${number}, ${cut_at.toISOString()}, ${business_date}, ${leaves.length},
      ${sql.binary(root)}, ${sql.binary(prev_hash)}, ${sql.binary(hash)},
      ${sealer.key_id}, ${sql.binary(sealer.sign(hash))},
      ${array(ranges, 'stream', 'uuid')}, ${array(ranges, 'from_seq', 'int8')}, ${array(ranges, 'to_seq', 'int8')})`);
  return { number, leaves: leaves.length, hash, more };
}

/** Streams by id, each from where its sealed part ends, up to `leaves_max` journals in all. */
async function unsealedRanges(
  tx: Transaction,
  leaves_max: number,
): Promise<{ ranges: Range[]; more: boolean }> {
  const rows = await tx.any(sql.type(rangeRow)`
    SELECT id AS stream, sealed_seq + 1 AS from_seq, head_seq AS to_seq
    FROM stream
    WHERE tenant_id = current_tenant() AND head_seq > sealed_seq
    ORDER BY id
    LIMIT ${leaves_max + 1}`);
  const ranges: Range[] = [];
  let room = BigInt(leaves_max);
  for (const { stream, from_seq, to_seq } of rows) {
    if (room === 0n) return { ranges, more: true };
    const journals = to_seq - from_seq + 1n;
    const taken = journals < room ? journals : room;
    ranges.push({ stream, from_seq, to_seq: from_seq + taken - 1n });
    room -= taken;
    if (taken < journals) return { ranges, more: true };
  }
  return { ranges, more: false };
}

/** Hashes of the ranges' journals, in order; one value on the wire, not a row each. */
export async function journalHashes(tx: Transaction, ranges: readonly Range[]): Promise<Buffer[]> {
  const all = await tx.oneFirst(sql.type(z.object({ hashes: z.instanceof(Buffer) }))`
    SELECT coalesce(string_agg(j.hash, ''::bytea ORDER BY j.stream_id, j.seq), '') AS hashes
    FROM unnest(${array(ranges, 'stream', 'uuid')}, ${array(ranges, 'from_seq', 'int8')},
                ${array(ranges, 'to_seq', 'int8')}) AS r(stream, from_seq, to_seq)
    JOIN journal j ON j.tenant_id = current_tenant() AND j.stream_id = r.stream
                  AND j.seq BETWEEN r.from_seq AND r.to_seq`);
  const expected = ranges.reduce((count, { from_seq, to_seq }) => count + to_seq - from_seq + 1n, 0n);
  if (BigInt(all.length) !== expected * BigInt(HASH_OCTETS)) {
    throw new Error(`${expected} journals to seal, ${all.length / HASH_OCTETS} found: verify the ledger.`);
  }
  return Array.from({ length: all.length / HASH_OCTETS }, (_, index) =>
    all.subarray(index * HASH_OCTETS, (index + 1) * HASH_OCTETS),
  );
}

interface SealBody {
  tenant: string;
  number: bigint;
  cut_at: Date;
  business_date: string;
  leaves: number;
  root: Buffer;
  prev_hash: Buffer;
}

/** SHA-256 of the hash before and this seal's fields; none of them can hold a '|'. */
function sealHash({ tenant, number, cut_at, business_date, leaves, root, prev_hash }: SealBody): Buffer {
  const cut_at_us = `${cut_at.getTime()}000`;
  const body = ['kist-seal-1', tenant, number, cut_at_us, business_date, leaves, root.toString('hex')].join(
    '|',
  );
  return createHash('sha256').update(prev_hash).update(body).digest();
}

function array(ranges: readonly Range[], field: keyof Range, type: string) {
  return sql.array(
    ranges.map((range) => range[field]),
    type,
  );
}
