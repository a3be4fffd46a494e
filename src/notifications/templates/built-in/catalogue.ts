import { bounced } from './bounced.ts';
import type { BuiltIn } from './built-in.ts';
import { closed } from './closed.ts';
import { digest } from './digest.ts';
import { disbursed } from './disbursed.ts';
import { due } from './due.ts';
import { foreclosureQuote } from './foreclosure-quote.ts';
import { offer } from './offer.ts';
import { overdue } from './overdue.ts';
import { paymentReceived } from './payment-received.ts';
import { reminderBeforeDue } from './reminder-before-due.ts';
import { statementReady } from './statement-ready.ts';

/** The templates that every tenant has: those of a loan's life, in its order, and the one that gathers reminders. */
export const BUILT_INS: ReadonlyMap<string, BuiltIn> = new Map(
  [
    offer,
    disbursed,
    reminderBeforeDue,
    due,
    overdue,
    paymentReceived,
    bounced,
    foreclosureQuote,
    closed,
    statementReady,
    digest,
  ].map((each) => [each.name, each]),
);
