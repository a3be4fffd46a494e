import { createHash } from 'node:crypto';

/**
 * Merkle trees as in RFC 6962: leaves and inner nodes are hashed in different domains, so neither can pass
 * for the other, and a tree of n leaves is split at the largest power of two below n.
 */
const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/** A sibling on the way from a leaf to the root, and on which side of the way it stands. */
export interface PathStep {
  side: 'left' | 'right';
  hash: Buffer;
}

/** @throws RangeError for no leaves: an empty tree is never sealed. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) throw new RangeError('A Merkle tree needs a leaf.');
  return root(leaves, 0, leaves.length);
}

/** The siblings by which leaf `index` is shown to be under the root, from the leaf upwards. */
export function merklePath(leaves: readonly Buffer[], index: number): PathStep[] {
  if (index < 0 || index >= leaves.length) throw new RangeError(`No leaf ${index} of ${leaves.length}.`);
  const path: PathStep[] = [];
  let from = 0;
  let to = leaves.length;
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (index < middle) {
      path.push({ side: 'right', hash: root(leaves, middle, to) });
      to = middle;
    } else {
      path.push({ side: 'left', hash: root(leaves, from, middle) });
      from = middle;
    }
  }
  return path.reverse();
}

function root(leaves: readonly Buffer[], from: number, to: number): Buffer {
  if (to - from === 1) return sha256(LEAF, leaves[from]!);
  const middle = from + split(to - from);
  return sha256(NODE, root(leaves, from, middle), root(leaves, middle, to));
}

/** The largest power of two below `count`. */
function split(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
