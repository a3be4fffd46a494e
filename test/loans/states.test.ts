import { expect, test } from 'vitest';
import { LoanError } from '../../src/loans/errors.ts';
import {
  APPLICATION_STATES,
  applicationMayMove,
  LOAN_STATES,
  loanMayMove,
  moveApplication,
} from '../../src/loans/states.ts';

test('the moves of an application are these and no others', () => {
  const moves = APPLICATION_STATES.flatMap((from) =>
    APPLICATION_STATES.filter((to) => applicationMayMove(from, to)).map((to) => `${from} → ${to}`),
  );
  expect(moves).toEqual([
    ...['applied → checking', 'applied → rejected'],
    ...['checking → offered', 'checking → referred', 'checking → refused', 'checking → rejected'],
    ...['offered → approved', 'offered → rejected', 'referred → approved', 'referred → rejected'],
  ]);
});

test('a loan goes one way, from disbursing over active to closed', () => {
  const moves = LOAN_STATES.flatMap((from) =>
    LOAN_STATES.filter((to) => loanMayMove(from, to)).map((to) => `${from} → ${to}`),
  );
  expect(moves).toEqual(['disbursing → active', 'active → closed']);
});

test('an illegal move is refused with a code that says so', () => {
  expect(() => moveApplication('refused', 'approved')).toThrow(LoanError);
  expect(() => moveApplication('refused', 'approved')).toThrow('refused cannot become approved');
});
