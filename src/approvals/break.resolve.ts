import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { amountSchema, formatAmount, sum, toDecimal } from '../ledger/money.ts';
import { type Break, breakOf, lockBreak } from '../payments/reconciliation/breaks.ts';
import {
  differenceOf,
  MOVABLE,
  type MoneyMove,
  resolveBreak,
} from '../payments/reconciliation/resolve-break.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

const MOVES_MAX = 4;

const move = z
  .strictObject({
    amount: amountSchema,
    from: z.enum(MOVABLE).describe('credited'),
    to: z.enum(MOVABLE).describe('debited'),
  })
  .refine(({ from, to }) => from !== to, { error: 'must move money from one account to another' });

export default defineAction({
  action: 'break.resolve',
  summary: 'Resolve what does not agree in the reconciliation, moving money in the books where it must',
  scope: { propose: 'payments:write', approve: 'payments:approve' },
  request: z.strictObject({
    break: z.uuid(),
    moves: z.array(move).max(MOVES_MAX).optional().describe('left out: our books are right as they are'),
    books_settlement: z
      .boolean()
      .optional()
      .describe('of a settlement: also books it as the gateway’s lines add up'),
    why,
  }),

  async facts(tx, { break: id, books_settlement }) {
    const broken = standing(await breakOf(tx, id), id);
    const { subject_kind, subject, gateway, result, currency, here, there, episode } = broken;
    if (books_settlement && (subject_kind !== 'settlement' || result === 'missing-there')) {
      throw new ActionRefused(
        'illegal-transition',
        `Break ${id} is about no settlement that reached the bank.`,
      );
    }
    return { subject_kind, subject, gateway, result, currency, here, there, episode };
  },

  describe: ({ subject_kind, subject, result, here, there, currency, moves, books_settlement, why }) =>
    [
      `Resolve ${result} of ${subject_kind} ${subject} (${here ?? 'nothing'} here, ${there ?? 'nothing'} there, ${currency})`,
      ...(books_settlement ? ['booking the settlement as told'] : []),
      ...(moves?.length ? moves.map(moveText) : ['moving nothing']),
    ]
      .join(', ')
      .concat(`: ${why}`),

  amount: ({ moves = [], here, there }) =>
    moves.length > 0
      ? formatAmount(sum(moves.map(({ amount }) => toDecimal(amount))))
      : formatAmount(toDecimal(differenceOf({ here, there })).abs()),

  async apply(
    tx,
    { break: id, moves = [], books_settlement = false, why },
    { tenant, now, proposed_by: by },
  ) {
    const broken = standing(await lockBreak(tx, id), id);
    const journal = await resolveBreak(tx, { tenant, now, by }, broken, { moves, books_settlement, why });
    return { break: id, journal };
  },
});

function moveText({ amount, from, to }: MoneyMove): string {
  return `moving ${amount} from ${from} to ${to}`;
}

/** @throws ActionRefused where there is none, or it does not stand any more */
function standing(broken: Break | null, id: string): Break {
  if (!broken) throw new ActionRefused('not-found', `There is no break ${id}.`);
  if (broken.state === 'resolved') {
    throw new ActionRefused(
      'illegal-transition',
      `Break ${id} is resolved: ${broken.why ?? broken.resolution}`,
    );
  }
  return broken;
}
