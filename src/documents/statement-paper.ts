import { amortisationChart, type ChartRow } from './amortisation-chart.ts';
import { counted, day, grouped, money, percentOf } from './locale.ts';
import type { Block, Paper } from './paper.ts';
import type { LoanStatement, StatementEntry } from './statement-schema.ts';

const COMPONENT_NAMES: Record<LoanStatement['positions'][number]['component'], string> = {
  principal: 'Principal',
  interest: 'Interest due',
  penal: 'Penal charges',
  fees: 'Fees',
  advance: 'Paid ahead',
  total: 'Owed in all',
};

const CLASS_NAMES: Record<LoanStatement['dues']['asset_class'], string> = {
  standard: 'Standard',
  'sma-0': 'SMA-0 (overdue)',
  'sma-1': 'SMA-1',
  'sma-2': 'SMA-2',
  npa: 'Non-performing asset (NPA)',
};

/** @param schedule the loan's instalments as they stand, for the chart; none before its disbursal */
export function statementPaper(statement: LoanStatement, schedule: readonly ChartRow[]): Paper {
  const { loan, borrower, lender, period, made_at } = statement;
  const name = borrower.name ?? borrower.reference;
  return {
    ...{ language: 'en-IN', title: 'Loan statement', from: lender },
    subtitle: `${name} · ${day(period.from)} to ${day(period.to)} · all amounts in ${loan.currency}`,
    footer: `Loan statement · loan ${loan.id} · made ${made_at.slice(0, 16).replace('T', ' ')} UTC`,
    made_at: new Date(made_at),
    blocks: [
      facts(statement),
      ...positions(statement),
      ...entries(statement),
      ...dues(statement),
      ...(schedule.length === 0 ? [] : chart(schedule, loan.currency)),
      ...proof(statement),
    ],
  };
}

function facts({ loan, borrower }: LoanStatement): Block {
  const { currency } = loan;
  return {
    ...{ is: 'facts', columns: 2 },
    pairs: [
      ['Borrower', borrower.name ?? borrower.reference],
      ['Reference', borrower.reference],
      ['Loan account', loan.id],
      ['Product', `${loan.product_name} (version ${loan.product_version})`],
      ['Sanctioned', money(loan.principal, currency)],
      ['Interest', `${percentOf(loan.annual_rate)} a year`],
      ['Term', counted(loan.tenure_months, 'month')],
      ['Paid out on', dateOr(loan.disbursed_on, 'not yet')],
      ['State', loan.closed_on ? `${loan.state}, ${day(loan.closed_on)}` : loan.state],
      ['Instalments paid', `${loan.instalments_paid}; next due ${dateOr(loan.next_due_on, 'none')}`],
    ],
  };
}

function positions({ positions, loan }: LoanStatement): Block[] {
  const text = (amount: string) => grouped(amount, loan.currency);
  const isMoved = positions.some(({ moved }) => moved !== '0.00');
  const amounts = ['Opening', 'Debits', 'Credits', ...(isMoved ? ['Moved'] : []), 'Closing'];
  return [
    { is: 'heading', text: 'What is owed' },
    {
      is: 'table',
      caption: 'Opening + debits − credits = closing. Below zero is money paid ahead.',
      columns: [
        { title: 'Of', width: 3 },
        ...amounts.map((title) => ({ title, align: 'right' as const, width: 2 })),
      ],
      rows: positions.map(({ component, opening, debits, credits, moved, closing }) => ({
        cells: [
          ...[COMPONENT_NAMES[component], text(opening), text(debits), text(credits)],
          ...(isMoved ? [text(moved)] : []),
          text(closing),
        ],
        strong: component === 'total',
      })),
    },
  ];
}

function entries({ entries, opening, closing, period, loan, positions }: LoanStatement): Block[] {
  const text = (amount: string) => grouped(amount, loan.currency);
  const total = positions.at(-1)!;
  return [
    { is: 'heading', text: 'Entries' },
    {
      is: 'table',
      caption: `Everything that changed what is owed, by the day of the books; in ${loan.currency}`,
      columns: [
        ...[
          { title: 'Date', width: 2 },
          { title: 'Value date', width: 2 },
        ],
        { title: 'Particulars', width: 5.4 },
        ...['Debit', 'Credit', 'Balance'].map((title) => ({ title, align: 'right' as const, width: 2.1 })),
      ],
      rows: [
        { cells: [day(period.from), '', 'Opening balance', '', '', text(opening.total)], strong: true },
        ...entries.map((entry) => ({ cells: cellsOf(entry, text) })),
        {
          cells: [
            day(period.to),
            '',
            'Totals and closing balance',
            text(total.debits),
            text(total.credits),
            text(closing.total),
          ],
          strong: true,
        },
      ],
    },
  ];
}

function cellsOf(
  { date, value_date, particulars, debit, credit, balance }: StatementEntry,
  text: (amount: string) => string,
): string[] {
  const unlessNone = (amount: string) => (amount === '0.00' ? '' : text(amount));
  return [day(date), day(value_date), particulars, unlessNone(debit), unlessNone(credit), text(balance)];
}

function dues({ dues, loan }: LoanStatement): Block[] {
  const text = (amount: string) => money(amount, loan.currency);
  return [
    { is: 'heading', text: `Due on ${day(dues.as_of)}` },
    {
      ...{ is: 'facts', columns: 2 },
      pairs: [
        ['Principal', text(dues.principal)],
        ['Interest', text(dues.interest)],
        ['Penal charges', text(dues.penal)],
        ['Fees', text(dues.fees)],
        ['Due in all', text(dues.total)],
        ['Paid ahead', text(dues.advance)],
        [
          'Days past due',
          dues.oldest_due_on ? `${dues.days_past_due}, since ${day(dues.oldest_due_on)}` : '0',
        ],
        ['Asset class', CLASS_NAMES[dues.asset_class]],
      ],
    },
  ];
}

function chart(schedule: readonly ChartRow[], currency: string): Block[] {
  return [
    { is: 'heading', text: 'Repayment of the principal' },
    { is: 'chart', chart: amortisationChart(schedule, currency) },
  ];
}

function proof({ proof: { head, seal, sealed_through } }: LoanStatement): Block[] {
  const sealed = seal
    ? `The last seal is number ${seal.number} of ${day(seal.business_date)} (key ${seal.key_id}); seals cover the loan’s journals through ${sealed_through}. Its hash:`
    : 'The books were not sealed yet.';
  return [
    { is: 'heading', text: 'Proof' },
    {
      is: 'note',
      text: `This loan’s journals form a chain; the last one is number ${head.seq}. Its SHA-256:`,
    },
    { is: 'note', text: head.hash, code: true },
    { is: 'note', text: sealed },
    ...(seal ? [{ is: 'note' as const, text: seal.hash, code: true }] : []),
  ];
}

function dateOr(date: string | null, otherwise: string): string {
  return date ? day(date) : otherwise;
}
