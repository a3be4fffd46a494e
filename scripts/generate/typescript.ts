import { z } from 'zod';

type Schema = z.core.JSONSchema.BaseSchema;
type Definitions = Record<string, z.core.JSONSchema._JSONSchema>;

/** A payload or result nested deeper than this is recursive: it has no type that could be written out. */
const DEPTH_MAX = 32;

/**
 * The TypeScript type, written out, of what a zod schema reads (`input`) or gives (`output`) as JSON.
 * A transformed value is described by what it is made from, since that is what travels.
 */
export function typeOf(schema: z.ZodType, io: 'input' | 'output'): string {
  const json = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const definition = zodSchema._zod.def;
      if (io === 'output' && definition.type === 'pipe' && isTransform(definition)) {
        Object.assign(jsonSchema, z.toJSONSchema(sourceOf(definition), { io, unrepresentable: 'any' }));
      }
    },
  });
  return print(json, json.$defs ?? {}, 0);
}

/** The type in TypeScript of a JSON schema, as zod writes them. */
function print(schema: z.core.JSONSchema._JSONSchema, definitions: Definitions, depth: number): string {
  if (depth > DEPTH_MAX) throw new RangeError(`A schema is nested deeper than ${DEPTH_MAX}, or recursive.`);
  if (typeof schema === 'boolean') return schema ? 'unknown' : 'never';
  const inner = (each: z.core.JSONSchema._JSONSchema) => print(each, definitions, depth + 1);
  if (schema.$ref !== undefined) return inner(definitions[schema.$ref.replace('#/$defs/', '')] ?? schema);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return union(alternatives.map(inner));
  if (schema.allOf) return schema.allOf.map((each) => `(${inner(each)})`).join(' & ');
  if (Array.isArray(schema.type))
    return union(schema.type.map((type) => inner({ ...schema, type } as Schema)));
  if (schema.type === 'object') return printObject(schema, inner);
  if (schema.type === 'array') return printArray(schema, inner);
  const plain: Record<string, string> = { string: 'string', boolean: 'boolean', null: 'null' };
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  return plain[schema.type ?? ''] ?? 'unknown';
}

type Inner = (schema: z.core.JSONSchema._JSONSchema) => string;

function printObject(schema: Schema, inner: Inner): string {
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const comment = typeof field === 'object' && field.description ? docComment(field.description) : '';
    return `${comment}${propertyName(name)}${required.has(name) ? '' : '?'}: ${inner(field)};`;
  });
  const others = schema.additionalProperties;
  if (fields.length > 0) return `{\n${fields.join('\n')}\n}`;
  return `Record<string, ${others === undefined ? 'unknown' : inner(others)}>`;
}

function printArray(schema: Schema, inner: Inner): string {
  if (schema.prefixItems) return `[${schema.prefixItems.map(inner).join(', ')}]`;
  const items = Array.isArray(schema.items) ? union(schema.items.map(inner)) : inner(schema.items ?? true);
  return `Array<${items}>`;
}

function union(types: string[]): string {
  return [...new Set(types)].join(' | ');
}

export function propertyName(name: string): string {
  return /^[a-zA-Z_$][\w$]*$/.test(name) ? name : `'${name}'`;
}

export function docComment(text: string): string {
  return `/** ${text.replaceAll('*/', '* /').replace(/\s+/g, ' ').trim()} */\n`;
}

function isTransform(definition: z.core.$ZodTypeDef): definition is z.core.$ZodPipeDef {
  const { out } = definition as z.core.$ZodPipeDef;
  return out._zod.def.type === 'transform';
}

function sourceOf(definition: z.core.$ZodPipeDef): z.core.$ZodType {
  return definition.in;
}
