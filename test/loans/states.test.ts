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
    ...['applied → checking', 'applied → rejected', 'applied → cancelled'],
    ...['checking → offered', 'checking → referred', 'checking → refused'],
    ...['checking → rejected', 'checking → cancelled'],
    ...['offered → approved', 'offered → rejected', 'offered → cancelled'],
    ...['referred → approved', 'referred → rejected', 'referred → cancelled'],
  ]);
});

test('a loan goes from disbursing over active to one of its ends, and returns only when a payment bounces', () => {
  const moves = LOAN_STATES.flatMap((from) =>
    LOAN_STATES.filter((to) => loanMayMove(from, to)).map((to) => `${from} → ${to}`),
  );
  expect(moves).toEqual([
    ...['disbursing → active', 'disbursing → cancelled'],
    ...['active → closed', 'active → foreclosed', 'active → written-off'],
    ...['closed → active', 'foreclosed → active'],
  ]);
});

test('an illegal move is refused with a code that says so', () => {
  expect(() => moveApplication('refused', 'approved')).toThrow(LoanError);
  expect(() => moveApplication('refused', 'approved')).toThrow('refused cannot become approved');
});
