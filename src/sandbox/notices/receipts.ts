import type { MovableClock } from '../clock.ts';
import { Deliveries, type Delivery, type DeliveryTry, postTo } from '../deliveries.ts';
import type { Ring } from '../ring.ts';
import type { Store } from '../store.ts';
import type { NoticeAccounts } from './accounts.ts';
import type { NoticeFaults } from './faults.ts';
import type { NoticeAccount, NoticeSettings, ReceiptSender, ReceiptTarget } from './settings.ts';

/** Something a lender is told about a message. */
export interface Receipt {
  sender: ReceiptSender;
  account: NoticeAccount;
  /** As the body names it. */
  event: string;
  /** The message; receipts about one stay in order. */
  object: string;
  /** The names by which a script may mean it. */
  subjects: readonly (string | null | undefined)[];
  at_ms: number;
  type: string;
  /** Made only where somebody wants to know. */
  body(): string;
  /** What a swindler would claim instead. */
  lie(): string;
}

interface ReceiptDelivery extends Delivery {
  sender: ReceiptSender;
  type: string;
}

const MINUTE_MS = 60_000;
/** Brevo's; 2Factor's are not published. */
const GAPS_MINUTES = [10, 60, 120, 480];
const TOO_MANY_REQUESTS = 429;

/** Tells lenders what became of their messages, as badly as the fault script asks for. */
export class Receipts {
  readonly log: Ring<DeliveryTry>;
  readonly #clock: MovableClock;
  readonly #accounts: NoticeAccounts;
  readonly #faults: NoticeFaults;
  readonly #deliveries: Deliveries<ReceiptDelivery>;

  constructor(parts: {
    settings: NoticeSettings;
    clock: MovableClock;
    accounts: NoticeAccounts;
    faults: NoticeFaults;
    store: Store;
  }) {
    this.#clock = parts.clock;
    this.#accounts = parts.accounts;
    this.#faults = parts.faults;
    this.#deliveries = new Deliveries({
      clock: parts.clock,
      table: parts.store.table<ReceiptDelivery>('receipt'),
      deliveries_max: parts.settings.deliveries_max,
      post: (delivery, signal) => this.#post(delivery, signal),
      gapAfter: (_, attempts, status) => gapAfter(attempts, status),
    });
    this.log = this.#deliveries.log;
  }

  /** Puts a receipt on its way; nobody is told what their webhook has not asked for. */
  emit(receipt: Receipt): void {
    const { sender, account, event, object, subjects } = receipt;
    const webhook = account.webhooks[sender];
    if (!webhook || (webhook.events && !webhook.events.includes(event))) return;
    const chosen = this.#faults.choose({
      ...{ group: 'webhook', subjects: [...subjects, account.id, object], event },
      point: `${sender}/${event}`,
      ...(account.rates ? { rates: account.rates } : {}),
    });
    const forged = () => this.#delivery(receipt, receipt.lie());
    this.#deliveries.send(this.#delivery(receipt, receipt.body()), chosen, forged);
  }

  /** Delivers what is due by the clock. @returns how many tries it took */
  deliverDue(): Promise<number> {
    return this.#deliveries.deliverDue();
  }

  get waiting(): number {
    return this.#deliveries.waiting;
  }

  stop(): void {
    this.#deliveries.stop();
  }

  #delivery({ sender, account, event, object, at_ms, type }: Receipt, body: string): ReceiptDelivery {
    const id = String(this.#deliveries.nextNumber());
    return {
      ...{ id, at_ms, created_ms: this.#clock.now(), account: account.id, sender, event, event_id: id },
      ...{ object, type, body, signed: 'current', attempts: 0, held: false },
    };
  }

  async #post(
    { account, sender, signed, type, body }: ReceiptDelivery,
    signal: AbortSignal,
  ): Promise<number | null | undefined> {
    const webhook = this.#accounts.by('id', account)?.webhooks[sender];
    if (!webhook) return undefined;
    const { url, headers } = credentialsOf(webhook, signed);
    return postTo(url, { headers: { ...headers, 'content-type': type }, body, signal });
  }
}

/** What is refused, but for too many at once, is dropped for good; what nobody answers comes again. */
function gapAfter(attempts: number, status: number | null): number | null {
  if (status !== null && status !== TOO_MANY_REQUESTS) return null;
  const gap = GAPS_MINUTES[attempts - 1];
  return gap === undefined ? null : gap * MINUTE_MS;
}

/** Nobody knows a secret that he was not told: a swindler guesses the headers, or the path where there are none. */
function credentialsOf(
  webhook: ReceiptTarget,
  signed: Delivery['signed'],
): { url: string; headers: Record<string, string> } {
  const { url, headers = {}, former_headers } = webhook;
  if (signed === 'former') return { url, headers: former_headers ?? headers };
  if (signed === 'current') return { url, headers };
  const names = Object.keys(headers);
  if (names.length > 0) return { url, headers: Object.fromEntries(names.map((name) => [name, 'a guess'])) };
  return { url: url.replace(/[^/]+$/, 'a-guess'), headers };
}
