import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noAmounts, type Part, partsOf, plus } from '../../src/documents/statement-entries.ts';
import { OWED } from '../../src/documents/statement-schema.ts';

const line = fc.record({
  role: fc.constantFrom(...OWED, 'cash' as const, 'other' as const),
  direction: fc.constantFrom('debit' as const, 'credit' as const),
  amount: fc.bigInt({ min: 1n, max: 1_000n }),
});
const corrections = fc.record({ interest: fc.bigInt(-300n, 300n), penal: fc.bigInt(-300n, 300n) });

const totalOf = (parts: readonly Part[]) =>
  parts.reduce((total, { change }) => plus(total, change), noAmounts());

test('whatever a journal books, its parts add up to it, money is money, and each goes one way', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), corrections, (lines, corrected) => {
      const booked = noAmounts();
      let cash = 0n;
      for (const { role, direction, amount } of lines) {
        const signed = direction === 'debit' ? amount : -amount;
        if (role === 'cash') cash += signed;
        else if (role !== 'other') booked[role] += signed;
      }
      const parts = partsOf({ lines }, corrected);
      expect(totalOf(parts)).toEqual(booked);
      const money = totalOf(parts.filter((part) => part.is === 'cash'));
      expect(OWED.reduce((sum, kind) => sum + money[kind], 0n)).toBe(-cash);
      for (const { is, change } of parts) {
        if (is === 'moved') continue;
        const ways = new Set(OWED.filter((kind) => change[kind] !== 0n).map((kind) => change[kind] > 0n));
        expect(ways.size).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 2_000 },
  );
});
