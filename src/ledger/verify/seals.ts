import { createHash, type KeyObject, verify } from 'node:crypto';
import type { Transaction } from '../../db/pools.ts';
import { GENESIS, type SealRow, sealHash } from './canonical.ts';
import { BadRow } from './finding.ts';
import { seals } from './rows.ts';
import type { Tree } from './tree.ts';

/** A seal as it was published, or written down elsewhere: what stands in the database must be the same. */
export interface PublishedSeal {
  number: bigint;
  /** Hex. */
  hash: string;
}

/**
 * Checks all seals: numbered without gap, each continuing the one before, over exactly the journals as they
 * stand, signed with one of the keys given, and the same as those published.
 * @returns how many there are. @throws BadRow at the first that is not right.
 */
export async function checkSeals(
  tx: Transaction,
  tenant: string,
  trees: ReadonlyMap<bigint, Tree>,
  keys: readonly KeyObject[],
  published: readonly PublishedSeal[],
): Promise<number> {
  let last = { number: 0n, hash: GENESIS };
  for await (const seal of seals(tx)) {
    const { number } = seal;
    const bad = (code: BadRow['finding']['code'], message: string) =>
      new BadRow(code, 'seal', number, message);
    if (number !== last.number + 1n)
      throw bad(
        'seal-chain-broken',
        `Seal ${number} follows seal ${last.number}: those between are missing.`,
      );
    if (seal.prev_hash !== last.hash)
      throw bad('seal-chain-broken', `Seal ${number} does not continue the seal before it.`);
    if (sealHash(tenant, seal) !== seal.hash)
      throw bad('seal-mismatch', `Seal ${number} is not what was hashed when it was cut.`);
    const problem = signatureProblem(seal, keys);
    if (problem) throw bad('seal-signature', problem);
    const tree = trees.get(number);
    if (tree?.root() !== seal.root || tree.leaves !== seal.leaves) {
      throw bad(
        'seal-mismatch',
        `Seal ${number} is over ${seal.leaves} journals other than the ${tree?.leaves ?? 0n} that stand there.`,
      );
    }
    if (published.some((other) => other.number === number && other.hash !== seal.hash)) {
      throw bad('seal-mismatch', `Seal ${number} is not the one that was published.`);
    }
    last = seal;
  }
  const missing = [...trees.keys(), ...published.map((seal) => seal.number)].filter(
    (number) => number > last.number,
  );
  if (missing.length > 0) {
    throw new BadRow('seal-chain-broken', 'seal', last.number + 1n, `Seal ${last.number + 1n} is missing.`);
  }
  return Number(last.number);
}

/** Why the seal's signature is not good; null where it is. */
export function signatureProblem(
  { number, hash, key_id, signature }: Pick<SealRow, 'number' | 'hash' | 'key_id' | 'signature'>,
  keys: readonly KeyObject[],
): string | null {
  const key = keys.find((candidate) => nameOf(candidate) === key_id);
  if (!key) return `Seal ${number} names key ${key_id}, which is not one of those given.`;
  const good = verify(null, Buffer.from(hash, 'hex'), key, Buffer.from(signature, 'hex'));
  return good ? null : `The signature of seal ${number} is not by key ${key_id}.`;
}

function nameOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}
