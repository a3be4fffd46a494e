import type { Api, ApiParts } from '../ports.ts';
import { jobOfRoute } from './job-of.ts';

/** What is done to one loan is a job of the loan's; the body is that job's payload without the loan. */
export function loanJobRoute(
  app: Api,
  parts: ApiParts,
  { kind, under, action }: { kind: string; under: string; action: string },
): void {
  const url = `/v1/loans/:id/${under}`;
  jobOfRoute(app, parts, { kind, url, names: 'loan', action, scope: 'loans:write', tags: ['loans'] });
}

/** Paying early, and fees. */
export function loanJobRoutes(app: Api, parts: ApiParts): void {
  loanJobRoute(app, parts, { kind: 'loan.repay', under: 'repayments', action: 'loans.repay' });
  loanJobRoute(app, parts, { kind: 'loan.prepay', under: 'prepayments', action: 'loans.prepay' });
  loanJobRoute(app, parts, { kind: 'loan.recover', under: 'recoveries', action: 'loans.recover' });
  loanJobRoute(app, parts, { kind: 'loan.charge-fee', under: 'fees', action: 'loans.charge-fee' });
}
