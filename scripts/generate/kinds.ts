import type { JobDefinition } from '../../src/runtime/definition.ts';
import type { Registry } from '../../src/runtime/registry.ts';
import { docComment, typeOf } from './typescript.ts';

/** src/client/kinds.ts: what each public kind of job takes and answers, for the compiler. */
export function renderKinds(registry: Registry): string {
  const kinds = [...registry.kinds.values()]
    .filter((definition) => definition.public !== false)
    .sort((one, other) => (one.kind < other.kind ? -1 : 1));
  return `// Generated from jobs/ by \`npm run generate\`; do not edit.

/** What each kind of job takes, and what it answers when it is done. */
export type JobKinds = {
${kinds.map(renderKind).join('\n')}
};
`;
}

function renderKind({ kind, summary, payload, result }: JobDefinition): string {
  return `${docComment(summary)}'${kind}': {
  payload: ${typeOf(payload, 'input')};
  result: ${typeOf(result, 'output')};
};`;
}
