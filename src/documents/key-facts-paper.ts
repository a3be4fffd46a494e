import { amortisationChart } from './amortisation-chart.ts';
import type { EarlyChargeFacts, KeyFacts, KeyFactsFee, PenalFacts } from './key-facts-schema.ts';
import { counted, day, grouped, money } from './locale.ts';
import type { Block, Paper, Table } from './paper.ts';

const NONE = 'Not applicable';
const AMORTISATION: Record<KeyFacts['instalments']['amortisation'], string> = {
  'equal-instalment': 'equated, monthly',
  'equal-principal': 'monthly, equal principal',
  flat: 'monthly, flat interest',
  'interest-only': 'monthly, interest only, principal at the end',
};
const BASES: Record<PenalFacts['base'], string> = {
  'overdue-instalment': 'the overdue principal and interest of the instalment',
  'overdue-principal': 'the overdue principal of the instalment',
  flat: 'a flat sum',
};
const WHEN: Record<KeyFactsFee['when'], string> = { disbursal: 'one-time', 'every-instalment': 'recurring' };

/** The key facts statement in the order of the circular's annexes A, B and C. */
export function keyFactsPaper(facts: KeyFacts): Paper {
  const { borrower, lender, made_at, number, of } = facts;
  const subject = of === 'loan' ? `loan account ${number}` : `loan proposal ${number}`;
  const validity = facts.valid_until ? ` · these terms stand until ${day(facts.valid_until)}` : '';
  return {
    ...{ language: 'en-IN', title: 'Key facts statement', from: lender },
    subtitle: `${borrower.name ?? borrower.reference} · ${subject} · made ${day(made_at.slice(0, 10))}${validity}`,
    footer: `Key facts statement · ${subject}`,
    made_at: new Date(made_at),
    blocks: [
      { is: 'heading', text: 'Part 1: interest rate, fees and charges' },
      terms(facts),
      fees(facts),
      apr(facts),
      { is: 'heading', text: 'Contingent charges' },
      contingent(facts),
      { is: 'heading', text: 'Part 2: other information' },
      qualitative(facts),
      { is: 'heading', text: 'Annex B: how the annual percentage rate was computed' },
      computation(facts),
      { is: 'note', text: facts.computation.method },
      { is: 'heading', text: 'Annex C: repayment schedule' },
      ...(facts.rescheduled ? [{ is: 'note' as const, text: RESCHEDULED }] : []),
      { is: 'chart', chart: amortisationChart(facts.schedule, facts.currency) },
      schedule(facts),
      {
        is: 'note',
        text: `Follows: ${facts.source}. A charge that is not named here is not levied without the borrower’s consent.`,
      },
    ],
  };
}

const STAGED =
  'The annual percentage rate and the schedule are as though all were paid out with the first part.';
const RESCHEDULED = 'The loan has another schedule by now; this is the one it was sanctioned with.';

function numbered(title: string, pairs: [string, string][]): Table {
  return {
    is: 'table',
    caption: title,
    columns: [
      { title: 'No.', width: 0.6 },
      { title: 'Parameter', width: 3.4 },
      { title: 'Details', width: 6 },
    ],
    rows: pairs.map(([name, value], index) => ({ cells: [String(index + 1), name, value] })),
  };
}

function terms(facts: KeyFacts): Block {
  const { disbursal, instalments, interest, currency } = facts;
  const text = (amount: string) => money(amount, currency);
  return numbered('The loan', [
    [
      facts.of === 'loan' ? 'Loan account number; type of loan' : 'Loan proposal number; type of loan',
      `${facts.number}; ${facts.loan_type}`,
    ],
    ['Sanctioned loan amount', text(facts.sanctioned_amount)],
    ['Disbursal schedule', disbursalText(disbursal, text)],
    ['Loan term', counted(facts.term_months, 'month')],
    [
      'Instalments',
      `${instalments.number} × ${text(instalments.amount)}, ${AMORTISATION[instalments.amortisation]}; the first is due on ${day(instalments.first_due_on)}`,
    ],
    [
      'Interest rate and its type',
      `${interest.percent} % a year, ${interest.type}; days counted by ${interest.day_count}`,
    ],
    [
      'Reference benchmark, spread and reset',
      interest.type === 'fixed'
        ? `${NONE}: the rate is fixed`
        : 'As in the loan agreement; the rate above is as of the sanction',
    ],
  ]);
}

function disbursalText(
  { in_stages, stages, clause, on, amount }: KeyFacts['disbursal'],
  text: (amount: string) => string,
): string {
  const note = clause ? ` ${clause}` : '';
  if (!in_stages) return `100 % upfront, ${day(on)}: ${text(amount)}.${note}`;
  const parts = stages.map(
    (stage) => `${text(stage.amount)} ${stage.on ? `on ${day(stage.on)}` : 'when asked for'}`,
  );
  return `In parts: ${parts.join('; ')}. ${STAGED}${note}`;
}

function fees({ fees, currency }: KeyFacts): Block {
  const text = (amount: string) => grouped(amount, currency);
  const rows = fees.map(({ name, payable_to, when, percent, amount, tax, total }) => ({
    cells: [
      ...[
        name,
        payable_to === 'lender' ? 'lender (A)' : 'third party (B)',
        WHEN[when],
        percent ? `${percent} %` : '',
      ],
      ...[text(amount), text(tax), text(total)],
    ],
  }));
  const none = { cells: ['None', '', '', '', text('0.00'), text('0.00'), text('0.00')] };
  return {
    is: 'table',
    caption: `8. Fees and charges payable to the lender (A), and to third parties through the lender (B); in ${currency}`,
    columns: [
      { title: 'Fee or charge', width: 3 },
      { title: 'Payable to', width: 1.8 },
      { title: 'When', width: 1.5 },
      ...['Percent', 'Amount', 'Tax', 'Total'].map((title) => ({
        title,
        align: 'right' as const,
        width: 1.5,
      })),
    ],
    rows: rows.length > 0 ? rows : [none],
  };
}

function apr({ apr_percent }: KeyFacts): Block {
  const rate = apr_percent === null ? 'none: no rate satisfies the equation' : `${apr_percent} %`;
  return { is: 'facts', columns: 1, pairs: [['9. Annual percentage rate (APR)', rate]] };
}

function contingent({
  contingent_charges: { penal, foreclosure, prepayment, switching, other },
  currency,
}: KeyFacts): Block {
  return {
    is: 'table',
    caption: '10. Asked for only where the borrower pays late, pays early, or asks for a change',
    columns: [
      { title: 'Charge', width: 3 },
      { title: 'How much', width: 7 },
    ],
    rows: [
      ['Penal charges for paying late', penalText(penal, currency)],
      ['Other penal charges', NONE],
      ['Foreclosure charges', earlyText(foreclosure, currency)],
      ['Charges for paying a part early', earlyText(prepayment, currency)],
      ['Switching between floating and fixed rate', switching ?? NONE],
      ['Any other charges', other ?? NONE],
    ].map((cells) => ({ cells })),
  };
}

function penalText(penal: PenalFacts, currency: string): string {
  const text = (amount: string) => money(amount, currency);
  const base =
    penal.base === 'flat' ? `${BASES.flat} of ${text(penal.flat_base ?? '0.00')}` : BASES[penal.base];
  const bands = penal.bands.map(
    ({ score_from, daily_percent, applies }) =>
      `${daily_percent} % a day from a credit score of ${score_from}${applies ? ' (applies to this loan)' : ''}`,
  );
  const grace = `${counted(penal.grace_days, 'day')} of grace${penal.grace_charged_back ? ', charged as well once they are over' : ''}`;
  const limits = [
    ...(penal.grace_days > 0 ? [grace] : []),
    ...(penal.minimum ? [`at least ${text(penal.minimum)} an instalment`] : []),
    ...(penal.cap_instalment ? [`at most ${text(penal.cap_instalment)} an instalment`] : []),
    ...(penal.cap_loan ? [`at most ${text(penal.cap_loan)} over the life of the loan`] : []),
    ...(penal.tax_percent === '0' ? [] : [`${penal.tax_percent} % tax on the charge`]),
    'never added to the principal, and no interest is charged on it',
  ];
  return `Of ${base}: ${bands.join('; ')}. ${sentence(limits.join('; '))} Rule ${penal.rule}.`;
}

function earlyText(
  { bands, minimum, maximum, tax_percent, forbidden_by }: EarlyChargeFacts,
  currency: string,
): string {
  if (forbidden_by) return `None: ${forbidden_by}.`;
  if (bands.length === 0) return 'None.';
  const limits = [
    ...(minimum ? [`at least ${money(minimum, currency)}`] : []),
    ...(maximum ? [`at most ${money(maximum, currency)}`] : []),
    ...(tax_percent === '0' ? [] : [`${tax_percent} % tax on the charge`]),
  ];
  const rates = bands.map(({ days_from, percent }) =>
    days_from === 0
      ? `${percent} % of the principal paid early`
      : `${percent} % from ${counted(days_from, 'day')} after the disbursal on`,
  );
  return sentence([...rates, ...limits].join('; '));
}

function qualitative({ qualitative: told }: KeyFacts): Block {
  return numbered('From the loan agreement and the lender’s policies', [
    ['Clause on engaging recovery agents', told.recovery_agents ?? NONE],
    ['Clause on redress of grievances', told.grievances ?? NONE],
    ['Nodal grievance redressal officer', told.grievance_officer ?? NONE],
    ['Whether the loan may be transferred or securitised', told.transfer ?? NONE],
    ['Collaborative lending (co-lending, outsourcing)', told.co_lending ?? NONE],
    ['Digital loan: cooling-off period', told.cooling_off ?? NONE],
    ['Digital loan: service provider acting as recovery agent', told.service_provider ?? NONE],
  ]);
}

function computation({
  computation,
  currency,
  instalments,
  interest,
  term_months,
  disbursal,
}: KeyFacts): Block {
  const text = (amount: string) => money(amount, currency);
  const recurring =
    computation.fees_with_instalments === '0.00'
      ? ''
      : `, of which ${text(computation.fees_with_instalments)} with the instalments`;
  return numbered(`Amounts in ${currency}`, [
    ['Sanctioned loan amount', text(computation.sanctioned_amount)],
    ['Loan term', counted(term_months, 'month')],
    [
      'Instalments',
      `${instalments.number} × ${text(instalments.amount)}; the first on ${day(instalments.first_due_on)}`,
    ],
    ['Interest rate and its type', `${interest.percent} % a year, ${interest.type}`],
    ['Total interest over the whole term', text(computation.interest)],
    [
      'Fees and charges',
      `${text(computation.fees)}${recurring} (A, lender: ${text(computation.fees_lender)}; B, third parties: ${text(computation.fees_third_party)})`,
    ],
    ['Net disbursed amount', `${text(computation.net_disbursed)} on ${day(disbursal.on)}`],
    ['Total to be paid by the borrower', text(computation.to_be_paid)],
    ['Annual percentage rate', computation.apr_percent === null ? 'none' : `${computation.apr_percent} %`],
  ]);
}

function schedule({ schedule, currency, computation }: KeyFacts): Block {
  const text = (amount: string) => grouped(amount, currency);
  return {
    is: 'table',
    caption: `Due on the days named; in ${currency}`,
    columns: [
      { title: 'No.', width: 0.8 },
      { title: 'Due on', width: 2 },
      ...['Outstanding principal', 'Principal', 'Interest', 'Instalment'].map((title) => ({
        ...{ title, align: 'right' as const, width: 2 },
      })),
    ],
    rows: [
      ...schedule.map(({ number, due_on, outstanding, principal, interest, total }) => ({
        cells: [String(number), day(due_on), ...[outstanding, principal, interest, total].map(text)],
      })),
      {
        cells: [
          '',
          'Total',
          '',
          ...[computation.sanctioned_amount, computation.interest, computation.to_be_paid].map(text),
        ],
        strong: true,
      },
    ],
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
