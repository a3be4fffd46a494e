import { counted, day } from './locale.ts';
import type { Journal, Part } from './statement-entries.ts';
import type { AccrualSpan, Cause } from './statement-rows.ts';
import { OWED, type Owed } from './statement-schema.ts';

const NAMES: Record<Owed, string> = {
  principal: 'Principal',
  interest: 'Interest',
  penal: 'Penal charges',
  fees: 'Fees',
  advance: 'Paid ahead',
};

/** What is known of a journal besides its lines. */
export interface Known {
  cause: Cause | undefined;
  accrual: (component: 'interest' | 'penal') => AccrualSpan | undefined;
  /** Numbers of the instalments whose interest fell due in the books of the journal's day. */
  fell_due: readonly number[];
}

/** What a part of a journal is, in words for the borrower. */
export function particularsOf(journal: Journal, part: Part, known: Known): string {
  if (part.is === 'cash') return cashText(journal, part, known);
  if (part.is === 'moved') {
    const used = part.change.advance > 0n;
    return used
      ? 'Money paid ahead used for what is owed'
      : 'Money paid ahead no longer used for what is owed';
  }
  return chargeText(journal, part, known);
}

/** What money and charges are called by what was done to the loan; anything else by the words of its kind. */
const CALLED: Readonly<Record<string, { cash?: string; charge?: (name: string) => string }>> = {
  'loan.disburse': { cash: 'Loan paid out' },
  'loan.repay': { cash: 'Payment received' },
  'loan.prepay': {
    cash: 'Early payment received',
    charge: (name) =>
      name === NAMES.fees ? 'Charge for paying early' : `${name} to the day of the early payment`,
  },
  'loan.foreclose': {
    cash: 'Loan paid off',
    charge: (name) => (name === NAMES.fees ? 'Charge for foreclosure' : `${name} to the day of foreclosure`),
  },
  'loan.waive': { charge: (name) => `${name} waived` },
  'loan.write-off': { charge: (name) => `${name} written off by the lender` },
  'loan.recover': {
    cash: 'Payment received after the write-off',
    charge: () => 'Taken up again of what was written off',
  },
  'loan.restructure': { charge: (name) => `${name}, as the loan was restructured` },
};

function cashText({ kind, reverses }: Journal, { change }: Part, { cause }: Known): string {
  const reference = cause?.reference ? ` ${cause.reference}` : '';
  if (reverses) return `Payment${reference} returned${reasonOf(cause)}`;
  if (cause?.kind === 'tranche') return 'Part of the loan paid out';
  const outgoing = OWED.some((each) => change[each] > 0n);
  if (kind === 'loan.foreclose' && outgoing) return `Money paid ahead given back${reference}`;
  const called = CALLED[kind]?.cash;
  if (called) return `${called}${reference}`;
  return `${wordsOf(kind, cause)}${reference}${outgoing ? ', paid out' : ', received'}${reasonOf(cause)}`;
}

function chargeText(journal: Journal, { change }: Part, known: Known): string {
  const { cause } = known;
  const kind = OWED.find((each) => change[each] !== 0n)!;
  const lowered = change[kind] < 0n;
  const name = NAMES[kind];
  if (journal.kind === 'loan.repay' && kind === 'interest' && !lowered) {
    return 'Interest of instalments paid before they fell due';
  }
  if (journal.reverses) return `${name} put right: the payment was returned`;
  if (journal.kind === 'loan.adjust' || journal.kind === 'loan.repay') {
    return `${name} put right${cause ? `: the payment counts from ${day(cause.effective_on)}` : ''}`;
  }
  if (journal.kind === 'loan.day') return dayText(kind, lowered, known);
  if (cause?.name) return `${cause.name}${cause.reference ? ` ${cause.reference}` : ''}`;
  const called = CALLED[journal.kind]?.charge?.(name);
  return `${called ?? `${wordsOf(journal.kind, cause)}: ${name.toLowerCase()}`}${reasonOf(cause)}`;
}

/** What a day of the loan's life added by itself. */
function dayText(kind: Owed, lowered: boolean, { accrual, fell_due }: Known): string {
  if (kind === 'penal') return penalText(accrual('penal'));
  if (kind !== 'interest') return `${NAMES[kind]}${lowered ? ' lowered' : ''}`;
  const instalments = fell_due.length > 0 ? fell_due : (accrual('interest')?.instalments ?? []);
  return `Interest due${instalmentsText(instalments)}`;
}

function penalText(span: AccrualSpan | undefined): string {
  if (!span) return NAMES.penal;
  const period = span.from === span.to ? day(span.from) : `${day(span.from)} to ${day(span.to)}`;
  return `Penal charge for ${counted(span.days, 'day')} (${period})${instalmentsText(span.instalments)}`;
}

function instalmentsText(numbers: readonly number[]): string {
  if (numbers.length === 0) return '';
  const first = numbers[0]!;
  const last = numbers.at(-1)!;
  if (numbers.length === 1) return `, instalment ${first}`;
  return `, instalments ${first} ${last - first === 1 ? 'and' : 'to'} ${last}`;
}

function wordsOf(kind: string, cause: Cause | undefined): string {
  const words = (cause?.kind ?? kind.replace(/^loan\./, '')).replace(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function reasonOf(cause: Cause | undefined): string {
  return cause?.reason ? `: ${cause.reason}` : '';
}
