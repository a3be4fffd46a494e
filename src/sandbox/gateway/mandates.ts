import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { draw } from '../faults.ts';
import type { Table } from '../store.ts';
import type { Customer, PaymentMethod, Token } from './collection-entities.ts';
import { badRequest, shaped, unknownId } from './errors.ts';
import { identifier } from './identifiers.ts';
import { notesSchema } from './notes.ts';
import { ownedBy } from './owned.ts';
import type { Payments } from './payments.ts';
import { DAY_MS, type GatewayAccount } from './settings.ts';
import type { Workings } from './workings.ts';

const customerSchema = z.object({
  name: z.string().min(3).max(50),
  email: z.email().nullish(),
  contact: z.string().max(15).nullish(),
  fail_existing: z.union([z.literal('0'), z.literal('1'), z.literal(0), z.literal(1)]).optional(),
  notes: notesSchema,
});

const recurringSchema = z.object({
  email: z.string(),
  contact: z.string(),
  amount: z.int(),
  currency: z.literal('INR'),
  order_id: z.string(),
  customer_id: z.string(),
  token: z.string(),
  recurring: z.union([z.literal(true), z.literal('1'), z.literal(1)]),
  description: z.string().max(255).nullish(),
  notes: notesSchema,
});

/** What a borrower allows to be debited. */
export interface Mandate {
  customer: string;
  method?: PaymentMethod;
  /** Paise a debit at most. */
  max_amount?: number;
}

const MANDATE_PAISE_MAX = 10_000_000;
const MANDATE_YEARS_S = 10 * 365 * 86_400;

interface CustomerRecord {
  id: string;
  account: string;
  customer: Customer;
}

interface TokenRecord {
  id: string;
  account: string;
  customer: string;
  token: Token;
}

/** Standing orders of borrowers, and debits under them: presented today, known days later. */
export class Mandates {
  readonly #workings: Workings;
  readonly #payments: Payments;
  readonly #customers: Table<CustomerRecord>;
  readonly #tokens: Table<TokenRecord>;

  constructor(workings: Workings, payments: Payments) {
    this.#workings = workings;
    this.#payments = payments;
    this.#customers = workings.store.table('customer');
    this.#tokens = workings.store.table('token');
    workings.steps.on('mandate', (id) => this.#resolve(id));
  }

  /** The same name, address and number is the same customer. */
  createCustomer(account: GatewayAccount, sent: unknown): Customer {
    const { name, email = null, contact = null, fail_existing, notes } = shaped(customerSchema, sent);
    const id = identifier(
      'cust',
      JSON.stringify([this.#workings.settings.seed, account.id, name, email, contact]),
    );
    const known = this.#customers.get(id);
    if (known && String(fail_existing ?? 1) === '1')
      throw badRequest('Customer already exists for the merchant');
    if (known) return known.customer;
    const created_at = this.#workings.clock.seconds();
    const customer: Customer = {
      id,
      entity: 'customer',
      name,
      email,
      contact,
      gstin: null,
      notes,
      created_at,
    };
    this.#customers.put({ id, account: account.id, customer });
    return customer;
  }

  customer(account: string, id: string): Customer {
    return ownedBy(this.#customers, account, id).customer;
  }

  tokensOf(account: string, customer: string): Token[] {
    this.customer(account, customer);
    return [...this.#tokens.values()]
      .filter((record) => record.customer === customer)
      .map(({ token }) => token);
  }

  tokenOf(account: string, customer: string, id: string): Token {
    const record = ownedBy(this.#tokens, account, id);
    if (record.customer !== customer) throw unknownId();
    return record.token;
  }

  /** A borrower signs. @throws RangeError for a customer there is not */
  sign({ customer, method = 'emandate', max_amount = MANDATE_PAISE_MAX }: Mandate): Token {
    const record = this.#customers.get(customer);
    if (!record) throw new RangeError(`There is no customer ${customer}.`);
    const id = identifier('token', `${this.#workings.settings.seed}/${customer}/${this.#tokens.size}`);
    const created_at = this.#workings.clock.seconds();
    const token: Token = {
      ...{ id, entity: 'token', token: id.slice(6), method, recurring: true, max_amount, created_at },
      recurring_details: { status: 'confirmed', failure_reason: null },
      expired_at: created_at + MANDATE_YEARS_S,
    };
    this.#tokens.put({ id, account: record.account, customer, token });
    const told = { account: record.account, object: id, subjects: [id, customer] };
    this.#workings.webhooks.emit({ ...told, event: 'token.confirmed', payload: { token } });
    return token;
  }

  /** A borrower takes a mandate back. @throws RangeError for one there is not */
  cancel(id: string): void {
    const record = this.#tokens.get(id);
    if (!record) throw new RangeError(`There is no token ${id}.`);
    record.token = { ...record.token, recurring_details: { status: 'cancelled', failure_reason: null } };
    this.#tokens.put(record);
    const told = { account: record.account, object: id, subjects: [id, record.customer] };
    this.#workings.webhooks.emit({ ...told, event: 'token.cancelled', payload: { token: record.token } });
  }

  /** Presents a debit; what comes of it is known days later. Nothing keeps a lender from presenting it twice. */
  present(account: GatewayAccount, sent: unknown): Record<string, string> {
    const asked = shaped(recurringSchema, sent);
    const of = this.#payments.findOrder(asked.order_id);
    if (of?.account !== account.id) throw badRequest('The order id does not exist', 'order_id');
    const mandate = this.#tokens.get(asked.token);
    if (mandate?.customer !== asked.customer_id) throw badRequest('The token does not exist', 'token');
    const { token } = mandate;
    if (token.recurring_details.status !== 'confirmed')
      throw badRequest('The token is not confirmed', 'token');
    if (of.order.status === 'paid') throw badRequest('Order already paid', 'order_id');
    if (asked.amount !== of.order.amount) {
      throw badRequest('The amount is not the amount of the order', 'amount');
    }
    if (asked.amount > token.max_amount)
      throw badRequest('The amount exceeds the maximum of the token', 'amount');
    const { amount, customer_id, email, contact, notes, description = null } = asked;
    const told = Array.isArray(notes) ? of.order.notes : notes;
    const draft = {
      amount,
      method: token.method,
      customer_id,
      token_id: token.id,
      email,
      contact,
      description,
      notes: told,
    };
    const { id } = this.#payments.begin(of, draft);
    this.#workings.steps.plan('mandate', id, this.#days(id) * DAY_MS);
    return {
      ...{ razorpay_payment_id: id, razorpay_order_id: of.id },
      razorpay_signature: createHmac('sha256', account.key_secret).update(`${of.id}|${id}`).digest('hex'),
    };
  }

  #days(id: string): number {
    const { settings } = this.#workings;
    const { subjects } = this.#payments.find(id)!;
    const { mandate_days_min: min, mandate_days_max: max } = settings;
    return min + (draw(`${settings.seed}/mandate/${subjects[0]}`)[0] % (max - min + 1));
  }

  #resolve(id: string): void {
    const { subjects, payment } = this.#payments.find(id)!;
    if (payment.status !== 'created') return;
    const occasion = {
      group: 'mandate',
      subjects: [...subjects, payment.token_id],
      point: payment.order_id,
    } as const;
    const { order } = this.#payments.findOrder(payment.order_id)!;
    const chosen = this.#workings.faults.choose({ ...occasion, point: `attempt/${order.attempts}` });
    if (chosen?.fault === 'mandate-slow') this.#workings.steps.plan('mandate', id, chosen.days * DAY_MS);
    else if (chosen) this.#payments.fail(id, chosen.reason ?? 'insufficient_funds');
    else this.#payments.authorise(id);
  }
}
