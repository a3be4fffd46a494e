/** What one instalment still asks for, in minor units. */
export interface Owed {
  number: number;
  principal: bigint;
  interest: bigint;
}

export interface Allocated {
  /** What the instalments took; never more than was offered. */
  taken: bigint;
  interest: bigint;
  principal: bigint;
  /** Only the instalments that got something, and what. */
  parts: Owed[];
}

/** Spreads a payment: the oldest instalment first, and of each the interest before the principal. */
export function allocate(offered: bigint, owed: readonly Owed[]): Allocated {
  const result: Allocated = { taken: 0n, interest: 0n, principal: 0n, parts: [] };
  for (const { number, ...due } of owed) {
    const interest = smaller(offered - result.taken, due.interest);
    const principal = smaller(offered - result.taken - interest, due.principal);
    if (interest + principal === 0n) continue;
    result.parts.push({ number, interest, principal });
    result.interest += interest;
    result.principal += principal;
    result.taken += interest + principal;
  }
  return result;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
