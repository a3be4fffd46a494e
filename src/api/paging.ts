/** The address of the page after this one, with the same filter. */
export function nextPage(path: string, query: Record<string, unknown>, after: string): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, after })) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return `${path}?${parameters}`;
}
