import { bookDate, type Calendar, type IsoDate } from '../../calendar/business-date.ts';

interface Held {
  reference: string;
  amount: bigint;
  /** The day on which it is over; null: never. */
  expires_on: IsoDate | null;
}

/** What a wallet should hold. Amounts are in minor units. */
export class WalletModel {
  available = 0n;
  held: Held[] = [];

  get set_aside(): bigint {
    return this.held.reduce((sum, { amount }) => sum + amount, 0n);
  }

  /** Takes money out, where there is enough. */
  take(amount: bigint): boolean {
    if (amount > this.available) return false;
    this.available -= amount;
    return true;
  }

  hold(hold: Held): boolean {
    if (!this.take(hold.amount)) return false;
    this.held.push(hold);
    return true;
  }

  /** Ends a hold; what is not captured goes back. */
  end(reference: string, captured: bigint): void {
    const hold = this.held.find((each) => each.reference === reference);
    if (!hold) throw new Error(`Nothing is held as ${reference}.`);
    this.held = this.held.filter((each) => each !== hold);
    this.available += hold.amount - captured;
  }

  /** Gives back what was over when the books of the days before `date` were closed. */
  expireBefore(date: IsoDate, calendar: Calendar): void {
    for (const { reference, expires_on } of this.held) {
      if (expires_on !== null && bookDate(expires_on, calendar) < date) this.end(reference, 0n);
    }
  }
}
