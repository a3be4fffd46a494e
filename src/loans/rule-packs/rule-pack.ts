/**
 * What a regulator says of charges for paying a loan back early, as data: from which day of sanction on,
 * and which loans go free. A pack that is in force is never changed; a new direction is a new pack.
 */
export interface RulePack {
  /** Kept with every charge that it decides, e.g. `rbi-prepayment-2025`. */
  name: string;
  source: string;
  /** Loans sanctioned from this day on are under it. */
  sanctioned_from: string;
  /** Loans sanctioned after this day are not; null while it stands. */
  sanctioned_until: string | null;
  /** Any of them that fits forbids the charge. */
  free: readonly Exemption[];
  /** A charge that the pack does not forbid must have been disclosed to be levied. */
  only_if_disclosed: boolean;
}

/** Loans that go free: of each attribute one of those listed; one that is left out may be anything. */
export interface Exemption {
  name: string;
  rate_type?: readonly RateType[];
  purpose?: readonly Purpose[];
  borrower_class?: readonly BorrowerClass[];
  lender_class?: readonly LenderClass[];
  /** Sanctioned amounts up to this, e.g. "5000000.00". */
  amount_up_to?: string;
}

export const RATE_TYPES = ['fixed', 'floating'] as const;
export type RateType = (typeof RATE_TYPES)[number];

export const PURPOSES = ['personal', 'business'] as const;
export type Purpose = (typeof PURPOSES)[number];

export const BORROWER_CLASSES = ['individual', 'micro', 'small', 'other'] as const;
export type BorrowerClass = (typeof BORROWER_CLASSES)[number];

export const LENDER_CLASSES = [
  'commercial-bank',
  'small-finance-bank',
  'regional-rural-bank',
  'local-area-bank',
  'urban-cooperative-tier-4',
  'urban-cooperative-tier-3',
  'urban-cooperative-tier-2',
  'urban-cooperative-tier-1',
  'state-cooperative',
  'central-cooperative',
  'nbfc-upper-layer',
  'nbfc-middle-layer',
  'nbfc-base-layer',
  'all-india-institution',
  'other',
] as const;
export type LenderClass = (typeof LENDER_CLASSES)[number];
