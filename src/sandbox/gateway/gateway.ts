import type { FastifyInstance } from 'fastify';
import { MovableClock } from '../clock.ts';
import type { DeliveryTry } from '../deliveries.ts';
import { Store } from '../store.ts';
import { Accounts } from './accounts.ts';
import { Answering, type GatewayRequest } from './answering.ts';
import type { Dispute, DisputeStatus, Payment, SettlementRow, Token } from './collection-entities.ts';
import { Contacts } from './contacts.ts';
import { Disputes, type Disputing } from './disputes.ts';
import { Faults, type ScriptedFault } from './faults.ts';
import { identifier } from './identifiers.ts';
import { type Mandate, Mandates } from './mandates.ts';
import { Owings } from './owings.ts';
import { type PaidOut, paidOut } from './paid-out.ts';
import type { Paying } from './payment-records.ts';
import { Payments } from './payments.ts';
import { Payouts } from './payouts.ts';
import { Refunds } from './refunds.ts';
import { mountRoutes } from './routes.ts';
import { type CollectionParts, collectionRoutes } from './routes-collections.ts';
import { payoutRoutes } from './routes-payouts.ts';
import { mountControls } from './routes-sandbox.ts';
import {
  DEFAULT_SETTINGS,
  type GatewayAccount,
  type GatewayOptions,
  SANDBOX_ACCOUNT,
  type WebhookTarget,
} from './settings.ts';
import { type SettlementRecord, Settlements } from './settlements.ts';
import { Statement } from './statement.ts';
import { Steps } from './steps.ts';
import { Webhooks } from './webhooks.ts';
import type { Workings } from './workings.ts';

/** A round that makes more than so many others due is a circle. */
const ROUNDS_MAX = 10_000;

/**
 * The payment gateway as a simulator: what it plays goes over HTTP; what is here is how a test or the demo
 * plays the world around it (borrowers, banks, time) and learns what is true.
 * Where an account is left out, it is the only one.
 */
export class Gateway {
  readonly #workings: Workings;
  readonly #answering: Answering;
  readonly #contacts: Contacts;
  readonly #payouts: Payouts;
  readonly #collections: CollectionParts;
  readonly #onMove: (() => Promise<unknown>)[] = [];
  #ticking: Promise<number> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor({ accounts = [SANDBOX_ACCOUNT], now, file, faults: given = {}, ...told }: GatewayOptions = {}) {
    const settings = { ...DEFAULT_SETTINGS, ...told };
    const store = new Store(file);
    const clock = new MovableClock(store, now);
    const parts = { settings, clock, store, accounts: new Accounts(accounts) };
    const faults = new Faults(settings.seed, given, store);
    const webhooks = new Webhooks({ ...parts, faults });
    const statement = new Statement({ ...parts, webhooks });
    this.#workings = { ...parts, faults, webhooks, statement, steps: new Steps(clock, store) };
    this.#answering = new Answering(this.#workings);
    this.#contacts = new Contacts(this.#workings);
    this.#payouts = new Payouts(this.#workings, this.#contacts);
    this.#collections = collectionParts(this.#workings, (account) => this.#payouts.resume(account));
  }

  /** Adds the gateway's routes, and lets its clock begin. */
  mount(app: FastifyInstance): void {
    const { settings } = this.#workings;
    const parts = { workings: this.#workings, contacts: this.#contacts, payouts: this.#payouts };
    mountRoutes(app, [...payoutRoutes(parts), ...collectionRoutes(this.#collections)], {
      ...parts,
      answering: this.#answering,
      happen: () => this.tick(),
    });
    mountControls(app, this);
    if (settings.tick_ms > 0) {
      this.#timer = setInterval(() => {
        // A receiver that is slow to take its events does not stop the world.
        this.#workings.steps.carryOut();
        void this.tick();
      }, settings.tick_ms);
      this.#timer.unref();
    }
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#workings.webhooks.stop();
    this.#workings.store.close();
  }

  now(): Date {
    return new Date(this.#workings.clock.now());
  }

  /** Other simulators may go by it. */
  get clock(): MovableClock {
    return this.#workings.clock;
  }

  /** Says what else is to happen when somebody moves the clock. */
  onMove(act: () => Promise<unknown>): void {
    this.#onMove.push(act);
  }

  accounts(): GatewayAccount[] {
    return this.#workings.accounts.all();
  }

  /** @throws RangeError where the id or the key is another account's */
  addAccount(account: GatewayAccount): void {
    this.#workings.accounts.add(account);
  }

  /** Says where an account's events go from now on; null: nowhere. */
  setWebhook(webhook: WebhookTarget | null, account?: string): void {
    this.#workings.accounts.setWebhook(this.#account(account), webhook);
  }

  /** Adds faults that befall exactly these subjects. @throws RangeError for a fault that does not exist */
  script(...faults: ScriptedFault[]): void {
    this.#workings.faults.add(faults);
  }

  /** Moves the gateway's clock ahead; all that falls due on the way happens, and the webhooks are sent. */
  async advanceTo(moment: Date | string): Promise<void> {
    this.#workings.clock.moveTo(new Date(moment).getTime());
    await this.tick();
    for (const act of this.#onMove) await act();
  }

  /** Makes all that is due by the clock happen, and sends the webhooks. @returns how many things happened */
  async tick(): Promise<number> {
    // Whoever asks while others are at it may ask for something they have passed already.
    while (this.#ticking) await this.#ticking;
    this.#ticking = this.#tick().finally(() => {
      this.#ticking = null;
    });
    return this.#ticking;
  }

  /** Sends the webhooks that are due, without anything else happening. @returns how many tries it took */
  deliverDue(): Promise<number> {
    return this.#workings.webhooks.deliverDue();
  }

  /** Money comes into an account from outside; payouts that waited for it begin. @param amount in paise */
  deposit(amount: number, account?: string): void {
    const { statement, store, clock } = this.#workings;
    const id = this.#account(account);
    store.atomically(() => {
      const source_id = identifier('bt', `${id}/${clock.now()}/${statement.balance(id)}`);
      const utr = `DEP${source_id.slice(3)}`;
      const source = { id: source_id, entity: 'bank_transfer', amount, bank_reference: utr };
      statement.book(
        { account: id, credit: amount, debit: 0, source, subjects: [source_id], utr },
        'NEFT deposit',
      );
      this.#payouts.resume(id);
    });
  }

  /** A borrower pays an order. @throws RangeError where the order would not let him */
  payBy(order: string, paying: Paying = {}): Payment {
    return this.#act(({ payments }) => payments.pay(order, paying));
  }

  /** A borrower signs a mandate. @throws RangeError for a customer there is not */
  mandate(mandate: Mandate): Token {
    return this.#act(({ mandates }) => mandates.sign(mandate));
  }

  /** A borrower takes a mandate back. @throws RangeError for one there is not */
  cancelMandate(token: string): void {
    this.#act(({ mandates }) => mandates.cancel(token));
  }

  /** A payer's bank contests a payment. @throws RangeError where the payment has not that much */
  dispute(payment: string, disputing: Disputing = {}): Dispute {
    return this.#act(({ disputes }) => disputes.open(payment, disputing));
  }

  /** A dispute goes on, or ends. @throws RangeError where it has ended */
  moveDispute(dispute: string, status: Exclude<DisputeStatus, 'open'>): Dispute {
    return this.#act(({ disputes }) => disputes.move(dispute, status));
  }

  /** Every payment as it truly is, oldest first, whatever anybody was told. */
  payments(account?: string): Payment[] {
    const records = [...this.#collections.payments.all()];
    return records
      .filter((record) => (account ?? record.account) === record.account)
      .map(({ payment }) => payment);
  }

  /** The lines that the report of a day in India has, right or wrong; of a month, given 2026-11. */
  settlementRows(day: string, account?: string): SettlementRow[] {
    return this.settlements(day, account).flatMap(({ told }) => told);
  }

  /** The settlements of a day, a month, or all: what they are made of, what was told, and what is wrong with it. */
  settlements(day = '', account?: string): SettlementRecord[] {
    return this.#collections.settlements.records(this.#account(account), day);
  }

  /** Paise in an account. */
  balance(account?: string): number {
    return this.#workings.statement.balance(this.#account(account));
  }

  /** What became of the money of every payout, whatever anybody was told. */
  paidOut(account?: string): PaidOut[] {
    return paidOut(this.#payouts.all(), account);
  }

  /** The bank's statement of the days from `from` to `to` in India, both included (see Statement.csv). */
  bankStatement(from: string, to: string, account?: string): string {
    // Days passed at once: a settlement due this morning stood on no statement when nobody had woken the gateway.
    this.#workings.steps.carryOut();
    return [...this.#workings.statement.csv(this.#account(account), from, to)].join('');
  }

  /** Every call that reached the gateway, oldest first. */
  log(): readonly GatewayRequest[] {
    return this.#answering.log.all();
  }

  /** Every try to deliver an event, oldest first. */
  deliveries(): readonly DeliveryTry[] {
    return this.#workings.webhooks.log.all();
  }

  #act<Result>(act: (parts: CollectionParts) => Result): Result {
    return this.#workings.store.atomically(() => act(this.#collections));
  }

  #account(id: string | undefined): string {
    return this.#workings.accounts.theOne(id).id;
  }

  async #tick(): Promise<number> {
    let count = 0;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const happened = this.#workings.steps.carryOut() + (await this.#workings.webhooks.deliverDue());
      if (happened === 0) return count;
      count += happened;
    }
    return count;
  }
}

function collectionParts(workings: Workings, onMoney: (account: string) => void): CollectionParts {
  const owings = new Owings(workings);
  const payments = new Payments(workings, owings);
  return {
    payments,
    mandates: new Mandates(workings, payments),
    refunds: new Refunds(workings, payments, owings),
    disputes: new Disputes(workings, payments, owings),
    settlements: new Settlements(workings, owings, onMoney),
  };
}
