import { addBusinessDays, type Calendar } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import { businessDayAt } from '../ledger/business-day.ts';
import { toDecimal } from '../ledger/money.ts';
import { type ChargeFacts, forbiddenBy } from '../loans/charges.ts';
import { RATE_SCALE, scaledRate, taxAt } from '../loans/penalty.ts';
import type { DisclosedFee, EarlyCharge, PenalRules } from '../loans/product-rules.ts';
import { minorText, minorUnits, roundHalfEven } from '../loans/schedule.ts';
import { APR_METHOD, indianApr } from './apr.ts';
import type { EarlyChargeFacts, KeyFacts, KeyFactsFee, KeyFactsRow, PenalFacts } from './key-facts-schema.ts';
import { applicationProposal, loanProposal, type Proposal } from './proposal.ts';

const SOURCE = 'Reserve Bank of India, Key Facts Statement for Loans & Advances, 15 April 2024';
const APR_PLACES = 2;

/** What the key facts are of. */
export type KeyFactsSubject = { loan: string } | { application: string };

/**
 * The key facts statement of a loan as it was sanctioned, or of an application that has an offer, by the
 * product's terms as of today.
 * @returns null where there is no such loan or application
 * @throws DocumentError no-terms where an application has no offer
 */
export async function keyFactsOf(
  tx: Transaction,
  tenant: string,
  subject: KeyFactsSubject,
  now: Date,
): Promise<KeyFacts | null> {
  const proposal = await ('loan' in subject
    ? loanProposal(tx, tenant, subject.loan, now)
    : applicationProposal(tx, tenant, subject.application, now));
  if (!proposal) return null;
  const { calendar } = await businessDayAt(tx, tenant, now);
  return factsOf(proposal, calendar, now);
}

/** As keyFactsOf, of a proposal that is known. */
export function factsOf(proposal: Proposal, calendar: Calendar, now: Date): KeyFacts {
  const { product, principal, annual_rate, tenure_months, rows, lender, borrower, number, id } = proposal;
  const { rules } = product;
  const { disclosures } = rules;
  const fees = disclosures.fees.map((fee) => feeOf(fee, principal));
  const computation = computationOf(proposal, fees);
  return {
    made_at: now.toISOString(),
    source: SOURCE,
    ...{ lender, borrower, of: proposal.of, id, number },
    ...{ loan_type: product.name, product: product.code, product_version: product.version },
    currency: product.currency,
    valid_until: proposal.today && addBusinessDays(proposal.today, disclosures.valid_business_days, calendar),
    sanctioned_amount: minorText(principal),
    disbursal: {
      ...{ on: proposal.disbursed_on, in_stages: proposal.stages.length > 0, stages: proposal.stages },
      ...{ clause: disclosures.disbursal ?? null, amount: minorText(principal) },
    },
    term_months: tenure_months,
    instalments: {
      ...{ type: 'monthly', amortisation: rules.schedule.amortisation, number: rows.length },
      ...{ amount: ordinaryTotal(rows), first_due_on: rows[0]!.due_on },
    },
    interest: {
      ...{
        percent: percent(annual_rate),
        type: rules.charges.rate_type,
        day_count: rules.schedule.day_count,
      },
    },
    fees,
    apr_percent: rounded(computation.apr_percent),
    contingent_charges: {
      penal: penalOf(rules.penal, proposal.score),
      ...earlyCharges(proposal),
      ...{ switching: disclosures.switching ?? null, other: disclosures.other_charges ?? null },
    },
    qualitative: {
      recovery_agents: disclosures.recovery_agents ?? null,
      grievances: disclosures.grievances ?? null,
      grievance_officer: disclosures.grievance_officer ?? null,
      transfer: disclosures.transfer ?? null,
      co_lending: disclosures.co_lending ?? null,
      cooling_off: disclosures.cooling_off ?? null,
      service_provider: disclosures.service_provider ?? null,
    },
    computation,
    schedule: rows,
    rescheduled: proposal.rescheduled,
  };
}

/** The amount that most instalments ask for; of several, the first. */
function ordinaryTotal(rows: readonly KeyFactsRow[]): string {
  const counts = new Map<string, number>();
  for (const { total } of rows) counts.set(total, (counts.get(total) ?? 0) + 1);
  return [...counts].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}

function feeOf(fee: DisclosedFee, principal: bigint): KeyFactsFee {
  const { name, payable_to, when, rate, tax_rate } = fee;
  const amount =
    rate === undefined ? minorUnits(fee.amount!) : roundHalfEven(principal * scaledRate(rate), RATE_SCALE);
  const tax = taxAt(scaledRate(tax_rate), amount);
  return {
    ...{ name, payable_to, when, percent: rate === undefined ? null : percent(rate) },
    ...{ amount: minorText(amount), tax: minorText(tax), total: minorText(amount + tax) },
  };
}

function computationOf({ principal, rows }: Proposal, fees: readonly KeyFactsFee[]): KeyFacts['computation'] {
  const feesWhere = (fits: (fee: KeyFactsFee) => boolean) =>
    fees.filter(fits).reduce((sum, { total }) => sum + minorUnits(total), 0n);
  const times = (fits: (fee: KeyFactsFee) => boolean) =>
    feesWhere((fee) => fits(fee) && fee.when === 'disbursal') +
    feesWhere((fee) => fits(fee) && fee.when === 'every-instalment') * BigInt(rows.length);
  const once = feesWhere(({ when }) => when === 'disbursal');
  const each_time = feesWhere(({ when }) => when === 'every-instalment');
  const paid = rows.map(({ total }) => minorUnits(total));
  const interest = rows.reduce((sum, row) => sum + minorUnits(row.interest), 0n);
  const net = principal - once;
  return {
    sanctioned_amount: minorText(principal),
    interest: minorText(interest),
    fees_lender: minorText(times(({ payable_to }) => payable_to === 'lender')),
    fees_third_party: minorText(times(({ payable_to }) => payable_to === 'third-party')),
    fees: minorText(times(() => true)),
    fees_with_instalments: minorText(each_time * BigInt(rows.length)),
    net_disbursed: net < 0n ? `-${minorText(-net)}` : minorText(net),
    to_be_paid: minorText(principal + interest),
    method: APR_METHOD,
    apr_percent: indianApr(
      net,
      paid.map((amount) => amount + each_time),
    ),
  };
}

function penalOf(rules: PenalRules, score: number | null): PenalFacts {
  const bands = rules.bands.toSorted((one, other) => one.score_from - other.score_from);
  const applying = bands.findLast(({ score_from }) => score !== null && score_from <= score) ?? bands[0]!;
  return {
    ...{ rule: rules.version, base: rules.base, flat_base: rules.flat_base ?? null },
    bands: bands.map((band) => ({
      ...{ score_from: band.score_from, daily_percent: percent(band.daily_rate), applies: band === applying },
    })),
    ...{ grace_days: rules.grace_days, grace_charged_back: rules.grace_charged_back },
    ...{ minimum: rules.minimum ?? null, cap_instalment: rules.cap_instalment ?? null },
    ...{ cap_loan: rules.cap_loan ?? null, tax_percent: percent(rules.tax_rate) },
  };
}

function earlyCharges({ product, principal, sanctioned_on }: Proposal) {
  const { packs, prepayment, foreclosure, ...attributes } = product.rules.charges;
  const facts: ChargeFacts = { ...attributes, amount: principal, sanctioned_on };
  const forbidden_by = forbiddenBy(packs, facts);
  const of = (contract: EarlyCharge): EarlyChargeFacts => ({
    bands: forbidden_by
      ? []
      : contract.bands
          .toSorted((one, other) => one.days_from - other.days_from)
          .map(({ days_from, rate }) => ({ days_from, percent: percent(rate) })),
    ...{ minimum: contract.minimum ?? null, maximum: contract.maximum ?? null },
    ...{ tax_percent: percent(contract.tax_rate), forbidden_by },
  });
  return { foreclosure: of(foreclosure), prepayment: of(prepayment) };
}

/** A fraction as percent, exactly: "0.00075" → "0.075". */
function percent(fraction: string): string {
  return toDecimal(fraction).times(100).toFixed();
}

function rounded(percent: string | null): string | null {
  return percent === null ? null : toDecimal(percent).toFixed(APR_PLACES);
}
