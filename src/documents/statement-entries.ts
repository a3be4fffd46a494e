import type { BookedLine } from './statement-rows.ts';
import { OWED, type Owed } from './statement-schema.ts';

/** Minor units of each kind; above zero: more is owed. */
export type Amounts = Record<Owed, bigint>;

/** One journal, and what it did. */
export interface Journal
  extends Pick<BookedLine, 'journal' | 'seq' | 'kind' | 'business_date' | 'posted_at' | 'reverses'> {
  lines: Pick<BookedLine, 'role' | 'direction' | 'amount'>[];
}

/**
 * One thing that a journal did to what is owed.
 *   cash    money came from the borrower, or went to the borrower
 *   charge  something was charged, or what was charged was lowered; of one kind
 *   moved   one kind took from another: nothing more is owed, nor less
 */
export interface Part {
  is: 'cash' | 'charge' | 'moved';
  change: Amounts;
}

export function noAmounts(): Amounts {
  return { principal: 0n, interest: 0n, penal: 0n, fees: 0n, advance: 0n };
}

export function sumOf(amounts: Amounts): bigint {
  return OWED.reduce((sum, kind) => sum + amounts[kind], 0n);
}

/** The journals that lines belong to, in their order. */
export function journalsOf(lines: readonly BookedLine[]): Journal[] {
  const journals = new Map<string, Journal>();
  for (const { role, direction, amount, ...head } of lines) {
    const known = journals.get(head.journal);
    if (known) known.lines.push({ role, direction, amount });
    else journals.set(head.journal, { ...head, lines: [{ role, direction, amount }] });
  }
  return [...journals.values()];
}

/**
 * What a journal did, in parts that add up to all it changed: charges first, then money.
 *
 * A journal that dates something back, or undoes it, books the difference of two lives in one go, and what was
 * charged and paid at once has cancelled out in it. How much money moved is always known; where the rest does
 * not say of which kind, it is taken to be interest that the payment itself earned.
 * @param corrected by how much the journal's corrections changed charges of each kind
 */
export function partsOf({ lines }: Pick<Journal, 'lines'>, corrected: Partial<Amounts> = {}): Part[] {
  const cash = lines
    .filter(({ role }) => role === 'cash')
    .reduce((sum, { direction, amount }) => sum + (direction === 'debit' ? amount : -amount), 0n);
  const more = grossOf(lines, 'debit');
  const less = grossOf(lines, 'credit');
  const sign = cash < 0n ? -1n : 1n;
  const moved = cash === 0n ? transferred(more, less) : usedWith(cash, more, less);
  const left = without({ more, less }, moved);
  const transfer: Part[] = OWED.some((kind) => moved[kind] !== 0n) ? [{ is: 'moved', change: moved }] : [];
  if (cash === 0n) return [...charges(left.more, 1n), ...charges(left.less, -1n), ...transfer];
  // Money to the borrower is the mirror of money from the borrower.
  const sides = cash > 0n ? left : { more: left.less, less: left.more };
  const { paid, charged } = split(sides, cash * sign, scaled({ ...noAmounts(), ...corrected }, sign));
  return [...charges(charged, sign), ...transfer, { is: 'cash', change: scaled(paid, -sign) }];
}

/** What was paid ahead and is used up together with money that comes, or goes. */
function usedWith(cash: bigint, more: Amounts, less: Amounts): Amounts {
  const most = cash > 0n ? more.advance : more.advance + cash;
  const rest = cash > 0n ? sumOf(less) - cash : sumOf(others(less));
  if (most <= 0n || rest < most) return noAmounts();
  return { ...scaled(upTo(others(less), most), -1n), advance: most };
}

/** What was paid, and what was charged at the same time, where `paid` − `charged` is what the lines come to. */
function split(
  { less, more }: { less: Amounts; more: Amounts },
  cash: bigint,
  corrected: Amounts,
): { paid: Amounts; charged: Amounts } {
  const net = minus(less, more);
  if (sumOf(less) === cash) return { paid: less, charged: more };
  const paid = plus(net, corrected);
  if (sumOf(paid) === cash && OWED.every((kind) => paid[kind] >= 0n)) return { paid, charged: corrected };
  // Money pays: a kind of which more is owed than before was charged, whatever was paid of others.
  const taken = mapped((kind) => (net[kind] > 0n ? net[kind] : 0n));
  const rest = unknownOf(cash - sumOf(taken), taken);
  return { paid: plus(taken, rest), charged: plus(minus(taken, net), rest) };
}

/** What was charged and paid at once is interest; what was taken off without money, charges before principal. */
function unknownOf(rest: bigint, taken: Amounts): Amounts {
  if (rest >= 0n) return { ...noAmounts(), interest: rest };
  return scaled(upTo(taken, -rest, CHARGES_FIRST), -1n);
}

/** What was paid ahead and is now used (or is so no longer): the same amount both ways. */
function transferred(more: Amounts, less: Amounts): Amounts {
  if (more.advance > 0n)
    return { ...scaled(upTo(others(less), more.advance), -1n), advance: takenFrom(less, more.advance) };
  if (less.advance > 0n)
    return { ...upTo(others(more), less.advance), advance: -takenFrom(more, less.advance) };
  return noAmounts();
}

function takenFrom(from: Amounts, most: bigint): bigint {
  return sumOf(upTo(others(from), most));
}

/** What is left of both sides once a transfer is taken out. */
function without(sides: { more: Amounts; less: Amounts }, moved: Amounts): { more: Amounts; less: Amounts } {
  return {
    more: mapped((kind) => sides.more[kind] - (moved[kind] > 0n ? moved[kind] : 0n)),
    less: mapped((kind) => sides.less[kind] + (moved[kind] < 0n ? moved[kind] : 0n)),
  };
}

/** A part for each kind. */
function charges(amounts: Amounts, sign: bigint): Part[] {
  return OWED.filter((kind) => amounts[kind] !== 0n).map((kind) => ({
    is: 'charge',
    change: { ...noAmounts(), [kind]: amounts[kind] * sign },
  }));
}

function grossOf(lines: Journal['lines'], way: 'debit' | 'credit'): Amounts {
  const amounts = noAmounts();
  for (const { role, direction, amount } of lines) {
    if (direction === way && role !== 'cash' && role !== 'other') amounts[role] += amount;
  }
  return amounts;
}

function others(amounts: Amounts): Amounts {
  return { ...amounts, advance: 0n };
}

const CHARGES_FIRST = [
  'interest',
  'penal',
  'fees',
  'advance',
  'principal',
] as const satisfies readonly Owed[];

/** As much as `most` of the amounts, one kind after the other. */
function upTo(amounts: Amounts, most: bigint, order: readonly Owed[] = OWED): Amounts {
  let room = most;
  const result = noAmounts();
  for (const kind of order) {
    result[kind] = amounts[kind] < room ? amounts[kind] : room;
    room -= result[kind];
  }
  return result;
}

export function plus(one: Amounts, other: Amounts): Amounts {
  return mapped((kind) => one[kind] + other[kind]);
}

function minus(one: Amounts, other: Amounts): Amounts {
  return mapped((kind) => one[kind] - other[kind]);
}

function scaled(amounts: Amounts, factor: bigint): Amounts {
  return mapped((kind) => amounts[kind] * factor);
}

function mapped(value: (kind: Owed) => bigint): Amounts {
  const result = noAmounts();
  for (const kind of OWED) result[kind] = value(kind);
  return result;
}
