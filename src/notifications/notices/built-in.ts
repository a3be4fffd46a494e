import type { Category } from '../payload.ts';

/** On which side of its due date an instalment is when its reminder is read. */
export const MOMENTS = ['before-due', 'on-due', 'after-due'] as const;
export type Moment = (typeof MOMENTS)[number];

/** What of a rule its tenant need not say. */
export interface BuiltInRule {
  name: string;
  event_type: string;
  moment?: Moment;
  template: string;
  category: Category;
}

export const REMINDER_DUE = 'loan.reminder-due';
export const STATEMENT_READY = 'loan.statement-ready';

/** The notices of a loan's life, in its order. */
export const BUILT_IN_RULES: readonly BuiltInRule[] = [
  of('offer', 'application.offered', 'offer'),
  of('disbursed', 'loan.disbursed', 'disbursed'),
  of('paid-out', 'payout.succeeded', 'disbursed'),
  reminder('reminder-before-due', 'before-due', 'reminder-before-due'),
  reminder('due', 'on-due', 'due'),
  reminder('overdue', 'after-due', 'overdue'),
  of('payment-received', 'loan.payment-received', 'payment-received'),
  of('prepaid', 'loan.prepaid', 'payment-received'),
  of('bounced', 'loan.payment-reversed', 'bounced'),
  of('debit-bounced', 'mandate.debit-bounced', 'bounced'),
  of('foreclosure-quote', 'loan.foreclosure-quoted', 'foreclosure-quote'),
  of('closed', 'loan.closed', 'closed'),
  of('foreclosed', 'loan.foreclosed', 'closed'),
  of('statement-ready', STATEMENT_READY, 'statement-ready'),
];

function of(name: string, event_type: string, template: string): BuiltInRule {
  return { name, event_type, template, category: 'transactional' };
}

function reminder(name: string, moment: Moment, template: string): BuiltInRule {
  return { name, event_type: REMINDER_DUE, moment, template, category: 'reminder' };
}
