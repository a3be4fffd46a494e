import { describe, expect, test } from 'vitest';
import { type ChargeFacts, earlyCharge, forbiddenBy } from '../../src/loans/charges.ts';
import { chargesRules, type EarlyCharge } from '../../src/loans/product-rules.ts';
import { LENDER_CLASSES, type LenderClass } from '../../src/loans/rule-packs/rule-pack.ts';

const packs = ['rbi-prepayment-2025'] as const;
const facts = (more: Partial<ChargeFacts>): ChargeFacts => ({
  ...{ rate_type: 'floating', purpose: 'business', borrower_class: 'micro', lender_class: 'commercial-bank' },
  ...{ amount: 50_00_000_00n, sanctioned_on: '2026-01-01', disclosed: true },
  ...more,
});

describe('the pre-payment directions of 2025', () => {
  const NEVER: LenderClass[] = [
    ...([
      'commercial-bank',
      'urban-cooperative-tier-4',
      'nbfc-upper-layer',
      'all-india-institution',
    ] as const),
  ];
  const UP_TO_50_LAKH: LenderClass[] = [
    ...(['small-finance-bank', 'regional-rural-bank', 'urban-cooperative-tier-3'] as const),
    ...(['state-cooperative', 'central-cooperative', 'nbfc-middle-layer'] as const),
  ];

  test.each(LENDER_CLASSES)('%s: a floating-rate business loan to a small firm', (lender_class) => {
    const upTo = facts({ lender_class, borrower_class: 'small' });
    const above = { ...upTo, amount: 50_00_000_01n };
    const free = [upTo, above].map((each) => forbiddenBy(packs, each) !== null);
    const expected = NEVER.includes(lender_class)
      ? [true, true]
      : [UP_TO_50_LAKH.includes(lender_class), false];
    expect(free).toEqual(expected);
  });

  test.each(LENDER_CLASSES)('%s: a floating-rate loan to an individual, not for business', (lender_class) => {
    const loan = facts({
      lender_class,
      borrower_class: 'individual',
      purpose: 'personal',
      amount: 10n ** 12n,
    });
    expect(forbiddenBy(packs, loan)).toContain('not for business');
  });

  test.each([
    ['business loan to an individual', { borrower_class: 'individual' }, true],
    ['business loan to a micro firm', {}, true],
    ['business loan to a larger firm', { borrower_class: 'other' }, false],
    ['fixed rate', { rate_type: 'fixed' }, false],
    [
      'fixed rate, personal',
      { rate_type: 'fixed', purpose: 'personal', borrower_class: 'individual' },
      false,
    ],
    ['sanctioned the day before', { sanctioned_on: '2025-12-31' }, false],
    ['not disclosed', { rate_type: 'fixed', disclosed: false }, true],
    ['not disclosed, the day before', { sanctioned_on: '2025-12-31', disclosed: false }, false],
  ] as const)('%s: free %s', (_story, more, free) => {
    expect(forbiddenBy(packs, facts(more)) !== null).toBe(free);
  });
});

describe('what the contract asks', () => {
  const contract: EarlyCharge = chargesRules.parse({
    prepayment: {
      bands: [
        { days_from: 180, rate: '0.02' },
        { days_from: 0, rate: '0.04' },
        { days_from: 365, rate: '0' },
      ],
      ...{ minimum: '100', maximum: '5000', tax_rate: '0.18' },
    },
  }).prepayment;
  const charged = (amount: bigint, days_since_disbursal: number) =>
    earlyCharge(amount, contract, { facts: facts({ rate_type: 'fixed' }), packs, days_since_disbursal });

  test.each([
    ['the first half year', 10_000_00n, 179, 400_00n, 72_00n],
    ['the second', 10_000_00n, 180, 200_00n, 36_00n],
    ['at least the minimum', 1_000_00n, 200, 100_00n, 18_00n],
    ['at most the maximum', 9_00_000_00n, 200, 5_000_00n, 900_00n],
    ['nothing after a year', 10_000_00n, 365, 0n, 0n],
    ['nothing of nothing', 0n, 1, 0n, 0n],
  ])('%s', (_story, amount, days, charge, tax) => {
    expect(charged(amount, days)).toMatchObject({ charge, tax, rule: 'contract' });
  });

  test('is nothing where a pack forbids it, and nothing where no band is agreed', () => {
    const given = { facts: facts({}), packs, days_since_disbursal: 1 };
    expect(earlyCharge(10_000_00n, contract, given)).toMatchObject({ charge: 0n, tax: 0n });
    expect(earlyCharge(10_000_00n, contract, given).rule).toContain('rbi-prepayment-2025: ');
    const none = chargesRules.parse({}).prepayment;
    expect(earlyCharge(10_000_00n, none, { ...given, packs: [] })).toMatchObject({ charge: 0n });
  });
});
