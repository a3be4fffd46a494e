import { Decimal } from '../../../ledger/money.ts';
import { formatDay } from '../dates.ts';
import { type Fraction, formatUnits } from '../fractions.ts';
import type { Trace } from '../trace.ts';
import type { Stint } from './debt.ts';
import type { Fee } from './fees.ts';
import type { ReadTerms } from './read-terms.ts';
import type { Row } from './rows.ts';

export type RowTrace = Record<'principal' | 'interest' | 'fees' | 'total' | 'balance', Trace>;

/** Decimals of a unit that unrounded values are cut to, well below their 34 significant digits. */
const DIGITS = 40;

/** How the amounts of a row came about. */
export function traceRow(
  { terms, places }: ReadTerms,
  row: Row,
  fees: readonly Fee[],
  isLast: boolean,
): RowTrace {
  const text = (units: bigint) => formatUnits(units, places);
  const { working } = row;
  const feeSum = fees.reduce((sum, { amount }) => sum + amount, 0n);
  const exactly = (rule: string, inputs: Trace['inputs'], units: bigint): Trace => ({
    rule,
    inputs,
    unrounded: text(units),
    rounding: 'none',
  });
  const total = row.principal + row.interest + feeSum;
  return {
    interest: traceInterest({ terms, places }, row),
    principal: isLast
      ? exactly('last-row-takes-the-rest/1', { balance: text(row.principal) }, row.principal)
      : exactly(
          `principal-of-${terms.amortisation}/1`,
          principalInputs({ terms, places }, row),
          row.principal,
        ),
    fees: exactly('fees/1', Object.fromEntries(fees.map(({ name, amount }) => [name, text(amount)])), feeSum),
    total: exactly(
      'total/1',
      { principal: text(row.principal), interest: text(row.interest), fees: text(feeSum) },
      total,
    ),
    balance: exactly(
      'balance/1',
      {
        before: text(working.balanceBefore),
        paidOut: text(working.paidOut),
        capitalised: text(working.capitalised),
        prepaid: text(working.prepaid),
        principal: text(row.principal),
      },
      row.balance,
    ),
  };
}

/** Totals are sums: of the rows, or of the events that they name. */
export function traceTotals<Name extends string>(
  totals: Record<Name, string>,
  rows: number,
): Record<Name, Trace> {
  const traces = {} as Record<Name, Trace>;
  for (const name in totals) {
    traces[name] = { rule: `sum-of-${name}/1`, inputs: { rows }, unrounded: totals[name], rounding: 'none' };
  }
  return traces;
}

/** An exact quotient of units, to 34 significant digits. However long its numbers are, it is short work. */
export function exactText({ numerator, denominator }: Fraction, places: number): string {
  const scaled = (numerator * 10n ** BigInt(DIGITS)) / denominator;
  return new Decimal(String(scaled)).div(`1e${DIGITS + places}`).toFixed();
}

function traceInterest({ terms, places }: ReadTerms, row: Row): Trace {
  const { stints, accrued, own, moved, capitalised, level } = row.working;
  const inputs: Trace['inputs'] = { dayCount: terms.dayCount };
  stints.forEach((stint, index) => {
    inputs[stints.length === 1 ? 'stint' : `stint${index + 1}`] = stintText({ terms, places }, stint);
  });
  if (moved !== 0n) inputs.movedFromOrToOtherRows = formatUnits(moved, places);
  if (capitalised !== 0n) inputs.capitalised = formatUnits(capitalised, places);
  const isFlat = terms.amortisation === 'flat' && level !== undefined;
  if (isFlat) {
    inputs.allRows = formatUnits(level.flat.total, places);
    inputs.own = formatUnits(own, places);
  }
  const { mode } = terms.rounding;
  return {
    rule: isFlat ? 'flat-interest/1' : 'interest/1',
    inputs,
    unrounded: exactText(accrued, places),
    rounding: `${mode} to ${stepText({ terms, places })}`,
  };
}

/** `100000.00 × 12 % × 0.083333… year from 2026-01-01` */
function stintText({ terms, places }: ReadTerms, { from, principal, rate, share }: Stint): string {
  const percent = new Decimal(String(rate * 100n)).div(String(terms.rateDenominator)).toFixed();
  const part = new Decimal(String(share.numerator)).div(String(share.denominator)).toFixed();
  return `${formatUnits(principal, places)} × ${percent} % × ${part} year from ${formatDay(from)}`;
}

function principalInputs({ terms, places }: ReadTerms, row: Row): Trace['inputs'] {
  const { level, own } = row.working;
  if (!level) return {};
  const inputs: Trace['inputs'] = { level: formatUnits(level.amount, places) };
  if (level.exact) {
    const multiple = terms.rounding.multiple;
    const to =
      multiple === undefined ? stepText({ terms, places }) : `multiples of ${formatUnits(multiple, places)}`;
    inputs.levelUnrounded = exactText(level.exact, places);
    inputs.levelRounding = `${terms.rounding.mode} to ${to}`;
  }
  if (terms.amortisation !== 'equal-principal') inputs.interest = formatUnits(own, places);
  return inputs;
}

function stepText({ terms, places }: ReadTerms): string {
  const decimals = places - (terms.rounding.step.toString().length - 1);
  return `${decimals} places`;
}
