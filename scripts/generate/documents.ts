import { keyFactsSchema } from '../../src/documents/key-facts-schema.ts';
import { statementSchema } from '../../src/documents/statement-schema.ts';
import { typeOf } from './typescript.ts';

/** src/client/documents.ts: what the documents of a loan say, for the compiler. */
export function renderDocuments(): string {
  return `// Generated from src/documents by \`npm run generate\`; do not edit.

/** The statement of a loan. Amounts are decimals as text. */
export type LoanStatement = ${typeOf(statementSchema, 'output')};

/** The key facts statement of a loan, or of an application that has an offer. */
export type KeyFacts = ${typeOf(keyFactsSchema, 'output')};
`;
}
