const NEWLINE = 0x0a;

/** One line, or that it was longer than is read. */
export type Line = { text: Buffer } | { tooLong: true };

/**
 * Cuts a stream of bytes into lines; the last one needs no newline. A line longer than `bytes_max` is passed
 * over to its end, so that no input can fill the memory.
 * @returns the lines of each chunk, as it comes
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer | string>,
  bytes_max: number,
): AsyncGenerator<Line[]> {
  let begun: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer): void => {
    bytes += part.length;
    if (bytes <= bytes_max) begun.push(part);
    else begun = [];
  };
  const finish = (): Line => {
    const line: Line = bytes > bytes_max ? { tooLong: true } : { text: Buffer.concat(begun) };
    begun = [];
    bytes = 0;
    return line;
  };
  for await (const each of chunks) {
    const chunk = typeof each === 'string' ? Buffer.from(each) : each;
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      lines.push(finish());
      start = end + 1;
    }
    take(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (bytes > 0) yield [finish()];
}
