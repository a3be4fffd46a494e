/** A loan's own accounts: what the borrower owes of each kind, and what was paid ahead. */
export const LOAN_ACCOUNTS = ['principal', 'interest', 'accrued', 'penal', 'fees', 'advance'] as const;
export type LoanAccount = (typeof LOAN_ACCOUNTS)[number];

/** Accounts of the lender that the life of a loan moves. */
export type LenderAccount =
  | 'bank'
  | 'collection-clearing'
  | 'interest-income'
  | 'penal-income'
  | 'fee-income'
  | 'tax-payable'
  | 'interest-suspense'
  | 'penal-suspense'
  | 'write-off-expense'
  | 'waiver-expense'
  | 'recovery-income';

/** What an entry is posted to, before it is known under which id the account is kept. */
export type Role = LoanAccount | LenderAccount | 'wallet';

export type Direction = 'debit' | 'credit';

/** The entries of one journal, by role; what goes the same way to the same role is one entry. */
export class Lines {
  readonly #amounts = new Map<`${Direction} ${Role}`, bigint>();

  /** @param minor 0 or more, in minor units. */
  add(direction: Direction, role: Role, minor: bigint): void {
    if (minor === 0n) return;
    if (minor < 0n) throw new RangeError(`${direction} ${role}: ${minor} is below zero.`);
    const key = `${direction} ${role}` as const;
    this.#amounts.set(key, (this.#amounts.get(key) ?? 0n) + minor);
  }

  /** Debits one role and credits another. */
  move(from: Role, to: Role, minor: bigint): void {
    this.add('debit', from, minor);
    this.add('credit', to, minor);
  }

  /** The lines that bring about a difference: a positive amount of a role is debited, a negative credited. */
  static ofNet(net: ReadonlyMap<Role, bigint>): Lines {
    const lines = new Lines();
    for (const [role, minor] of net) {
      if (minor > 0n) lines.add('debit', role, minor);
      else lines.add('credit', role, -minor);
    }
    return lines;
  }

  get isEmpty(): boolean {
    return this.#amounts.size === 0;
  }

  entries(): { direction: Direction; role: Role; minor: bigint }[] {
    return [...this.#amounts].map(([key, minor]) => {
      const [direction, role] = key.split(' ') as [Direction, Role];
      return { direction, role, minor };
    });
  }

  /** Debits less credits of each role. */
  net(): Map<Role, bigint> {
    const net = new Map<Role, bigint>();
    for (const { direction, role, minor } of this.entries()) {
      net.set(role, (net.get(role) ?? 0n) + (direction === 'debit' ? minor : -minor));
    }
    return net;
  }
}
