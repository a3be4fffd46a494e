import { draw } from '../faults.ts';
import type { Store, Table } from './store.ts';

/**
 * What can go wrong, by what it befalls.
 * `answer`: a call. `payout`, `payment`, `mandate`, `refund`, `account`: the life of one, drawn when it begins.
 * `webhook`: one event. `row`: a line of a settlement. `settlement`: one as a whole.
 */
export const FAULTS = {
  answer: [
    'commit-then-500',
    'commit-then-hang',
    'commit-then-reset',
    'commit-then-garbage',
    'error-500',
    'reset',
    'rate-limited',
    'rate-limited-bare',
    'key-mismatch',
    'webhook-first',
  ],
  payout: [
    'slow-processed',
    'slow-reversed',
    'slow-failed',
    'processed-reversed',
    'failed',
    'failed-reversed',
    'failed-processed',
    'queued',
    'pending',
    'rejected',
  ],
  payment: ['payment-failed', 'late-authorised'],
  mandate: ['mandate-bounced', 'mandate-slow'],
  refund: ['refund-failed', 'refund-running'],
  account: ['account-invalid', 'name-differs', 'check-failed'],
  webhook: ['duplicate', 'swapped', 'delayed', 'missing', 'forged', 'old-secret'],
  row: [
    'row-missing',
    'row-extra',
    'amount-off',
    'fee-off',
    'tax-off',
    'split',
    'wrong-currency',
    'wrong-status',
    'late',
  ],
  settlement: ['adjustment', 'duplicate-utr'],
} as const;

export type FaultGroup = keyof typeof FAULTS;
export type GatewayFault = (typeof FAULTS)[FaultGroup][number];

/** A fault that befalls exactly this subject, so many times. */
export interface ScriptedFault {
  fault: GatewayFault;
  /** A reference, receipt, idempotency key, id, note `subject`, account number or date; `*` is whatever comes next. */
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

export interface FaultSettings {
  /** Of 1,000, how many each fault befalls. */
  rates: Partial<Record<GatewayFault, number>>;
  /** So many faulty answers in a row for one subject at most; then it is answered. */
  failures_in_row_max: number;
  /** What takes days takes one to so many. */
  days_max: number;
  script: readonly ScriptedFault[];
}

export const NO_GATEWAY_FAULTS: FaultSettings = {
  rates: {},
  failures_in_row_max: 3,
  days_max: 3,
  script: [],
};

export const MODEST_GATEWAY_FAULTS: FaultSettings = {
  ...NO_GATEWAY_FAULTS,
  rates: {
    ...{ 'commit-then-500': 20, 'commit-then-reset': 10, 'error-500': 20, reset: 10, 'rate-limited': 20 },
    ...{ 'webhook-first': 30, 'slow-processed': 30, 'slow-reversed': 10, failed: 20 },
    ...{ 'processed-reversed': 10, 'failed-reversed': 5, 'payment-failed': 30, 'late-authorised': 20 },
    ...{ 'mandate-bounced': 80, 'mandate-slow': 30, 'refund-failed': 10 },
    ...{ duplicate: 50, swapped: 30, delayed: 30, missing: 20, forged: 10, 'old-secret': 20 },
    ...{ 'row-missing': 5, 'row-extra': 5, 'amount-off': 3, 'fee-off': 5, 'tax-off': 3, split: 5, late: 10 },
    ...{ 'wrong-status': 2, adjustment: 20 },
  },
};

/** Every fault there is, each often. */
export const ALL_GATEWAY_FAULTS: FaultSettings = {
  ...NO_GATEWAY_FAULTS,
  rates: Object.fromEntries(Object.values(FAULTS).flatMap((names) => names.map((name) => [name, 40]))),
};

export interface Chosen {
  fault: GatewayFault;
  days: number;
  reason: string | null;
}

/** What a fault is chosen for. */
export interface Occasion {
  group: FaultGroup;
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
}

const FAULTS_OF_READS: readonly GatewayFault[] = [
  'error-500',
  'reset',
  'rate-limited',
  'rate-limited-bare',
  'commit-then-500',
  'commit-then-hang',
  'commit-then-reset',
  'commit-then-garbage',
];

const SCRIPT_MAX = 10_000;

type Line = ScriptedFault & { id: string; times: number };

/** The fault script at work: exact faults first, in their order, then the seed's. */
export class Faults {
  readonly settings: FaultSettings;
  readonly #seed: number;
  readonly #script: Table<Line>;
  /** How many are left for a subject; most subjects have none, and are not searched for. */
  readonly #scripted = new Map<string, number>();
  #lines: number;

  constructor(seed: number, settings: Partial<FaultSettings>, store: Store) {
    this.settings = { ...NO_GATEWAY_FAULTS, ...settings };
    this.#seed = seed;
    this.#script = store.table('script');
    this.#lines = 0;
    for (const { id, subject } of this.#script.values()) {
      this.#lines = Math.max(this.#lines, Number(id));
      this.#count(subject, 1);
    }
    this.add(this.settings.script);
  }

  /** @throws RangeError for a fault that does not exist, or when too many are waiting */
  add(script: readonly ScriptedFault[]): void {
    if (this.#script.size + script.length > SCRIPT_MAX) throw new RangeError('The script is too long.');
    for (const line of script) {
      if (!isFault(line.fault)) throw new RangeError(`There is no fault ${line.fault}.`);
      this.#lines += 1;
      this.#script.put({ ...line, id: String(this.#lines), times: line.times ?? 1 });
      this.#count(line.subject, 1);
    }
  }

  /** What befalls the subject now, if anything; a scripted fault is used up by it. */
  choose(occasion: Occasion): Chosen | null {
    return this.#exact(occasion) ?? (occasion.scripted_only ? null : this.#seeded(occasion));
  }

  #exact({ group, subjects, call, event, is_read }: Occasion): Chosen | null {
    if (this.#script.size === 0) return null;
    const names = ['*', ...subjects].filter((name) => name && this.#scripted.has(name));
    if (names.length === 0) return null;
    for (const line of this.#script.values()) {
      if (!names.includes(line.subject) || !isOf(group, line.fault)) continue;
      if ((line.call && line.call !== call) || (line.event && line.event !== event)) continue;
      if (is_read && !(line.call && FAULTS_OF_READS.includes(line.fault))) continue;
      this.#use(line);
      return { fault: line.fault, days: line.days ?? 1, reason: line.reason ?? null };
    }
    return null;
  }

  #seeded({ group, subjects, point, is_read }: Occasion): Chosen | null {
    const { rates, days_max } = this.settings;
    const [dice, days] = draw(`${this.#seed}/${group}/${subjects.find(Boolean)}/${point}`);
    let per_mille = dice % 1_000;
    for (const fault of FAULTS[group]) {
      per_mille -= rates[fault] ?? 0;
      if (per_mille >= 0) continue;
      if (is_read && !FAULTS_OF_READS.includes(fault)) return null;
      return { fault, days: 1 + (days % days_max), reason: null };
    }
    return null;
  }

  #use(line: Line): void {
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

export function isFault(name: string): name is GatewayFault {
  return Object.values(FAULTS).some((names) => (names as readonly string[]).includes(name));
}

function isOf(group: FaultGroup, fault: GatewayFault): boolean {
  return (FAULTS[group] as readonly string[]).includes(fault);
}
