import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate } from '../../src/loans/allocation.ts';

const owed = fc
  .array(fc.record({ principal: fc.bigInt(0n, 10n ** 9n), interest: fc.bigInt(0n, 10n ** 9n) }), {
    maxLength: 40,
  })
  .map((rows) => rows.map((row, index) => ({ number: index + 1, ...row })));
const total = (rows: readonly { principal: bigint; interest: bigint }[]) =>
  rows.reduce((sum, row) => sum + row.principal + row.interest, 0n);

test('nothing is lost and nothing is made: what is taken is what the parts got, and no part got too much', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 11n), owed, (offered, rows) => {
      const { taken, interest, principal, parts } = allocate(offered, rows);
      const all = total(rows);
      expect(taken).toBe(offered < all ? offered : all);
      expect(taken).toBe(interest + principal);
      expect(taken).toBe(total(parts));
      for (const part of parts) {
        const row = rows[part.number - 1]!;
        expect(part.interest <= row.interest && part.principal <= row.principal).toBe(true);
        expect(part.interest + part.principal > 0n).toBe(true);
      }
    }),
  );
});

test('an instalment gets something only when those before it are paid, and principal only after interest', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 10n), owed, (offered, rows) => {
      const { parts } = allocate(offered, rows);
      for (const part of parts.slice(0, -1)) expect(part).toEqual(rows[part.number - 1]);
      const last = parts.at(-1);
      if (last && last.principal > 0n) expect(last.interest).toBe(rows[last.number - 1]!.interest);
    }),
  );
});
