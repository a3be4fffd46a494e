import type { Transaction } from '../db/pools.ts';
import { minorText, minorUnits } from '../loans/schedule.ts';
import { type InstalmentView, scheduleOf } from '../loans/views.ts';
import type { ChartRow } from './amortisation-chart.ts';
import { htmlOf } from './html.ts';
import { type KeyFactsSubject, keyFactsOf } from './key-facts.ts';
import { keyFactsPaper } from './key-facts-paper.ts';
import type { KeyFacts } from './key-facts-schema.ts';
import type { Paper } from './paper.ts';
import { type Period, statementOf } from './statement.ts';
import { statementPaper } from './statement-paper.ts';
import type { LoanStatement } from './statement-schema.ts';

export const FORMATS = ['json', 'html', 'pdf'] as const;
export type Format = (typeof FORMATS)[number];

/** A document: what it says, and how it looks on paper. */
export interface Document<Content = LoanStatement | KeyFacts> {
  /** Of a file that it is kept in, without what follows the dot. */
  name: string;
  content: Content;
  paper: () => Paper;
}

/** @returns null where there is no such loan. @throws DocumentError wrong-period, too-long */
export async function statementDocument(
  tx: Transaction,
  tenant: string,
  loan: string,
  period: Period,
  now: Date,
): Promise<Document<LoanStatement> | null> {
  const content = await statementOf(tx, tenant, loan, period, now);
  if (!content) return null;
  const schedule = chartRows(await scheduleOf(tx, loan));
  return { name: `statement-${loan}`, content, paper: () => statementPaper(content, schedule) };
}

/** @returns null where there is no such loan or application. @throws DocumentError no-terms */
export async function keyFactsDocument(
  tx: Transaction,
  tenant: string,
  subject: KeyFactsSubject,
  now: Date,
): Promise<Document<KeyFacts> | null> {
  const content = await keyFactsOf(tx, tenant, subject, now);
  return content && { name: `key-facts-${content.id}`, content, paper: () => keyFactsPaper(content) };
}

/** A document in bytes or text, with its media type. */
export type Printed =
  | { type: 'application/pdf'; body: Buffer }
  | { type: 'text/html'; body: string; policy: string };

export async function print(document: Document, format: 'html' | 'pdf'): Promise<Printed> {
  const paper = document.paper();
  if (format === 'html') {
    const { html, policy } = htmlOf(paper);
    return { type: 'text/html', body: html, policy };
  }
  // The libraries and fonts of PDF are loaded by whoever first asks for one.
  const { pdfOf } = await import('./pdf.ts');
  return { type: 'application/pdf', body: await pdfOf(paper) };
}

function chartRows(schedule: readonly InstalmentView[]): ChartRow[] {
  let outstanding = schedule.reduce((sum, { principal }) => sum + minorUnits(principal), 0n);
  return schedule.map(({ number, principal, interest }) => {
    const row = { number, principal, interest, outstanding: minorText(outstanding) };
    outstanding -= minorUnits(principal);
    return row;
  });
}
