import type { Table } from './store.ts';

/** Something that will happen at a moment of the sandbox's clock. */
export interface Due {
  id: string;
  at_ms: number;
}

/** What is due, earliest first; of one moment, what was put down first. Kept in a table, so it outlives a restart. */
export class Agenda<Item extends Due> {
  readonly #table: Table<Item>;
  readonly #heap: { at_ms: number; order: number; id: string }[] = [];
  #order = 0;

  constructor(table: Table<Item>) {
    this.#table = table;
    for (const item of table.values()) this.#push(item);
  }

  get size(): number {
    return this.#table.size;
  }

  /** Puts an item down, or to another moment. */
  put(item: Item): void {
    this.#table.put(item);
    this.#push(item);
  }

  get(id: string): Item | undefined {
    return this.#table.get(id);
  }

  remove(id: string): void {
    this.#table.remove(id);
  }

  /** The earliest item due by a moment; it stays until it is removed or moved. */
  next(by_ms: number): Item | null {
    for (let top = this.#heap[0]; top && top.at_ms <= by_ms; top = this.#heap[0]) {
      const item = this.#table.get(top.id);
      if (item?.at_ms === top.at_ms) return item;
      this.#pop();
    }
    return null;
  }

  /** Takes all items due by a moment off the heap; each is to be removed or put down again. */
  takeDue(by_ms: number): Item[] {
    const taken: Item[] = [];
    for (let item = this.next(by_ms); item; item = this.next(by_ms)) {
      this.#pop();
      taken.push(item);
    }
    return taken;
  }

  #push({ at_ms, id }: Item): void {
    const heap = this.#heap;
    heap.push({ at_ms, order: this.#order++, id });
    for (let at = heap.length - 1; at > 0; ) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(at, above)) break;
      this.#swap(at, above);
      at = above;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (heap.length === 0 || !last) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < heap.length && this.#isBefore(below, least)) least = below;
      }
      if (least === at) break;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [a, b] = [this.#heap[left]!, this.#heap[right]!];
    return a.at_ms === b.at_ms ? a.order < b.order : a.at_ms < b.at_ms;
  }

  #swap(left: number, right: number): void {
    [this.#heap[left], this.#heap[right]] = [this.#heap[right]!, this.#heap[left]!];
  }
}
