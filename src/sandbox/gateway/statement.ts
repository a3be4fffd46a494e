import type { MovableClock } from '../clock.ts';
import type { Store, Table } from '../store.ts';
import type { Accounts } from './accounts.ts';
import type { Transaction } from './entities.ts';
import { identifier } from './identifiers.ts';
import type { Webhooks } from './webhooks.ts';

/** India's time is ahead of UTC by so much; statements and settlements go by its days. */
export const INDIA_AHEAD_MS = 19_800_000;

export interface StatementLine {
  /** The account's id. */
  account: string;
  credit: number;
  debit: number;
  source: Transaction['source'];
  /** By which the bank names the transfer. */
  utr: string;
  /** The names by which a script may mean it. */
  subjects: readonly (string | null)[];
}

interface Booked {
  id: string;
  account: string;
  description: string;
  utr: string;
  transaction: Transaction;
}

/**
 * The statement of each account at its bank: the only place where its money moves. Every line has the balance
 * after it, so that a missing or moved line shows.
 */
export class Statement {
  readonly #clock: MovableClock;
  readonly #accounts: Accounts;
  readonly #webhooks: Webhooks;
  readonly #table: Table<Booked>;
  readonly #lines = new Map<string, Booked[]>();
  #sourceNow: (source: Transaction['source']) => Transaction['source'] = (source) => source;

  constructor(parts: { clock: MovableClock; accounts: Accounts; webhooks: Webhooks; store: Store }) {
    this.#clock = parts.clock;
    this.#accounts = parts.accounts;
    this.#webhooks = parts.webhooks;
    this.#table = parts.store.table('transaction');
    for (const booked of this.#table.values()) this.#linesOf(booked.account).push(booked);
  }

  /** Says how to show the object behind a line as it is now; an event shows it as it was. */
  showSources(sourceNow: (source: Transaction['source']) => Transaction['source']): void {
    this.#sourceNow = sourceNow;
  }

  /** Paise in the account. */
  balance(account: string): number {
    return this.#linesOf(account).at(-1)?.transaction.balance ?? this.#accounts.get(account).opening_balance;
  }

  book({ account, credit, debit, source, utr, subjects }: StatementLine, description: string): Transaction {
    const lines = this.#linesOf(account);
    const transaction: Transaction = {
      ...{ id: identifier('txn', `${account}/${lines.length}/${source.id}`), entity: 'transaction' },
      ...{
        account_number: this.#accounts.get(account).account_number,
        amount: credit + debit,
        currency: 'INR',
      },
      ...{ credit, debit, balance: this.balance(account) + credit - debit, source },
      created_at: this.#clock.seconds(),
    };
    const booked = { id: transaction.id, account, description, utr, transaction };
    this.#table.put(booked);
    lines.push(booked);
    this.#webhooks.emit({
      ...{ account, event: 'transaction.created', object: source.id, subjects },
      payload: { transaction },
    });
    return transaction;
  }

  get(account: string, id: string): Transaction | undefined {
    const booked = this.#table.get(id);
    return booked?.account === account ? this.#shown(booked) : undefined;
  }

  /** Newest first, as the gateway lists them. */
  *list(account: string): Generator<Transaction> {
    const lines = this.#linesOf(account);
    for (let at = lines.length - 1; at >= 0; at -= 1) yield this.#shown(lines[at]!);
  }

  /**
   * The bank's statement as a file: `Date,Value Date,Description,Reference,Debit,Credit,Balance`, oldest first,
   * rupees with two places, an empty column where nothing was debited or credited.
   * @param from and `to`: days in India, both included
   */
  *csv(account: string, from: string, to: string): Generator<string> {
    yield 'Date,Value Date,Description,Reference,Debit,Credit,Balance\n';
    for (const { description, utr, transaction } of this.#linesOf(account)) {
      const date = dayInIndia(transaction.created_at * 1_000);
      if (date < from || date > to) continue;
      const { debit, credit, balance } = transaction;
      const amounts = [debit && rupees(debit), credit && rupees(credit), rupees(balance)];
      yield `${[date, date, description, utr, ...amounts.map((amount) => amount || '')].join(',')}\n`;
    }
  }

  #shown({ transaction }: Booked): Transaction {
    return { ...transaction, source: this.#sourceNow(transaction.source) };
  }

  #linesOf(account: string): Booked[] {
    const lines = this.#lines.get(account) ?? [];
    this.#lines.set(account, lines);
    return lines;
  }
}

/** The day in India of a moment, as 2026-11-21. */
export function dayInIndia(moment_ms: number): string {
  return new Date(moment_ms + INDIA_AHEAD_MS).toISOString().slice(0, 10);
}

function rupees(paise: number): string {
  const digits = String(Math.abs(paise)).padStart(3, '0');
  return `${paise < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
