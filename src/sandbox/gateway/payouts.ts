import { z } from 'zod';
import { draw } from '../faults.ts';
import type { Table } from '../store.ts';
import type { Contacts } from './contacts.ts';
import type { Payout } from './entities.ts';
import { badRequest, GatewayError, shaped } from './errors.ts';
import { identifier, transferReference } from './identifiers.ts';
import { namedSubject, notesSchema } from './notes.ts';
import { ownedBy } from './owned.ts';
import { isDebited, lifeOf, type Move, statusDetails } from './payout-lives.ts';
import { debit, giveBack, sourceOf } from './payout-money.ts';
import { Repeats } from './repeats.ts';
import { DAY_MS, feesOf, type GatewayAccount } from './settings.ts';
import type { Workings } from './workings.ts';

export const PAYOUT_PAISE_MIN = 100;
const PURPOSES = ['refund', 'cashback', 'payout', 'salary', 'utility bill', 'vendor bill'];
/** The slower rails tell their reference a little after the credit. */
const REFERENCE_AFTER_MS = 60_000;
const KEY = /^[A-Za-z0-9_\- ]{4,36}$/;

export const payoutSchema = z.object({
  account_number: z.string(),
  fund_account_id: z.string(),
  amount: z.int().min(PAYOUT_PAISE_MIN),
  currency: z.literal('INR'),
  mode: z.enum(['NEFT', 'RTGS', 'IMPS', 'UPI', 'card']),
  purpose: z.enum(PURPOSES),
  queue_if_low_balance: z.boolean().optional(),
  reference_id: z.string().max(40).nullish(),
  narration: z
    .string()
    .regex(/^[A-Za-z0-9 ]{1,30}$/, 'up to 30 letters, digits and spaces')
    .nullish(),
  notes: notesSchema,
});

export interface PayoutRecord {
  id: string;
  account: string;
  picture: Payout;
  life: Move[];
  /** How many moves of its life are done. */
  moved: number;
  subjects: (string | null)[];
  debited: boolean;
  returned: boolean;
  created_ms: number;
}

/** Payouts: made once a key, then moved by the clock along the life that was drawn for them. */
export class Payouts {
  readonly #workings: Workings;
  readonly #contacts: Contacts;
  readonly #payouts: Table<PayoutRecord>;
  readonly #repeats: Repeats;
  readonly #byReference = new Map<string, string[]>();
  readonly #byAccount = new Map<string, string[]>();
  /** Those that wait for money, by account. */
  readonly #lacking = new Map<string, Set<string>>();

  constructor(workings: Workings, contacts: Contacts) {
    this.#workings = workings;
    this.#contacts = contacts;
    this.#payouts = workings.store.table('payout');
    this.#repeats = new Repeats(workings.store, 'payout-key');
    for (const record of this.#payouts.values()) this.#index(record);
    workings.statement.showSources((source) => {
      const record = this.#payouts.get(source.id);
      return record ? sourceOf(record.picture) : source;
    });
    workings.steps.on('payout', (id, number) => this.#move(id, number));
    workings.steps.on('payout-reference', (id) => this.#tellReference(id));
  }

  /**
   * A payout; the one that exists where key and body are known.
   * @param raw the body, byte for byte
   * @throws GatewayError 400
   */
  create(account: GatewayAccount, key: string | undefined, raw: string, sent: unknown): Payout {
    const name = `${account.id}/${idempotencyKey(key)}`;
    const known = this.#repeats.madeBy(name, raw);
    if (known !== null) return this.#payouts.get(known)!.picture;
    const record = this.#made(account, key!, sent);
    this.#payouts.put(record);
    this.#repeats.keep(name, raw, record.id);
    this.#index(record);
    this.#move(record.id, 0);
    return record.picture;
  }

  get(account: string, id: string): PayoutRecord {
    return ownedBy(this.#payouts, account, id);
  }

  find(id: string): PayoutRecord | undefined {
    return this.#payouts.get(id);
  }

  /** Newest first, all of an account or those of a reference, as far as the list knows them yet. */
  *list(account: string, reference_id?: string): Generator<Payout> {
    const { settings, clock } = this.#workings;
    const ids = reference_id
      ? (this.#byReference.get(`${account}/${reference_id}`) ?? [])
      : (this.#byAccount.get(account) ?? []);
    for (let at = ids.length - 1; at >= 0; at -= 1) {
      const { picture, created_ms } = this.#payouts.get(ids[at]!)!;
      if (created_ms + settings.list_lag_ms <= clock.now()) yield picture;
    }
  }

  all(): IterableIterator<PayoutRecord> {
    return this.#payouts.values();
  }

  /** @throws GatewayError 400 unless it is queued */
  cancel(account: string, id: string): Payout {
    const record = this.get(account, id);
    if (record.picture.status !== 'queued') {
      throw badRequest(`Payout cannot be cancelled as it is ${record.picture.status}`, 'id');
    }
    record.life = [...record.life.slice(0, record.moved), moveTo('cancelled', 'payout_cancelled')];
    this.#move(id, record.moved);
    return record.picture;
  }

  /** Lives through what takes less than a day at once: it happens faster than the answer travels. */
  hurry(id: string): void {
    const record = this.#payouts.get(id)!;
    for (
      let next = record.life[record.moved];
      next && next.after_ms < DAY_MS;
      next = record.life[record.moved]
    ) {
      this.#move(id, record.moved);
    }
  }

  /** Begins what waited for money, oldest first, as far as it reaches. */
  resume(account: string): void {
    for (const id of this.#lacking.get(account) ?? []) {
      const record = this.#payouts.get(id)!;
      if (record.picture.status !== 'queued') this.#lacking.get(account)!.delete(id);
      else if (this.#hasMoneyFor(record)) {
        this.#lacking.get(account)!.delete(id);
        this.#move(id, record.moved);
      }
    }
  }

  #made(account: GatewayAccount, key: string, sent: unknown): PayoutRecord {
    const { clock, settings, faults } = this.#workings;
    const asked = shaped(payoutSchema, sent);
    if (asked.account_number !== account.account_number) {
      throw badRequest('The account number is invalid', 'account_number');
    }
    const fund_account = this.#contacts.fundAccount(account.id, asked.fund_account_id);
    if (!fund_account) throw badRequest('The fund account id does not exist', 'fund_account_id');
    if ((asked.mode === 'UPI') !== (fund_account.account_type === 'vpa')) {
      throw badRequest(`Payout mode ${asked.mode} is not supported for the fund account`, 'mode');
    }
    const { account_number, queue_if_low_balance, reference_id = null, narration = null, ...rest } = asked;
    const named = namedSubject(rest.notes);
    const id = identifier('pout', `${settings.seed}/${account.id}/${key}`);
    const number = this.#byReference.get(`${account.id}/${reference_id}`)?.length ?? 0;
    const subject = named ?? reference_id ?? key;
    const payee = this.#contacts.payee(account.id, asked.fund_account_id);
    const subjects = [...new Set([subject, reference_id, key, id, payee])];
    const chosen = faults.choose({ group: 'payout', subjects, point: `life/${number}` });
    const [dice] = draw(`${settings.seed}/processing/${subject}/${number}`);
    const spread = settings.processing_ms_max - settings.processing_ms_min + 1;
    const record: PayoutRecord = {
      ...{ id, account: account.id, subjects, moved: 0, debited: false, returned: false },
      ...{ life: lifeOf(chosen, settings.processing_ms_min + (dice % spread)), created_ms: clock.now() },
      picture: {
        ...{ id, entity: 'payout', ...rest, reference_id, narration, fees: 0, tax: 0, status: 'queued' },
        ...{ utr: null, batch_id: null, status_details: null, created_at: clock.seconds(), fee_type: null },
        debit_account_number: account_number,
      },
    };
    this.#lackMoney(record, queue_if_low_balance ?? false);
    return record;
  }

  #lackMoney(record: PayoutRecord, queue_if_low_balance: boolean): void {
    if (this.#hasMoneyFor(record)) return;
    if (queue_if_low_balance) record.life.unshift(moveTo('queued', 'low_balance'));
    else record.life = [moveTo('failed', 'insufficient_funds')];
  }

  #hasMoneyFor({ account, life, picture }: PayoutRecord): boolean {
    const { fees } = feesOf(this.#workings.settings.payout_fee);
    return !isDebited(life) || this.#workings.statement.balance(account) >= picture.amount + fees;
  }

  /** Carries out move `number` of a payout's life, and plans the next one. */
  #move(id: string, number: number): void {
    const record = this.#payouts.get(id);
    const move = record?.life[number];
    // A cancelled payout has another life than the one that planned this.
    if (!record || !move || record.moved !== number) return;
    this.#enter(record, move);
    record.moved = number + 1;
    this.#payouts.put(record);
    this.#tell(record, eventOf(move.status));
    const next = record.life[number + 1];
    if (!next) return;
    if (move.reason === 'low_balance') this.#wait(record);
    else this.#workings.steps.plan('payout', id, next.after_ms, number + 1);
  }

  #wait({ account, id }: PayoutRecord): void {
    const waiting = this.#lacking.get(account) ?? new Set();
    this.#lacking.set(account, waiting.add(id));
  }

  #enter(record: PayoutRecord, { status, reason }: Move): void {
    const picture = { ...record.picture, status, status_details: statusDetails(reason) };
    record.picture = picture;
    if (status === 'processing') {
      const { settings } = this.#workings;
      Object.assign(picture, feesOf(settings.payout_fee));
      if (settings.payout_fee === 0) picture.fee_type = 'free_payout';
      if (isDebited(record.life)) debit(this.#workings, record, this.#reference(record));
    } else if (status === 'processed') {
      if (picture.mode === 'IMPS' || picture.mode === 'UPI') picture.utr = this.#reference(record);
      this.#workings.steps.plan('payout-reference', record.id, picture.utr ? 0 : REFERENCE_AFTER_MS);
    } else if (status === 'reversed') {
      picture.utr ??= this.#reference(record);
      if (record.debited && !record.returned) giveBack(this.#workings, record, picture.utr);
      this.resume(record.account);
    } else if (status === 'failed' && !record.debited) {
      Object.assign(picture, { fees: 0, tax: 0 });
    }
  }

  #reference({ id, picture }: PayoutRecord): string {
    return transferReference(picture.mode, `${this.#workings.settings.seed}/${id}`);
  }

  #tellReference(id: string): void {
    const record = this.#payouts.get(id)!;
    record.picture = { ...record.picture, utr: record.picture.utr ?? this.#reference(record) };
    this.#payouts.put(record);
    this.#tell(record, 'payout.updated');
  }

  #tell({ account, id, subjects, picture }: PayoutRecord, event: string | null): void {
    if (event)
      this.#workings.webhooks.emit({ account, event, object: id, subjects, payload: { payout: picture } });
  }

  #index({ account, id, picture, life, moved }: PayoutRecord): void {
    add(this.#byAccount, account, id);
    if (picture.reference_id) add(this.#byReference, `${account}/${picture.reference_id}`, id);
    if (life[moved - 1]?.reason === 'low_balance') this.#wait({ account, id } as PayoutRecord);
  }
}

function add(index: Map<string, string[]>, name: string, id: string): void {
  const ids = index.get(name);
  if (ids) ids.push(id);
  else index.set(name, [id]);
}

function moveTo(status: Move['status'], reason: string): Move {
  return { after_ms: 0, status, reason };
}

/** A payout that is cancelled is told of by the answer alone. */
function eventOf(status: Move['status']): string | null {
  if (status === 'cancelled' || status === 'scheduled') return null;
  return status === 'processing' ? 'payout.initiated' : `payout.${status}`;
}

/** @throws GatewayError 400 without one of the right form: it is mandatory */
function idempotencyKey(key: string | undefined): string {
  if (key !== undefined && KEY.test(key)) return key;
  throw new GatewayError(400, {
    description: key ? 'The idempotency key is invalid' : 'Idempotency key is missing in the request header',
    field: 'X-Payout-Idempotency',
  });
}
