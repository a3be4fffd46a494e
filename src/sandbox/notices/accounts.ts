import { accountOf, type GivenAccount, type NoticeAccount } from './settings.ts';

const NAMES = ['id', 'brevo_key', 'two_factor_key', 'project_id', 'smtp_user'] as const;
type Name = (typeof NAMES)[number];

/** The lenders' accounts with the notification providers. */
export class NoticeAccounts {
  readonly #by = new Map<Name, Map<string, NoticeAccount>>(NAMES.map((name) => [name, new Map()]));

  constructor(accounts: readonly GivenAccount[]) {
    for (const account of accounts) this.add(account);
  }

  /** @throws RangeError where a name or key is another account's */
  add(given: GivenAccount): NoticeAccount {
    const account = accountOf(given);
    for (const name of NAMES) {
      if (this.by(name, account[name]))
        throw new RangeError(`There is an account with this ${name} already.`);
    }
    for (const name of NAMES) this.#by.get(name)!.set(account[name], account);
    return account;
  }

  all(): NoticeAccount[] {
    return [...this.#by.get('id')!.values()];
  }

  by(name: Name, value: string | undefined): NoticeAccount | null {
    return this.#by.get(name)!.get(value ?? '') ?? null;
  }

  /** The only account, or the one of the id. @throws RangeError where there is none, or no single one */
  theOne(id?: string): NoticeAccount {
    const [only, another] = this.#by.get('id')!.values();
    if (id === undefined && (!only || another)) throw new RangeError('Say which account.');
    const account = id === undefined ? only : this.by('id', id);
    if (!account) throw new RangeError(`There is no account ${id}.`);
    return account;
  }

  /** Changes an account; a key that changes takes the place of the former. */
  change(id: string | undefined, changes: Partial<Omit<NoticeAccount, 'id'>>): NoticeAccount {
    const account = this.theOne(id);
    for (const name of NAMES) {
      const changed = (changes as Partial<NoticeAccount>)[name];
      if (changed === undefined || changed === account[name]) continue;
      if (this.by(name, changed)) throw new RangeError(`There is an account with this ${name} already.`);
      this.#by.get(name)!.delete(account[name]);
      this.#by.get(name)!.set(changed, account);
    }
    return Object.assign(account, changes);
  }
}
