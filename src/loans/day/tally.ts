import { minorText } from '../schedule.ts';
import type { Entry } from '../servicing/book.ts';

/** What bookings of loans come to. Amounts as text. */
export interface Counts {
  journals: number;
  interest: string;
  penal: string;
  tax: string;
  reminders: number;
}

/** Adds up what bookings come to. */
export class Tally {
  #journals = 0;
  #reminders = 0;
  #interest = 0n;
  #penal = 0n;
  #tax = 0n;

  add(entries: readonly Entry[]): this {
    for (const { booking } of entries) {
      if (!booking.lines.isEmpty) this.#journals += 1;
      this.#reminders += booking.reminders.length;
      for (const { component, amount, tax } of booking.accruals) {
        if (component === 'interest') this.#interest += amount;
        else this.#penal += amount;
        this.#tax += tax;
      }
    }
    return this;
  }

  get counts(): Counts {
    return {
      ...{ journals: this.#journals, reminders: this.#reminders, interest: minorText(this.#interest) },
      ...{ penal: minorText(this.#penal), tax: minorText(this.#tax) },
    };
  }
}
