import { z } from 'zod';
import { calculate } from '../../src/loans/calculator/calculate.ts';
import type { Calculation } from '../../src/loans/calculator/calculation.ts';
import { CALCULATIONS } from '../../src/loans/calculator/registry.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** docs/calculator.md: every function, its fields, and an example with the answer that it gives now. */
export function renderCalculatorPage(): string {
  return `# The calculator

Generated from src/loans/calculator by \`npm run generate\`; do not edit. The answers are the calculator's own.

One tested core, without a database, reached three ways with the same JSON: \`POST /v1/calculations/{fn}\` (scope
\`loans:read\`, \`?explain=true\`), \`client.calculate(fn, request)\`, and \`kist calc\`, one request a line
(\`kist calc --schema\` prints the JSON Schema of everything).

- **Numbers** are strings, in plain or scientific notation (\`"0.0125"\`, \`"1.25e-2"\`); where a field is a decimal, a
  JSON number will do and is read as the shortest text that means it. Amounts of money are strings.
- **Rates** are percent in \`schedule\`, \`apr\`, \`penalty\` and \`foreclosure\`, and fractions in Excel's functions and
  \`xirr\`.
- **Null** is the answer where no rate or number satisfies the equation. Where several do, it is the one nearest to
  \`guess\` (0.1 unless told; \`apr\`: ten percent a year). Both sides of the equation are compared at the rate, to 35
  digits, before it is told.
- **Digits**: what is not rounded by a rule has 34 significant digits; a rate at which the value only touches zero has 15.
- **Errors** are \`{"error":{"code","message","field"}}\`; \`field\` is the dotted path of what is at fault, empty for
  the whole. Over HTTP they are problem documents: \`invalid-request\`, \`not-calculable\`, \`unknown-calculation\`.
- **Explained**, every number carries its trace: rule and version, inputs, unrounded value, rounding.
${[...CALCULATIONS.values()].map(renderCalculation).join('')}`;
}

function renderCalculation({ fn, summary, source, request, example }: Calculation): string {
  const schema = z.toJSONSchema(request, { io: 'input', unrepresentable: 'any' });
  const line = JSON.stringify({ fn, ...example });
  return `
## \`${fn}\`

${summary}.

Formula: ${source}.

${renderFields(schema)}

\`\`\`json
${line}
${JSON.stringify(calculate(JSON.parse(line)))}
\`\`\`
`;
}

/** A list of the fields; of a function with several methods, one for each. */
function renderFields(schema: Schema): string {
  if (!schema.oneOf) return fieldList(schema, '').join('\n');
  const methods = schema.oneOf as Schema[];
  return methods
    .map((each) => {
      const { method } = each.properties as Record<string, Schema>;
      return `With \`"method":${JSON.stringify(method!.const)}\`:\n\n${fieldList(each, '').join('\n')}`;
    })
    .join('\n\n');
}

function fieldList(schema: Schema, indent: string): string[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => name !== 'method')
    .flatMap(([name, each]) => {
      const field = each as Schema;
      const items = field.items as Schema | undefined;
      const inner = field.properties ? field : items?.properties ? items : undefined;
      const notes = [
        typeName(field),
        ...(required.has(name)
          ? []
          : [field.default === undefined ? 'optional' : `default ${json(field.default)}`]),
      ];
      const about = field.description ? `: ${field.description}` : '';
      return [
        `${indent}- \`${name}\` (${notes.join(', ')})${about}`,
        ...(inner ? fieldList(inner, `${indent}  `) : []),
      ];
    });
}

function typeName(field: Schema): string {
  if (field.enum) return field.enum.map((each) => json(each)).join(' | ');
  if (field.const !== undefined) return json(field.const);
  if (field.type === 'array') return `list of at most ${field.maxItems ?? 'any number'}`;
  const alternatives = field.anyOf ?? field.oneOf;
  if (alternatives) return [...new Set(alternatives.map((each) => typeName(each as Schema)))].join(' | ');
  return field.format === 'date' ? 'date' : String(field.type ?? 'value');
}

function json(value: unknown): string {
  const text = JSON.stringify(value);
  return text === '{}' ? 'its defaults' : `\`${text}\``;
}
