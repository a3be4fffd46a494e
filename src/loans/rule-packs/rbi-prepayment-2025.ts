import type { RulePack } from './rule-pack.ts';

/** Pre-payment charges on loans in India: part or full, from whatever funds, and with no lock-in. */
export const RBI_PREPAYMENT_2025: RulePack = {
  name: 'rbi-prepayment-2025',
  source: 'Reserve Bank of India (Pre-payment Charges on Loans) Directions, 2 July 2025',
  sanctioned_from: '2026-01-01',
  sanctioned_until: null,
  free: [
    {
      name: 'floating-rate loan to an individual, not for business',
      ...{ rate_type: ['floating'], purpose: ['personal'], borrower_class: ['individual'] },
    },
    {
      name: 'floating-rate business loan to an individual or a micro or small enterprise',
      ...{ rate_type: ['floating'], purpose: ['business'], borrower_class: ['individual', 'micro', 'small'] },
      lender_class: [
        'commercial-bank',
        'urban-cooperative-tier-4',
        'nbfc-upper-layer',
        'all-india-institution',
      ],
    },
    {
      name: 'floating-rate business loan of up to 50 lakh to an individual or a micro or small enterprise',
      ...{ rate_type: ['floating'], purpose: ['business'], borrower_class: ['individual', 'micro', 'small'] },
      lender_class: [
        'small-finance-bank',
        'regional-rural-bank',
        'urban-cooperative-tier-3',
        'state-cooperative',
        'central-cooperative',
        'nbfc-middle-layer',
      ],
      amount_up_to: '5000000.00',
    },
  ],
  only_if_disclosed: true,
};
