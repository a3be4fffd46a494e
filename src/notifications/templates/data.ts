import type { TemplateData } from './parts.ts';

/** The variable that Kist fills in: where the reader of a reminder or of marketing by mail ends such mails. */
export const OPT_OUT_LINK = 'opt_out_link';

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
