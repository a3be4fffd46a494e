import type { TemplateData } from './parts.ts';

/** Without what is null: that is missing, for "Dear ," is no way to write to anybody. */
export function withoutNulls(data: TemplateData): TemplateData {
  return Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, isPlain(value) ? withoutNulls(value) : value]),
  );
}

function isPlain(value: unknown): value is TemplateData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
