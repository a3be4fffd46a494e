import { Agenda, type Due } from '../agenda.ts';
import type { MovableClock } from '../clock.ts';
import type { Store } from '../store.ts';

interface Step extends Due {
  /** Which part carries it out. */
  act: string;
  subject: string;
  number: number;
}

/** More than a gateway does in a lifetime; beyond it, steps bring each other about for ever. */
const STEPS_A_ROUND_MAX = 10_000_000;

/** What the gateway will do by itself: the next move of a payout, a settlement, a refund reaching its payer. */
export class Steps {
  readonly #clock: MovableClock;
  readonly #store: Store;
  readonly #agenda: Agenda<Step>;
  readonly #acts = new Map<string, (subject: string, number: number) => void>();
  #number = 0;

  constructor(clock: MovableClock, store: Store) {
    this.#clock = clock;
    this.#store = store;
    const table = store.table<Step>('step');
    for (const { id } of table.values()) this.#number = Math.max(this.#number, Number(id));
    this.#agenda = new Agenda(table);
  }

  /** Says who carries out the steps of a name. */
  on(act: string, carryOut: (subject: string, number: number) => void): void {
    this.#acts.set(act, carryOut);
  }

  /** @param number handed to the act: which of the subject's steps it is */
  plan(act: string, subject: string, after_ms: number, number = 0): void {
    this.#number += 1;
    this.#agenda.put({ id: String(this.#number), at_ms: this.#clock.now() + after_ms, act, subject, number });
  }

  /** Carries out what is due by the clock, in order, each as of its own moment. @returns how many */
  carryOut(): number {
    const by_ms = this.#clock.now();
    for (let count = 0; count < STEPS_A_ROUND_MAX; count += 1) {
      const step = this.#agenda.next(by_ms);
      if (!step) return count;
      this.#store.atomically(() => {
        this.#agenda.remove(step.id);
        this.#clock.asOf(step.at_ms, () => this.#acts.get(step.act)!(step.subject, step.number));
      });
    }
    throw new Error(`More than ${STEPS_A_ROUND_MAX} steps are due at once.`);
  }
}
