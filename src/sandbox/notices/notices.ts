import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { MovableClock } from '../clock.ts';
import type { DeliveryTry } from '../deliveries.ts';
import { Store } from '../store.ts';
import { NoticeAccounts } from './accounts.ts';
import { Answering, type NoticeCall } from './answering.ts';
import { Brevo } from './brevo.ts';
import { mountDelivered } from './delivered-route.ts';
import { NoticeFaults, type ScriptedNoticeFault } from './faults.ts';
import { Fcm } from './fcm.ts';
import { FcmTokens, type ServiceAccount } from './fcm-tokens.ts';
import { Inbox, type InboxCounts, type Notice, type NoticeChannel } from './inbox.ts';
import { Receipts } from './receipts.ts';
import { mountNoticeControls } from './routes-sandbox.ts';
import {
  DEFAULT_NOTICE_SETTINGS,
  type GivenAccount,
  type NoticeAccount,
  type NoticeOptions,
  type ReceiptSender,
  type ReceiptTarget,
  SANDBOX_NOTICE_ACCOUNT,
} from './settings.ts';
import { Smtp } from './smtp.ts';
import { TwoFactor } from './two-factor.ts';
import type { Workings } from './workings.ts';

/** Which messages are meant. */
export interface NoticeFilter {
  account?: string;
  channel?: NoticeChannel;
  to?: string;
}

/**
 * The notification providers as a simulator: Brevo, 2Factor and FCM are played over HTTP, a mail server over SMTP;
 * what is here is how a test or the demo plays the world around them, and learns what people truly got.
 * Where an account is left out, it is the only one.
 */
export class Notices {
  readonly #workings: Workings;
  readonly #tokens: FcmTokens;
  readonly #fcm: Fcm;
  readonly #smtp: Smtp;
  readonly #smtpPort: number;
  readonly #tokenServers: FastifyInstance[] = [];
  #ticking: Promise<number> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #url: string | null = null;
  #smtpListens: number | null = null;

  /** @param shared the clock, where the options have none of their own */
  constructor(options: NoticeOptions, shared?: MovableClock) {
    const { accounts: given = [SANDBOX_NOTICE_ACCOUNT], now, file, faults: script = {}, ...told } = options;
    const { smtp_port = 0, ...settled } = told;
    const settings = { ...DEFAULT_NOTICE_SETTINGS, ...settled };
    const store = new Store(file);
    const clock = now || !shared ? new MovableClock(store, now) : shared;
    const parts = { settings, clock, store, accounts: new NoticeAccounts(given) };
    const faults = new NoticeFaults(settings.seed, script, store);
    this.#workings = {
      ...{ ...parts, faults, receipts: new Receipts({ ...parts, faults }) },
      inbox: new Inbox(store, clock, settings.notices_max),
      answering: new Answering({ settings, clock, faults }),
    };
    this.#tokens = new FcmTokens(this.#workings);
    this.#fcm = new Fcm(this.#workings, this.#tokens);
    this.#smtp = new Smtp(this.#workings);
    this.#smtpPort = smtp_port;
  }

  /** Adds the providers' routes, the page of what was delivered, and the controls. */
  mount(app: FastifyInstance): void {
    for (const provider of [
      new Brevo(this.#workings),
      new TwoFactor(this.#workings),
      this.#fcm,
      this.#tokens,
    ]) {
      mountProvider(app, provider);
    }
    mountDelivered(app, this.#workings);
    mountNoticeControls(app, this);
  }

  /** Opens the mail server, and lets the clock begin. @param url where the routes are */
  async begin(url: string): Promise<void> {
    this.#url = url;
    this.#smtpListens = await this.#smtp.listen(this.#smtpPort);
    const { tick_ms } = this.#workings.settings;
    if (tick_ms === 0) return;
    this.#timer = setInterval(() => void this.tick(), tick_ms);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#workings.receipts.stop();
    this.#workings.answering.stop();
    if (this.#smtpListens !== null) await this.#smtp.stop();
    for (const server of this.#tokenServers) await server.close();
    this.#workings.store.close();
  }

  /** Where Brevo, 2Factor and FCM are. */
  get url(): string {
    return listening(this.#url);
  }

  get smtp(): { host: string; port: number } {
    return { host: '127.0.0.1', port: listening(this.#smtpListens) };
  }

  /** What points Kist at all of it, and lets it speak to a mail server and a token endpoint on the same machine. */
  get environment(): Record<string, string> {
    const { url } = this;
    const urls = { KIST_BREVO_URL: url, KIST_TWO_FACTOR_URL: url, KIST_FCM_URL: url };
    return { ...urls, KIST_NOTIFICATION_ALLOW_PRIVATE: 'true' };
  }

  now(): Date {
    return new Date(this.#workings.clock.now());
  }

  accounts(): NoticeAccount[] {
    return this.#workings.accounts.all();
  }

  /** The only account, or the one of the id. @throws RangeError where there is none */
  account(id?: string): NoticeAccount {
    return this.#workings.accounts.theOne(id);
  }

  /** @throws RangeError where a name or key is another account's */
  addAccount(account: GivenAccount): NoticeAccount {
    return this.#workings.accounts.add(account);
  }

  /** Changes keys, credits, standing, rates of faults. @throws RangeError where a key is another account's */
  changeAccount(changes: Partial<Omit<NoticeAccount, 'id'>>, account?: string): NoticeAccount {
    return this.#workings.accounts.change(account, changes);
  }

  /** A service account's JSON for FCM. @param token_uri this sandbox's own by default; see `openTokenPort` */
  serviceAccount(account?: string, token_uri = `${this.url}/token`): ServiceAccount {
    return this.#tokens.serviceAccount(this.account(account), token_uri);
  }

  /** Gives the account a new key for FCM; what is signed with the former is refused (`invalid_grant`). */
  renewKey(account?: string): void {
    this.#tokens.renewKey(this.account(account));
  }

  /** Opens one more endpoint for access tokens, on a port of its own. @returns its `token_uri` */
  async openTokenPort(): Promise<string> {
    const server = Fastify({ forceCloseConnections: true });
    mountProvider(server, this.#tokens);
    this.#tokenServers.push(server);
    return `${await server.listen({ host: '127.0.0.1', port: 0 })}/token`;
  }

  /** Says where an account's receipts go from now on; null: nowhere. */
  setWebhook(sender: ReceiptSender, target: ReceiptTarget | null, account?: string): void {
    const { webhooks } = this.account(account);
    const { [sender]: _, ...others } = webhooks;
    this.changeAccount({ webhooks: target ? { ...others, [sender]: target } : others }, account);
  }

  /** Adds faults that befall exactly these subjects. @throws RangeError for a fault that does not exist */
  script(...faults: ScriptedNoticeFault[]): void {
    this.#workings.faults.add(faults);
  }

  /** The app is taken off a device: its token is dead from now on. */
  uninstall(token: string): void {
    this.#fcm.uninstall(token);
  }

  /** What people have before them, oldest first: without what never arrived, and what a device replaced. */
  delivered(filter: NoticeFilter = {}): Notice[] {
    return this.accepted(filter).filter(({ arrived, is_replaced }) => arrived && !is_replaced);
  }

  /** Everything that a provider accepted, oldest first, whatever became of it. */
  accepted({ account, channel, to }: NoticeFilter = {}): Notice[] {
    return this.#workings.inbox
      .oldest()
      .filter((notice) => (account ?? notice.account) === notice.account)
      .filter((notice) => (channel ?? notice.channel) === notice.channel)
      .filter((notice) => (to ?? notice.to) === notice.to);
  }

  /** How many were accepted, arrived, and came once more, by channel; since the beginning. */
  counts(): Record<NoticeChannel, InboxCounts> {
    return this.#workings.inbox.counts();
  }

  /** Every call that reached a provider, oldest first. */
  log(): readonly NoticeCall[] {
    return this.#workings.answering.log.all();
  }

  /** Every try to deliver a receipt, oldest first. */
  deliveries(): readonly DeliveryTry[] {
    return this.#workings.receipts.log.all();
  }

  /** How many receipts are still to be delivered. */
  get waiting(): number {
    return this.#workings.receipts.waiting;
  }

  /** Moves the clock ahead and delivers the receipts that fall due. */
  async advanceTo(moment: Date | string): Promise<void> {
    this.#workings.clock.moveTo(new Date(moment).getTime());
    await this.tick();
  }

  /** Delivers the receipts that are due by the clock. @returns how many tries it took */
  async tick(): Promise<number> {
    // Whoever asks while others are at it may ask for something they have passed already.
    while (this.#ticking) await this.#ticking;
    this.#ticking = this.#workings.receipts.deliverDue().finally(() => {
      this.#ticking = null;
    });
    return this.#ticking;
  }
}

/** What a body that nobody can read is answered with. */
function mountProvider(app: FastifyInstance, provider: { mount(app: FastifyInstance): void }): void {
  app.register(async (scope) => {
    await scope.register(formbody);
    scope.setErrorHandler<Error & { statusCode?: number }>((error, _, reply) =>
      reply.code(error.statusCode ?? 500).send({ code: 'bad_request', message: error.message }),
    );
    provider.mount(scope);
  });
}

function listening<Found>(found: Found | null): Found {
  if (found === null) throw new Error('The sandbox has not begun.');
  return found;
}
