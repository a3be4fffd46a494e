import { expect, it } from 'vitest';
import { compensationOf } from '../../src/payments/compensation.ts';
import type { PayoutMode } from '../../src/payments/gateway/gateway.ts';

const table: [mode: PayoutMode, paid: string, until: string, days_late: number, owed: string][] = [
  ['IMPS', '2026-11-18', '2026-11-18', 0, '0.00'],
  ['IMPS', '2026-11-18', '2026-11-19', 0, '0.00'],
  ['IMPS', '2026-11-18', '2026-11-20', 1, '100.00'],
  ['UPI', '2026-11-18', '2026-11-25', 6, '600.00'],
  ['IMPS', '2026-11-20', '2026-11-23', 2, '200.00'],
  ['UPI', '2026-12-31', '2027-01-03', 2, '200.00'],
  ['IMPS', '2028-02-28', '2028-03-01', 1, '100.00'],
  ['NEFT', '2026-11-01', '2026-11-30', 0, '0.00'],
  ['RTGS', '2026-11-01', '2026-11-30', 0, '0.00'],
  ['IMPS', '2026-11-18', '2026-11-17', 0, '0.00'],
];
it.each(table)('%s of %s, out until %s: %i days late, ₹%s owed', (mode, paid, until, days_late, owed) => {
  const compensation = compensationOf(mode, paid, until);
  expect(compensation?.days_late ?? 0).toBe(days_late);
  expect(compensation?.amount.toFixed(2) ?? '0.00').toBe(owed);
});

it('is owed from the day after T+1: weekends count', () => {
  expect(compensationOf('IMPS', '2026-11-20', '2026-11-23')?.due_on).toBe('2026-11-21');
});
