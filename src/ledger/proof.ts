import type { KeyObject } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { merklePath } from './merkle.ts';
import { journalHashes } from './seal.ts';
import { journalHash, sealHash } from './verify/canonical.ts';
import { signatureProblem } from './verify/seals.ts';
import { leafHash, nodeHash } from './verify/tree.ts';

const hex = (octets: number) => z.string().regex(new RegExp(`^[0-9a-f]{${octets * 2}}$`));
const whole = z.string().regex(/^\d{1,19}$/);

/**
 * Shows that one journal, as its rows stand in it, is under a signed seal, without the rest of the books.
 * Whole numbers of 64 bits are strings, hashes are hex, instants are microseconds since 1970.
 */
export const inclusionProof = z.strictObject({
  format: z.literal('kist-proof-1'),
  tenant: z.string(),
  journal: z.strictObject({
    id: z.string(),
    stream: z.string(),
    seq: whole,
    kind: z.string(),
    key: z.string(),
    business_date: z.string(),
    posted_at_us: whole,
    reverses: z.string().nullable(),
    prev_hash: hex(32),
    entries: z.array(
      z.strictObject({
        line: z.number().int(),
        account: z.string(),
        direction: z.enum(['debit', 'credit']),
        amount: z.string(),
        currency: z.string(),
      }),
    ),
  }),
  path: z.array(z.strictObject({ side: z.enum(['left', 'right']), hash: hex(32) })).max(64),
  seal: z.strictObject({
    number: whole,
    cut_at_us: whole,
    business_date: z.string(),
    leaves: whole,
    root: hex(32),
    prev_hash: hex(32),
    hash: hex(32),
    key_id: z.string(),
    signature: hex(64),
  }),
});
export type InclusionProof = z.output<typeof inclusionProof>;

/** @returns null where there is no such journal, or no seal covers it yet. */
export async function proveJournal(
  tx: Transaction,
  tenant: string,
  journal: string,
): Promise<InclusionProof | null> {
  const proof = await tx.maybeOne(sql.type(inclusionProof.omit({ path: true }))`
    SELECT 'kist-proof-1' AS format, j.tenant_id AS tenant,
           jsonb_build_object(
             'id', j.id, 'stream', j.stream_id, 'seq', j.seq::text, 'kind', j.kind, 'key', j.key,
             'business_date', to_char(j.business_date, 'YYYY-MM-DD'),
             'posted_at_us', (extract(epoch FROM j.posted_at) * 1000000)::bigint::text,
             'reverses', j.reverses, 'prev_hash', encode(j.prev_hash, 'hex'),
             'entries', (
               SELECT jsonb_agg(jsonb_build_object(
                        'line', e.line, 'account', e.account_id, 'direction', e.direction,
                        'amount', e.amount::text, 'currency', e.currency) ORDER BY e.line)
               FROM entry e WHERE e.tenant_id = j.tenant_id AND e.journal_id = j.id)) AS journal,
           jsonb_build_object(
             'number', s.number::text, 'cut_at_us', (extract(epoch FROM s.cut_at) * 1000000)::bigint::text,
             'business_date', to_char(s.business_date, 'YYYY-MM-DD'), 'leaves', s.leaves::text,
             'root', encode(s.root, 'hex'), 'prev_hash', encode(s.prev_hash, 'hex'),
             'hash', encode(s.hash, 'hex'), 'key_id', s.key_id,
             'signature', encode(s.signature, 'hex')) AS seal
    FROM journal j
    JOIN seal_range r ON r.tenant_id = j.tenant_id AND r.stream_id = j.stream_id
                     AND j.seq BETWEEN r.from_seq AND r.to_seq
    JOIN seal s ON s.tenant_id = r.tenant_id AND s.number = r.seal_number
    WHERE j.tenant_id = ${tenant} AND j.id = ${journal}`);
  if (!proof) return null;
  const path = await pathTo(tx, proof.seal.number, proof.journal.stream, proof.journal.seq);
  return { ...proof, path: path.map(({ side, hash }) => ({ side, hash: hash.toString('hex') })) };
}

async function pathTo(tx: Transaction, seal: string, stream: string, seq: string) {
  const ranges = await tx.any(
    sql.type(z.object({ stream: z.string(), from_seq: z.bigint(), to_seq: z.bigint() }))`
      SELECT stream_id AS stream, from_seq, to_seq
      FROM seal_range
      WHERE tenant_id = current_tenant() AND seal_number = ${seal}
      ORDER BY stream_id`,
  );
  let index = 0n;
  for (const range of ranges) {
    if (range.stream === stream) {
      index += BigInt(seq) - range.from_seq;
      break;
    }
    index += range.to_seq - range.from_seq + 1n;
  }
  return merklePath(await journalHashes(tx, ranges), Number(index));
}

/**
 * Checks a proof with nothing but itself and the public key.
 * @param given what somebody handed over; anything at all.
 * @returns null where the proof holds, else why it does not.
 */
export function proofProblem(given: unknown, keys: readonly KeyObject[]): string | null {
  const parsed = inclusionProof.safeParse(given);
  if (!parsed.success) return `This is no proof: ${z.prettifyError(parsed.error)}`;
  const { tenant, journal, path, seal } = parsed.data;
  const row = { ...journal, seq: BigInt(journal.seq), posted_at_us: BigInt(journal.posted_at_us), hash: '' };
  let hash = leafHash(journalHash(tenant, row, journal.entries));
  for (const step of path) {
    hash = step.side === 'left' ? nodeHash(step.hash, hash) : nodeHash(hash, step.hash);
  }
  if (hash !== seal.root) return `The journal is not under the root of seal ${seal.number}.`;
  const signed = {
    ...seal,
    number: BigInt(seal.number),
    cut_at_us: BigInt(seal.cut_at_us),
    leaves: BigInt(seal.leaves),
  };
  if (sealHash(tenant, signed) !== seal.hash)
    return `Seal ${seal.number} is not what was hashed when it was cut.`;
  return signatureProblem(signed, keys);
}
