import { expect, it } from 'vitest';
import { suggestedMove } from '../../../src/payments/reconciliation/resolve-break.ts';
import type { Result, SubjectKind } from '../../../src/payments/reconciliation/results.ts';

type Row = [subject: SubjectKind, result: Result, here: string | null, there: string | null, move: string];

const table: Row[] = [
  ['payout', 'fee', '-1005.90', '-1006.90', '1.00 bank → gateway-fees'],
  ['payout', 'fee', '-1005.90', '-1004.90', '1.00 gateway-fees → bank'],
  ['payout', 'amount', '-1005.90', '-1015.90', '10.00 bank → suspense'],
  ['payout', 'duplicate', '-1005.90', '-2011.80', '1005.90 bank → suspense'],
  ['payout', 'missing-here', null, '-1005.90', '1005.90 bank → suspense'],
  ['payout', 'missing-there', '-1005.90', null, 'none'],
  ['payout', 'status', '-1005.90', '0.00', 'none'],
  ['payout', 'tax', '-1005.90', '-1005.90', 'none'],
  ['collection', 'amount', '1000.00', '1001.00', '1.00 suspense → collection-clearing'],
  ['collection', 'fee', '976.40', '975.40', 'none'],
  ['collection', 'missing-here', null, '976.40', 'none'],
  ['refund', 'amount', '-100.00', '-110.00', '10.00 collection-clearing → suspense'],
  ['settlement', 'amount', '976.40', '976.00', '0.40 bank → suspense'],
  ['settlement', 'missing-there', '976.40', null, 'none'],
  ['bank-line', 'missing-here', null, '-11.80', '11.80 bank → suspense'],
  ['adjustment', 'missing-here', null, '500.00', '500.00 suspense → bank'],
  ['adjustment', 'explained', null, '-10.00', 'none'],
];
it.each(table)('a %s, %s, %s here and %s there: move %s', (subject_kind, result, here, there, expected) => {
  const move = suggestedMove({ subject_kind, result, here, there, currency: 'INR' }, 'INR');
  expect(move ? `${move.amount} ${move.from} → ${move.to}` : 'none').toBe(expected);
});

it('is never worked out from another currency than the lender’s', () => {
  const foreign = {
    subject_kind: 'bank-line',
    result: 'missing-here',
    here: null,
    there: '10.00',
    currency: 'USD',
  };
  expect(suggestedMove(foreign as never, 'INR')).toBeNull();
});
