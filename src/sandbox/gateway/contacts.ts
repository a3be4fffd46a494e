import { z } from 'zod';
import type { Table } from '../store.ts';
import type { Contact, FundAccount, StatusDetails, Validation } from './entities.ts';
import { badRequest, shaped } from './errors.ts';
import { identifier, transferReference } from './identifiers.ts';
import { notesSchema } from './notes.ts';
import { ownedBy } from './owned.ts';
import { feesOf, type GatewayAccount } from './settings.ts';
import type { Workings } from './workings.ts';

const contactSchema = z.object({
  name: z.string().trim().min(3).max(50),
  email: z.email().nullish(),
  contact: z
    .string()
    .regex(/^\+?[0-9 -]{8,15}$/, 'not a telephone number')
    .nullish(),
  type: z.string().max(40).nullish(),
  reference_id: z.string().max(40).nullish(),
  notes: notesSchema,
});

const bankAccountSchema = z.object({
  name: z.string().trim().min(3).max(120),
  ifsc: z.string().regex(/^[A-Z]{4}0[A-Z0-9]{6}$/, 'not an IFSC'),
  account_number: z.string().regex(/^[A-Za-z0-9]{5,35}$/, '5 to 35 letters and digits'),
});
const vpaSchema = z.object({ address: z.string().regex(/^[\w.-]{3,}@[A-Za-z][\w.]+$/, 'not a VPA') });

const accountFields = {
  account_type: z.enum(['bank_account', 'vpa']),
  bank_account: bankAccountSchema.optional(),
  vpa: vpaSchema.optional(),
};
const fundAccountSchema = z.object({ contact_id: z.string(), ...accountFields });

const validationSchema = z.object({
  source_account_number: z.string(),
  validation_type: z.enum(['pennydrop', 'optimized']).optional(),
  reference_id: z.string().max(40).nullish(),
  notes: notesSchema,
  fund_account: z
    .object({ id: z.string().optional(), ...accountFields, contact: contactSchema.optional() })
    .partial(),
});

const PENNY_PAISE = 100;
const VALIDATION_MS = 5_000;
const DIFFERENT_NAME_SCORE = 30;

/** Made, or there already: both calls are safe to repeat. */
export interface Made<Entity> {
  entity: Entity;
  is_new: boolean;
}

interface Owned<Entity> {
  id: string;
  account: string;
  entity: Entity;
}

/** Who is paid, at which bank account, and whether that account exists. */
export class Contacts {
  readonly #workings: Workings;
  readonly #contacts: Table<Owned<Contact>>;
  readonly #fundAccounts: Table<Owned<FundAccount>>;
  readonly #validations: Table<Owned<Validation>>;

  constructor(workings: Workings) {
    this.#workings = workings;
    this.#contacts = workings.store.table('contact');
    this.#fundAccounts = workings.store.table('fund-account');
    this.#validations = workings.store.table('validation');
    workings.steps.on('validation', (id) => this.#validated(id));
  }

  /** One contact for one name, email, telephone, type and reference. */
  createContact(account: GatewayAccount, sent: unknown): Made<Contact> {
    const {
      name,
      email = null,
      contact = null,
      type = null,
      reference_id = null,
      notes,
    } = shaped(contactSchema, sent);
    const id = this.#identifier('cont', account, [name, email, contact, type, reference_id]);
    return this.#once(this.#contacts, account, {
      ...{ id, entity: 'contact', name, contact, email, type, reference_id, batch_id: null, active: true },
      ...{ notes, created_at: this.#workings.clock.seconds() },
    });
  }

  contact(account: string, id: string): Contact {
    return ownedBy(this.#contacts, account, id).entity;
  }

  /** One fund account for one contact, name, bank and number, or one address. */
  createFundAccount(account: GatewayAccount, sent: unknown): Made<FundAccount> {
    const { contact_id, account_type, bank_account, vpa } = shaped(fundAccountSchema, sent);
    if (this.#contacts.get(contact_id)?.account !== account.id) {
      throw badRequest('The contact id does not exist', 'contact_id');
    }
    const given = account_type === 'vpa' ? vpa : bank_account;
    if (!given) throw badRequest(`The ${account_type} field is required.`, account_type);
    const id = this.#identifier('fa', account, [contact_id, JSON.stringify(given)]);
    return this.#once(this.#fundAccounts, account, {
      ...{ id, entity: 'fund_account', contact_id, account_type },
      ...(account_type === 'vpa' ? { vpa: addressOf(vpa!) } : { bank_account: bankOf(bank_account!) }),
      ...{ batch_id: null, active: true, created_at: this.#workings.clock.seconds() },
    });
  }

  /** The fund account of an account; none where it has no such. */
  fundAccount(account: string, id: string): FundAccount | undefined {
    const record = this.#fundAccounts.get(id);
    return record?.account === account ? record.entity : undefined;
  }

  /** The number or address of a fund account: one of the names by which a script may mean what is paid to it. */
  payee(account: string, id: string | null): string | null {
    const { bank_account, vpa } = (id && this.fundAccount(account, id)) || {};
    return bank_account?.account_number ?? vpa?.address ?? null;
  }

  /** Pays one rupee to see whether the account exists and whose it is; the result comes seconds later. */
  createValidation(account: GatewayAccount, sent: unknown): Validation {
    const {
      source_account_number,
      reference_id = null,
      notes,
      fund_account: told,
    } = shaped(validationSchema, sent);
    if (source_account_number !== account.account_number) {
      throw badRequest('The source account number is invalid', 'source_account_number');
    }
    const fund_account = told.id
      ? this.fundAccount(account.id, told.id)
      : this.createFundAccount(account, {
          ...told,
          contact_id: this.createContact(account, told.contact).entity.id,
        }).entity;
    if (!fund_account) throw badRequest('The fund account id does not exist', 'fund_account.id');
    const { clock, steps } = this.#workings;
    const id = this.#identifier('fav', account, [fund_account.id, String(this.#validations.size)]);
    const entity: Validation = {
      ...{ id, entity: 'fund_account.validation', fund_account, status: 'created', amount: PENNY_PAISE },
      ...{
        currency: 'INR',
        notes,
        reference_id,
        utr: null,
        status_details: null,
        created_at: clock.seconds(),
      },
      validation_results: {
        account_status: null,
        registered_name: null,
        name_match_score: null,
        details: null,
      },
    };
    this.#validations.put({ id, account: account.id, entity });
    steps.plan('validation', id, VALIDATION_MS);
    return entity;
  }

  /** Newest first; what is younger than the lag of lists is not there yet. */
  *listValidations(account: string): Generator<Validation> {
    const { settings, clock } = this.#workings;
    const listed_by = (clock.now() - settings.list_lag_ms) / 1_000;
    for (const { account: of, entity } of [...this.#validations.values()].reverse()) {
      if (of === account && entity.created_at <= listed_by) yield entity;
    }
  }

  validation(account: string, id: string): Validation {
    return ownedBy(this.#validations, account, id).entity;
  }

  #validated(id: string): void {
    const record = this.#validations.get(id)!;
    const { fund_account, reference_id, amount } = record.entity;
    const number = fund_account.bank_account?.account_number ?? fund_account.vpa!.address;
    const name = fund_account.bank_account?.name ?? fund_account.vpa!.username;
    const { faults, settings, statement, webhooks } = this.#workings;
    const subjects = [number, reference_id, id];
    const chosen = faults.choose({ group: 'account', subjects, point: 'validation' });
    if (chosen?.fault === 'check-failed') {
      this.#notValidated(record, chosen.reason);
      return;
    }
    const is_invalid = chosen?.fault === 'account-invalid';
    const differs = chosen?.fault === 'name-differs';
    const utr = is_invalid ? null : transferReference('IMPS', `${settings.seed}/${id}`);
    const entity: Validation = {
      ...{ ...record.entity, status: 'completed', utr },
      validation_results: {
        account_status: is_invalid ? 'invalid' : 'active',
        registered_name: is_invalid ? null : differs ? 'SOMEBODY ELSE' : name.toUpperCase(),
        name_match_score: is_invalid ? null : differs ? DIFFERENT_NAME_SCORE : 100,
        details: is_invalid ? 'The bank account does not exist' : null,
      },
    };
    this.#validations.put({ ...record, entity });
    if (!is_invalid) {
      const { fees, tax } = feesOf(settings.payout_fee);
      const source = { id, entity: 'fund_account_validation', amount, fees, tax, utr };
      statement.book(
        { account: record.account, credit: 0, debit: amount + fees, source, subjects, utr: utr! },
        'IMPS account validation',
      );
    }
    webhooks.emit({
      ...{ account: record.account, event: 'fund_account.validation.completed', object: id, subjects },
      payload: { 'fund_account.validation': entity },
    });
  }

  /** The bank that was asked did not answer: nobody learns anything, and no money moved. */
  #notValidated(record: Owned<Validation>, reason: string | null): void {
    const { id, account } = record;
    const status_details: StatusDetails = {
      description: 'The bank did not answer.',
      source: 'beneficiary_bank',
      reason: reason ?? 'beneficiary_bank_offline',
    };
    const entity: Validation = { ...record.entity, status: 'failed', status_details };
    this.#validations.put({ ...record, entity });
    const subjects = [entity.reference_id, id];
    this.#workings.webhooks.emit({
      ...{ account, event: 'fund_account.validation.failed', object: id, subjects },
      payload: { 'fund_account.validation': entity },
    });
  }

  #identifier(prefix: string, account: GatewayAccount, set: readonly (string | null)[]): string {
    return identifier(prefix, JSON.stringify([this.#workings.settings.seed, account.id, ...set]));
  }

  #once<Entity extends { id: string }>(
    table: Table<Owned<Entity>>,
    account: GatewayAccount,
    entity: Entity,
  ): Made<Entity> {
    const known = table.get(entity.id);
    if (known) return { entity: known.entity, is_new: false };
    table.put({ id: entity.id, account: account.id, entity });
    return { entity, is_new: true };
  }
}

function bankOf(told: z.output<typeof bankAccountSchema>): NonNullable<FundAccount['bank_account']> {
  return { ...told, bank_name: `${told.ifsc.slice(0, 4)} Bank`, notes: [] };
}

function addressOf({ address }: { address: string }): NonNullable<FundAccount['vpa']> {
  const [username, handle] = address.split('@');
  return { username: username!, handle: handle!, address };
}
