import { COMPONENTS, type Component, type Waterfall } from './product-rules.ts';

/** An amount in minor units for each component. */
export type Parts = Record<Component, bigint>;

/** What one instalment still asks for, in minor units. */
export interface Owed extends Parts {
  number: number;
}

export interface Allocated extends Parts {
  /** What the instalments took; never more than was offered. */
  taken: bigint;
  /** Only the instalments that got something, and what, in the order of the instalments. */
  parts: Owed[];
}

/**
 * Spreads a payment over instalments, given oldest first. Vertical: each instalment's components in the
 * waterfall's order before the next instalment; horizontal: the first component of every instalment before
 * the second component of any.
 */
export function allocate(offered: bigint, owed: readonly Owed[], waterfall: Waterfall): Allocated {
  const { order, direction } = waterfall;
  const result: Allocated = { taken: 0n, ...noParts(), parts: [] };
  const parts = owed.map(({ number }): Owed => ({ number, ...noParts() }));
  const take = (row: number, component: Component) => {
    const amount = smaller(offered - result.taken, owed[row]![component]);
    parts[row]![component] += amount;
    result[component] += amount;
    result.taken += amount;
  };
  if (direction === 'vertical') {
    for (let row = 0; row < owed.length && result.taken < offered; row += 1)
      for (const component of order) take(row, component);
  } else {
    for (const component of order) for (let row = 0; row < owed.length; row += 1) take(row, component);
  }
  result.parts = parts.filter((part) => total(part) > 0n);
  return result;
}

export function noParts(): Parts {
  return { penal: 0n, fees: 0n, interest: 0n, principal: 0n };
}

export function total(parts: Parts): bigint {
  let sum = 0n;
  for (const component of COMPONENTS) sum += parts[component];
  return sum;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
