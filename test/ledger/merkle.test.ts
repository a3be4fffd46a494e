import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { merklePath, merkleRoot } from '../../src/ledger/merkle.ts';
import { leafHash, nodeHash, Tree } from '../../src/ledger/verify/tree.ts';

const leaf = (text: string) => createHash('sha256').update(text).digest();

test('the tree is that of RFC 6962', () => {
  // Root over the seven first test leaves of the RFC's reference implementation.
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'];
  const leaves = inputs.map((hex) => Buffer.from(hex, 'hex'));
  const root = merkleRoot(leaves).toString('hex');
  expect(root).toBe('ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c');
});

test('every leaf’s path leads to the root, and to it alone, in both implementations', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (count, pick) => {
      const leaves = Array.from({ length: count }, (_, index) => leaf(String(index)));
      const root = merkleRoot(leaves).toString('hex');
      const tree = new Tree();
      for (const each of leaves) tree.add(each.toString('hex'));
      expect(tree.root()).toBe(root);
      expect(tree.leaves).toBe(BigInt(count));

      const index = pick % count;
      const climb = (from: Buffer) =>
        merklePath(leaves, index).reduce(
          (hash, { side, hash: sibling }) =>
            side === 'left'
              ? nodeHash(sibling.toString('hex'), hash)
              : nodeHash(hash, sibling.toString('hex')),
          leafHash(from.toString('hex')),
        );
      expect(climb(leaves[index]!)).toBe(root);
      expect(climb(randomBytes(32))).not.toBe(root);
    }),
  );
});

test('an empty tree has no root and no paths', () => {
  expect(() => merkleRoot([])).toThrow(RangeError);
  expect(() => merklePath([leaf('a')], 1)).toThrow(RangeError);
});
