import type { Client } from '../../client/client.ts';
import { KistError } from '../../client/error.ts';
import type { Action, Deed, LendingWish } from '../plan/actions.ts';
import { planCopies } from '../plan/faults.ts';
import type { Clients } from '../world/lender.ts';

const CURRENCY = 'INR';
/** Nobody waits longer for a job; who does has found something. */
const REST_MS_MAX = 60_000;

/** An answer of the API that names a job. */
interface Accepted {
  id: string;
}

interface Application {
  id: string;
  state: string;
  decision: { outcome: string } | null;
  links: { job?: string; loan?: string; wallet?: string };
}

/** What became of an action, and how often its calls were answered with different things. */
export interface Done {
  outcome: string;
  /** Calls sent, repeats included. */
  calls: number;
  /** Repeats that were not answered with the same job. */
  doubled: string[];
}

/**
 * Acts as the lender's systems and people do: over HTTP, waiting for what comes of it. With duplicates,
 * each call is sent one to three times, side by side or one after the other, and must be one.
 */
export class Calls {
  readonly #clients: Clients;
  readonly #duplicates: { seed: number } | null;
  readonly #befall: (action: Action) => void;
  /** Ids by the plan's names. */
  readonly #loans = new Map<number, { loan: string; wallet: string }>();
  readonly #applicants = new Map<number, string>();
  readonly #holds = new Map<string, string>();

  /** @param befall makes happen to an action what the plan has for it */
  constructor(clients: Clients, duplicates: { seed: number } | null, befall: (action: Action) => void) {
    this.#clients = clients;
    this.#duplicates = duplicates;
    this.#befall = befall;
  }

  async act(action: Action): Promise<Done> {
    const done: Done = { outcome: '', calls: 0, doubled: [] };
    const { deed } = action;
    this.#befall(action);
    if (deed.do === 'lend') done.outcome = await this.#lend(action, deed, done);
    else if (deed.do === 'name-account') done.outcome = await this.#nameAccount(action, deed.account, done);
    else done.outcome = await this.#do(action, deed, done);
    return done;
  }

  /** The loan's number by its id. */
  get loans(): ReadonlyMap<number, { loan: string; wallet: string }> {
    return this.#loans;
  }

  async #lend(action: Action, wish: LendingWish, done: Done): Promise<string> {
    const { origination, judges } = this.#clients;
    const applied = await this.#repeatedly(action.id, done, () =>
      origination.request<Application>('POST', '/v1/loan-applications', {
        ...{ body: bodyOf(wish), repeatable: true },
      }),
    );
    this.#applicants.set(action.loan, wish.applicant);
    if (wish.account !== null) await this.#nameAccount(action, wish.account, done);
    if (applied.links.job) await origination.waitForRest(idOf(applied.links.job), REST);
    const path = `/v1/loan-applications/${applied.id}`;
    const { decision, state } = await origination.request<Application>('GET', path);
    const decided = decision?.outcome ?? state;
    if (wish.judgement === null || decided === 'refused') return decided;
    if (wish.judgement === 'reject') {
      const body = { reason: 'Nobody vouches.' };
      const reject = () =>
        judges[0].request<Application>('POST', `${path}/reject`, { body, repeatable: true });
      return `${decided}/${(await this.#repeatedly(`${action.id}/reject`, done, reject)).state}`;
    }
    for (const judge of judges.slice(0, wish.judges)) {
      await this.#repeatedly(`${action.id}/approve/${judges.indexOf(judge)}`, done, () =>
        judge.request<Application>('POST', `${path}/approve`, { repeatable: true }),
      );
    }
    return `${decided}/${await this.#disbursal(action.loan, path)}`;
  }

  async #nameAccount({ id, loan: number }: Action, account_number: string, done: Done): Promise<string> {
    const path = `/v1/borrowers/${this.#applicants.get(number)}/bank-accounts`;
    const body = { holder: `Borrower ${number}`, ifsc: 'HDFC0000001', account_number };
    await this.#repeatedly(`${id}/account`, done, () =>
      this.#clients.origination.request<Accepted>('POST', path, { body, repeatable: true }),
    );
    return 'named';
  }

  /** A repeated approval does not name the job any more, so the disbursal is looked for by the loan. */
  async #disbursal(number: number, path: string): Promise<string> {
    const { origination } = this.#clients;
    const { links, state } = await origination.request<Application>('GET', path);
    if (!links.loan || !links.wallet) return state;
    const loan = idOf(links.loan);
    this.#loans.set(number, { loan, wallet: idOf(links.wallet) });
    const [job] = await origination.list({ kind: 'loan.disburse', key: loan, limit: 1 });
    if (!job) return 'no-disbursal';
    return outcomeOf(await origination.waitForRest(job.id, REST));
  }

  async #do(action: Action, deed: Movement, done: Done): Promise<string> {
    const { origination } = this.#clients;
    const { path, body, key } = this.#callOf(action, deed);
    const { id } = await this.#repeatedly(action.id, done, () =>
      origination.request<Accepted>('POST', path, { body, ...(key ? { key } : { repeatable: true }) }),
    );
    const rested = await origination.waitForRest(id, REST);
    const result = rested.result as { hold?: string } | null;
    if (deed.do === 'hold' && result?.hold) this.#holds.set(deed.reference, result.hold);
    return outcomeOf(rested);
  }

  #callOf({ loan: number }: Action, deed: Movement): Call {
    const { loan, wallet } = this.#placeOf(number);
    switch (deed.do) {
      case 'repay': {
        const { do: _, ...payment } = deed;
        return { path: `/v1/loans/${loan}/repayments`, body: { ...payment, currency: CURRENCY } };
      }
      case 'bounce':
        return {
          path: `/v1/loans/${loan}/repayments/${deed.reference}/reverse`,
          body: { reason: 'No cover.' },
        };
      case 'deposit':
      case 'withdraw': {
        const payload = { wallet, amount: deed.amount, currency: CURRENCY, reference: deed.reference };
        return { path: `/v1/jobs/wallet.${deed.do}`, body: { payload }, key: deed.reference };
      }
      case 'transfer': {
        const to = this.#placeOf(deed.to).wallet;
        const { amount, reference } = deed;
        const payload = { from: wallet, to, amount, currency: CURRENCY, reference };
        return { path: '/v1/jobs/wallet.transfer', body: { payload }, key: reference };
      }
      case 'pay-out': {
        const payload = { wallet, amount: deed.amount, currency: CURRENCY, reference: deed.reference };
        return { path: '/v1/jobs/wallet.payout', body: { payload } };
      }
      case 'hold': {
        const { amount, reference, expires_at } = deed;
        const payload = { wallet, amount, currency: CURRENCY, reference };
        const body = { payload: { ...payload, ...(expires_at ? { expires_at } : {}) } };
        return { path: '/v1/jobs/wallet.hold', body };
      }
      case 'release':
        return { path: '/v1/jobs/wallet.release', body: { payload: { hold: this.#holds.get(deed.hold) } } };
      case 'capture': {
        const payload = { hold: this.#holds.get(deed.hold), amount: deed.amount };
        return { path: '/v1/jobs/wallet.capture', body: { payload } };
      }
    }
  }

  #placeOf(number: number): { loan: string; wallet: string } {
    const place = this.#loans.get(number);
    if (!place) throw new Error(`Loan ${number} was not lent.`);
    return place;
  }

  /** Sends a call as often as the dice say. @returns the first answer */
  async #repeatedly<T extends { id: string }>(name: string, done: Done, send: () => Promise<T>): Promise<T> {
    const { copies, at_once } = this.#duplicates
      ? planCopies(this.#duplicates.seed, name)
      : { copies: 1, at_once: false };
    const answers: T[] = [];
    if (at_once) answers.push(...(await Promise.all(Array.from({ length: copies }, send))));
    else for (let copy = 0; copy < copies; copy += 1) answers.push(await send());
    done.calls += copies;
    const [first, ...others] = answers;
    const other = others.find(({ id }) => id !== first!.id);
    if (other) done.doubled.push(`${name}: ${first!.id} and ${other.id}`);
    return first!;
  }
}

/** What is done to a loan or a wallet by a job. */
type Movement = Exclude<Deed, LendingWish | { do: 'name-account' }>;

const REST = { timeout_ms: REST_MS_MAX };

interface Call {
  path: string;
  body: unknown;
  /** Where the route takes no other word for what is the same. */
  key?: string;
}

/** What a job that rests came to, in the plan's words. */
function outcomeOf(job: Awaited<ReturnType<Client['waitForRest']>>): string {
  const result = job.result as { outcome?: string; code?: string; loan_state?: string } | null;
  if (job.state !== 'done' || !result) return `${job.state}/${job.code ?? ''}`;
  return [result.outcome, result.code ?? result.loan_state].filter(Boolean).join('/');
}

/** What an action ended with that was not answered. */
export function failureOf(error: unknown): string {
  if (!(error instanceof KistError)) return String(error);
  return `${error.code}: ${error.message}`;
}

function bodyOf(wish: LendingWish): unknown {
  const { reference, applicant, date_of_birth, product, amount, tenure_months, monthly_income } = wish;
  const person = { name: `Borrower ${reference}`, phone: '+919812345678', city: 'Pune' };
  return {
    ...{ reference, product, amount, tenure_months, monthly_income, monthly_obligations: '0' },
    applicant: { reference: applicant, date_of_birth, ...person },
  };
}

function idOf(link: string): string {
  return link.slice(link.lastIndexOf('/') + 1);
}
