import { draw } from './faults.ts';
import type { Store, Table } from './store.ts';

/** Which faults there are, by what they befall. */
export type FaultGroups = Readonly<Record<string, readonly string[]>>;
export type FaultIn<Groups extends FaultGroups> = Groups[keyof Groups][number];

/** A fault that befalls exactly this subject, so many times. */
export interface Scripted<Fault extends string> {
  fault: Fault;
  /** A name of what it befalls; `*` is whatever comes next. */
  subject: string;
  /** 1 by default. Faults of one subject come in the order in which they were scripted. */
  times?: number;
  /** For what takes days; 1 by default. */
  days?: number;
  /** The reason told, where something fails. */
  reason?: string;
  /** Only for this event, e.g. `payout.processed`. */
  event?: string;
  /** Only for this call, e.g. `payout.create`, `payout.fetch`. */
  call?: string;
}

export interface ScriptSettings<Fault extends string> {
  /** Of 1,000, how many each fault befalls. */
  rates: Partial<Record<Fault, number>>;
  /** So many faulty answers in a row for one subject at most; then it is answered. */
  failures_in_row_max: number;
  /** What takes days takes one to so many. */
  days_max: number;
  script: readonly Scripted<Fault>[];
}

export interface ChosenOf<Fault extends string> {
  fault: Fault;
  days: number;
  reason: string | null;
}

/** What a fault is chosen for. */
export interface OccasionOf<Groups extends FaultGroups> {
  group: keyof Groups;
  /** Every name the subject goes by; the first one decides what the seed brings. */
  subjects: readonly (string | null | undefined)[];
  /** Tells the occasions of one subject apart. */
  point: string;
  call?: string;
  event?: string;
  /** It changes nothing: only faults that lose an answer, and scripted ones only where they name the call. */
  is_read?: boolean;
  /** The seed has had its turn. */
  scripted_only?: boolean;
  /** Instead of the rates of the settings. */
  rates?: Partial<Record<FaultIn<Groups>, number>>;
}

const SCRIPT_MAX = 10_000;

type Line<Fault extends string> = Scripted<Fault> & { id: string; times: number };

/** The fault script at work: exact faults first, in their order, then the seed's. */
export class FaultScripts<Groups extends FaultGroups> {
  readonly settings: ScriptSettings<FaultIn<Groups>>;
  readonly #groups: Groups;
  readonly #ofReads: readonly string[];
  readonly #seed: number;
  readonly #script: Table<Line<FaultIn<Groups>>>;
  /** How many are left for a subject; most subjects have none, and are not searched for. */
  readonly #scripted = new Map<string, number>();
  #lines: number;

  constructor(parts: {
    groups: Groups;
    /** Those that befall a call that changes nothing. */
    ofReads: readonly FaultIn<Groups>[];
    seed: number;
    settings: ScriptSettings<FaultIn<Groups>>;
    store: Store;
  }) {
    this.settings = parts.settings;
    this.#groups = parts.groups;
    this.#ofReads = parts.ofReads;
    this.#seed = parts.seed;
    this.#script = parts.store.table('script');
    this.#lines = 0;
    for (const { id, subject } of this.#script.values()) {
      this.#lines = Math.max(this.#lines, Number(id));
      this.#count(subject, 1);
    }
    this.add(this.settings.script);
  }

  /** @throws RangeError for a fault that does not exist, or when too many are waiting */
  add(script: readonly Scripted<FaultIn<Groups>>[]): void {
    if (this.#script.size + script.length > SCRIPT_MAX) throw new RangeError('The script is too long.');
    for (const line of script) {
      if (!isFaultOf(this.#groups, line.fault)) throw new RangeError(`There is no fault ${line.fault}.`);
      this.#lines += 1;
      this.#script.put({ ...line, id: String(this.#lines), times: line.times ?? 1 });
      this.#count(line.subject, 1);
    }
  }

  /** What befalls the subject now, if anything; a scripted fault is used up by it. */
  choose(occasion: OccasionOf<Groups>): ChosenOf<FaultIn<Groups>> | null {
    return this.#exact(occasion) ?? (occasion.scripted_only ? null : this.#seeded(occasion));
  }

  #exact({ group, subjects, call, event, is_read }: OccasionOf<Groups>): ChosenOf<FaultIn<Groups>> | null {
    if (this.#script.size === 0) return null;
    const names = ['*', ...subjects].filter((name) => name && this.#scripted.has(name));
    if (names.length === 0) return null;
    for (const line of this.#script.values()) {
      if (!names.includes(line.subject) || !this.#groups[group]!.includes(line.fault)) continue;
      if ((line.call && line.call !== call) || (line.event && line.event !== event)) continue;
      if (is_read && !(line.call && this.#ofReads.includes(line.fault))) continue;
      this.#use(line);
      return { fault: line.fault, days: line.days ?? 1, reason: line.reason ?? null };
    }
    return null;
  }

  #seeded({
    group,
    subjects,
    point,
    is_read,
    rates = this.settings.rates,
  }: OccasionOf<Groups>): ChosenOf<FaultIn<Groups>> | null {
    const named = `${this.#seed}/${String(group)}/${subjects.find(Boolean)}/${point}`;
    const [dice, days] = draw(named);
    let per_mille = dice % 1_000;
    for (const fault of this.#groups[group] as readonly FaultIn<Groups>[]) {
      per_mille -= rates[fault] ?? 0;
      if (per_mille >= 0) continue;
      if (is_read && !this.#ofReads.includes(fault)) return null;
      return { fault, days: 1 + (days % this.settings.days_max), reason: null };
    }
    return null;
  }

  #use(line: Line<FaultIn<Groups>>): void {
    if (line.times > 1) {
      this.#script.put({ ...line, times: line.times - 1 });
    } else {
      this.#script.remove(line.id);
      this.#count(line.subject, -1);
    }
  }

  #count(subject: string, change: number): void {
    const count = (this.#scripted.get(subject) ?? 0) + change;
    if (count > 0) this.#scripted.set(subject, count);
    else this.#scripted.delete(subject);
  }
}

export function isFaultOf(groups: FaultGroups, name: string): boolean {
  return Object.values(groups).some((names) => names.includes(name));
}
