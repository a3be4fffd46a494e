/** Reads a sequence of rows with a look at the next one, so that several can be merged. */
export class Cursor<Row> {
  readonly #rows: AsyncIterator<Row>;
  #next: Promise<IteratorResult<Row>> | undefined;

  constructor(rows: AsyncIterable<Row>) {
    this.#rows = rows[Symbol.asyncIterator]();
  }

  /** The next row, without moving on; undefined at the end. */
  async peek(): Promise<Row | undefined> {
    this.#next ??= this.#rows.next();
    const { done, value } = await this.#next;
    return done ? undefined : value;
  }

  async take(): Promise<Row | undefined> {
    const row = await this.peek();
    this.#next = undefined;
    return row;
  }
}
