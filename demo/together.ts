/** Works on all items, so many at once; ends with the first error. @returns the answers, in order. */
export async function together<T, R>(
  items: readonly T[],
  at_once: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = new Array(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      answers[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(at_once, items.length) }, lane));
  return answers;
}
