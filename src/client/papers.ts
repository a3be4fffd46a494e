/** Days of the books, `YYYY-MM-DD`. */
export interface Period {
  from?: string;
  to?: string;
}

export type KeyFactsSubject = { loan: string } | { application: string };

/** Media types of what can be printed. */
export const PRINT_TYPES = { html: 'text/html', pdf: 'application/pdf' } as const;
export type PrintFormat = keyof typeof PRINT_TYPES;

export function loanPath(loan: string): string {
  return `/v1/loans/${encodeURIComponent(loan)}`;
}

export function keyFactsPath(subject: KeyFactsSubject): string {
  if ('loan' in subject) return `${loanPath(subject.loan)}/key-facts`;
  return `/v1/loan-applications/${encodeURIComponent(subject.application)}/key-facts`;
}
