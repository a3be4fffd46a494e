import { CHANNELS } from '../channels.ts';
import type { WrongField } from '../errors.ts';
import { OPT_OUT_LINK } from './data.ts';
import { parse, variablesOf } from './engine.ts';
import { TemplateError } from './errors.ts';
import { fieldsOf } from './fields.ts';
import type { TemplateData, TemplateParts, TemplateWording } from './parts.ts';
import { render } from './render.ts';

/** The variables that a template's texts read, in order of their names. */
export function variablesIn(parts: TemplateParts): string[] {
  const names = fieldsOf(parts).flatMap(({ style, source, pointer }) => variablesOf(style, source, pointer));
  return [...new Set(names)].sort();
}

/** What the variables of a template hold in its preview. */
export function examplesOf(variables: TemplateWording['variables'] | null): TemplateData {
  return Object.fromEntries(Object.entries(variables ?? {}).map(([name, { example }]) => [name, example]));
}

/**
 * Refuses a wording that could not be sent: every text that cannot be read is named with line and column.
 * Where the variables are told, none but these and Kist's own may be used, and their examples must make a message.
 * @throws TemplateError
 */
export function checkWording({ parts, variables }: TemplateWording, locale: string): void {
  const wrong = fieldsOf(parts).flatMap((field) => faultsOf(field));
  if (wrong.length > 0) throw invalid(wrong);
  if (!variables) return;
  const untold = variablesIn(parts).filter(
    (name) => name !== OPT_OUT_LINK && !Object.hasOwn(variables, name),
  );
  if (untold.length > 0) {
    throw invalid(
      untold.map((name) => ({ pointer: `/variables/${name}`, message: 'is used and not told of' })),
    );
  }
  const data = examplesOf(variables);
  for (const channel of CHANNELS) if (parts[channel]) render({ parts, channel, data, locale });
}

function faultsOf({ style, source, pointer }: ReturnType<typeof fieldsOf>[number]): WrongField[] {
  try {
    parse(style, source, pointer);
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return [...error.fields];
    throw error;
  }
}

function invalid(fields: WrongField[]): TemplateError {
  const [first] = fields;
  return new TemplateError('invalid-template', `${first!.pointer}: ${first!.message}`, fields);
}
