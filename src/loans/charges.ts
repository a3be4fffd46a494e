import type { IsoDate } from '../calendar/business-date.ts';
import { RATE_SCALE, scaledRate, taxAt } from './penalty.ts';
import type { EarlyCharge } from './product-rules.ts';
import { type PackName, RULE_PACKS } from './rule-packs/packs.ts';
import type { BorrowerClass, Exemption, LenderClass, Purpose, RateType } from './rule-packs/rule-pack.ts';
import { minorUnits, roundHalfEven } from './schedule.ts';

/** What decides whether a loan may be charged for being paid back early. */
export interface ChargeFacts {
  rate_type: RateType;
  purpose: Purpose;
  borrower_class: BorrowerClass;
  lender_class: LenderClass;
  /** Sanctioned, in minor units. */
  amount: bigint;
  sanctioned_on: IsoDate;
  /** Whether sanction letter, agreement and key facts statement name the charge. */
  disclosed: boolean;
}

/** A charge on an amount that is paid early, in minor units. */
export interface EarlyCharged {
  charge: bigint;
  tax: bigint;
  /** Of the amount, as it is written; "0" where none is charged. */
  rate: string;
  /** What decided: `contract`, or a pack and which of its rules, e.g. `rbi-prepayment-2025: …`. */
  rule: string;
}

/**
 * The charge for paying `amount` of principal back early: what the contract says, unless a rule pack that
 * the loan is under forbids it.
 * @param packs names of the packs that the lender is held to
 * @param days_since_disbursal chooses the contract's band
 */
export function earlyCharge(
  amount: bigint,
  contract: EarlyCharge,
  {
    facts,
    packs,
    days_since_disbursal,
  }: {
    facts: ChargeFacts;
    packs: readonly PackName[];
    days_since_disbursal: number;
  },
): EarlyCharged {
  const forbidden = forbiddenBy(packs, facts);
  if (forbidden) return { charge: 0n, tax: 0n, rate: '0', rule: forbidden };
  const band = contract.bands
    .toSorted((one, other) => one.days_from - other.days_from)
    .findLast(({ days_from }) => days_from <= days_since_disbursal);
  if (!band || amount <= 0n || scaledRate(band.rate) === 0n)
    return { charge: 0n, tax: 0n, rate: '0', rule: 'contract' };
  let charge = roundHalfEven(amount * scaledRate(band.rate), RATE_SCALE);
  const minimum = minorUnits(contract.minimum ?? '0');
  if (charge < minimum) charge = minimum;
  if (contract.maximum !== undefined) {
    const maximum = minorUnits(contract.maximum);
    if (charge > maximum) charge = maximum;
  }
  return { charge, tax: taxAt(scaledRate(contract.tax_rate), charge), rate: band.rate, rule: 'contract' };
}

/** Which pack forbids a charge on such a loan, and by which of its rules; null where none does. */
export function forbiddenBy(packs: readonly PackName[], facts: ChargeFacts): string | null {
  for (const name of packs) {
    const pack = RULE_PACKS[name];
    const { sanctioned_on } = facts;
    if (sanctioned_on < pack.sanctioned_from) continue;
    if (pack.sanctioned_until !== null && sanctioned_on > pack.sanctioned_until) continue;
    const exemption = pack.free.find((each) => fits(each, facts));
    if (exemption) return `${pack.name}: ${exemption.name}`;
    if (pack.only_if_disclosed && !facts.disclosed) return `${pack.name}: not disclosed`;
  }
  return null;
}

const ATTRIBUTES = ['rate_type', 'purpose', 'borrower_class', 'lender_class'] as const;

function fits(exemption: Exemption, facts: ChargeFacts): boolean {
  if (exemption.amount_up_to !== undefined && facts.amount > minorUnits(exemption.amount_up_to)) return false;
  return ATTRIBUTES.every((name) => {
    const among: readonly string[] | undefined = exemption[name];
    return among === undefined || among.includes(facts[name]);
  });
}
