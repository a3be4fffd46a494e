import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fraction } from '../../../src/loans/calculator/fractions.ts';
import { equalInstalment } from '../../../src/loans/calculator/schedule/level.ts';

const growths = fc.array(
  fc.record({ numerator: fc.bigInt(0n, 10n ** 12n), denominator: fc.bigInt(10n ** 12n, 10n ** 18n) }),
  { minLength: 1, maxLength: 150 },
);

/** What is owed less every payment of the instalment, with interest, on the day of the last one: exactly. */
function leftOver(owed: Fraction, later: readonly Fraction[], instalment: Fraction): Fraction {
  const common = owed.denominator * instalment.denominator;
  let numerator = owed.numerator * instalment.denominator - instalment.numerator * owed.denominator;
  let denominator = common;
  for (const growth of later) {
    numerator = numerator * (growth.denominator + growth.numerator);
    denominator *= growth.denominator;
    numerator -= (instalment.numerator * denominator) / instalment.denominator;
  }
  return { numerator, denominator };
}

test('the instalment leaves nothing owed: exactly while its products are short, to 80 digits beyond', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 20n), growths, (owed, later) => {
      const instalment = equalInstalment({ numerator: owed, denominator: 1n }, later);
      const left = leftOver({ numerator: owed, denominator: 1n }, later, instalment);
      const size = left.numerator < 0n ? -left.numerator : left.numerator;
      expect(size * 10n ** 80n < left.denominator * owed).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('periods alike and periods that happen to be equal have one instalment', () => {
  const growth = { numerator: 1n, denominator: 100n };
  const owed = { numerator: 10_100_000n, denominator: 1n };
  const alike = equalInstalment(owed, Array(359).fill(growth));
  const equal = equalInstalment(
    owed,
    Array.from({ length: 359 }, () => ({ ...growth })),
  );
  const scale = 10n ** 120n;
  const digits = ({ numerator, denominator }: Fraction) => (numerator * scale) / denominator;
  const difference = digits(alike) - digits(equal);
  expect(difference < 10n && difference > -10n).toBe(true);
});
