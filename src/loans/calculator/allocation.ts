import { z } from 'zod';
import { allocate, type Owed, type Parts, total } from '../allocation.ts';
import { COMPONENTS, type Component, waterfallRules } from '../product-rules.ts';
import { minorText, minorUnits } from '../schedule.ts';
import type { CalculateOptions } from './calculation.ts';
import { CalculationError } from './errors.ts';
import { list } from './fields.ts';
import { bookedAmount, exactly } from './money.ts';

const owed = bookedAmount.default('0');

/** What `allocation` reads. */
export const allocationRequest = z.strictObject({
  amount: bookedAmount.describe('What is paid'),
  instalments: list(
    z.strictObject({ n: z.int().min(0), penal: owed, fees: owed, interest: owed, principal: owed }),
  ).describe('What each instalment asks for, the oldest first'),
  order: waterfallRules.shape.order,
  direction: waterfallRules.shape.direction,
});
export type AllocationRequest = z.output<typeof allocationRequest>;

/** Spreads a payment over instalments, by the function that repayments are taken with. */
export function allocation(request: AllocationRequest, options: CalculateOptions = {}): object {
  const { order, direction } = request;
  const amount = minorUnits(request.amount);
  const seen = new Set<number>();
  const instalments = request.instalments.map((each, index): Owed => {
    if (seen.has(each.n)) {
      const field = `instalments.${index}.n`;
      throw new CalculationError('invalid-value', `${field}: there are two instalments ${each.n}`, field);
    }
    seen.add(each.n);
    return { number: each.n, ...partsOf(each) };
  });
  const allocated = allocate(amount, instalments, { order, direction });
  const answer = {
    taken: minorText(allocated.taken),
    ...written(allocated),
    parts: allocated.parts.map((part) => ({
      ...{ n: part.number, ...written(part), total: minorText(total(part)) },
    })),
    unallocated: minorText(amount - allocated.taken),
  };
  if (!options.explain) return answer;
  const rule = `waterfall/1, ${direction}: ${order.join(' → ')}`;
  const asked = instalments.reduce((sum, each) => sum + total(each), 0n);
  return {
    ...answer,
    trace: {
      taken: exactly(rule, { amount: request.amount, owed: minorText(asked) }, allocated.taken),
      unallocated: exactly(
        'rest/1',
        { amount: request.amount, taken: answer.taken },
        amount - allocated.taken,
      ),
    },
  };
}

function partsOf(texts: Record<Component, string>): Parts {
  const { penal, fees, interest, principal } = texts;
  return {
    ...{ penal: minorUnits(penal), fees: minorUnits(fees) },
    ...{ interest: minorUnits(interest), principal: minorUnits(principal) },
  };
}

function written(parts: Parts): Record<Component, string> {
  return Object.fromEntries(COMPONENTS.map((name) => [name, minorText(parts[name])])) as Record<
    Component,
    string
  >;
}
