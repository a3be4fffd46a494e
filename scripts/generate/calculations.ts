import type { Calculation } from '../../src/loans/calculator/calculation.ts';
import { CALCULATIONS } from '../../src/loans/calculator/registry.ts';
import { docComment, typeOf } from './typescript.ts';

/** src/client/calculations.ts: what each function of the calculator reads and answers, for the compiler. */
export function renderCalculations(): string {
  return `// Generated from src/loans/calculator by \`npm run generate\`; do not edit.

/** What each function of the calculator reads, and what it answers. */
export type Calculations = {
${[...CALCULATIONS.values()].map(renderCalculation).join('\n')}
};
`;
}

function renderCalculation({ fn, summary, request, answer }: Calculation): string {
  return `${docComment(summary)}'${fn}': {
  request: ${typeOf(request, 'input')};
  answer: ${typeOf(answer, 'output')};
};`;
}
