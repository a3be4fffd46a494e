import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate, total } from '../../src/loans/allocation.ts';
import { COMPONENTS, type Waterfall } from '../../src/loans/product-rules.ts';

const amount = fc.bigInt(0n, 10n ** 9n);
const owed = fc
  .array(fc.record({ penal: amount, fees: amount, interest: amount, principal: amount }), { maxLength: 40 })
  .map((rows) => rows.map((row, index) => ({ number: index + 1, ...row })));
const waterfall: fc.Arbitrary<Waterfall> = fc.record({
  order: fc.shuffledSubarray([...COMPONENTS], { minLength: COMPONENTS.length }),
  direction: fc.constantFrom('vertical', 'horizontal'),
});
const offer = fc.bigInt(1n, 10n ** 11n);

test('nothing is lost and nothing is made: what is taken is what the parts got, and no part got too much', () => {
  fc.assert(
    fc.property(offer, owed, waterfall, (offered, rows, rule) => {
      const { taken, parts, ...sums } = allocate(offered, rows, rule);
      const all = rows.reduce((sum, row) => sum + total(row), 0n);
      expect(taken).toBe(offered < all ? offered : all);
      expect(taken).toBe(total(sums));
      expect(taken).toBe(parts.reduce((sum, part) => sum + total(part), 0n));
      for (const part of parts) {
        const row = rows[part.number - 1]!;
        for (const component of COMPONENTS) expect(part[component] <= row[component]).toBe(true);
        expect(total(part) > 0n).toBe(true);
      }
    }),
  );
});

test('vertical: an instalment gets something only when those before it are paid', () => {
  fc.assert(
    fc.property(offer, owed, waterfall, (offered, rows, { order }) => {
      const { parts } = allocate(offered, rows, { order, direction: 'vertical' });
      for (const part of parts.slice(0, -1)) expect(part).toEqual(rows[part.number - 1]);
    }),
  );
});

test('in either direction a component gets something only when the one before it in the order is paid', () => {
  fc.assert(
    fc.property(offer, owed, waterfall, (offered, rows, rule) => {
      const { parts, ...sums } = allocate(offered, rows, rule);
      const asked = (component: (typeof COMPONENTS)[number]) =>
        rows.reduce((sum, row) => sum + row[component], 0n);
      const last = parts.at(-1);
      for (const [place, component] of rule.order.entries()) {
        for (const earlier of rule.order.slice(0, place)) {
          if (rule.direction === 'horizontal') {
            if (sums[component] > 0n) expect(sums[earlier]).toBe(asked(earlier));
          } else if (last && last[component] > 0n) {
            expect(last[earlier]).toBe(rows[last.number - 1]![earlier]);
          }
        }
      }
    }),
  );
});
