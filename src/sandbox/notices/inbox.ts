import { createHash } from 'node:crypto';
import type { MovableClock } from '../clock.ts';
import type { Store, Table } from '../store.ts';

export interface NoticeFile {
  name: string;
  type: string;
  bytes: number;
  /** Base64. */
  content: string;
}

/** Something that happened to a message after it was accepted; some of it lies ahead. */
export interface NoticeEvent {
  event: string;
  at_ms: number;
  reason: string | null;
}

interface Sent {
  account: string;
  provider: 'brevo' | 'smtp' | 'two-factor' | 'fcm';
  /** E-mail address, phone number as +919812345678, or a device's token. */
  to: string;
  name: string | null;
  /** By which receipts name the message. */
  provider_id: string;
  /** By which the sender knows it: tag, Message-ID, collapse key. */
  reference: string | null;
  /** Whether the person sees it. */
  arrived: boolean;
  /** The fault that befell it, if any. */
  fate: string | null;
  events: NoticeEvent[];
}

export interface SentMail extends Sent {
  channel: 'email';
  from: { email: string; name: string | null };
  reply_to: string | null;
  subject: string;
  text: string | null;
  html: string | null;
  files: NoticeFile[];
  headers: Record<string, string>;
  tags: string[];
}

export interface SentSms extends Sent {
  channel: 'sms';
  from: string;
  text: string;
  template: string | null;
  segments: number;
  encoding: 'GSM-7' | 'UCS-2';
}

export interface SentPush extends Sent {
  channel: 'push';
  title: string;
  body: string;
  image: string | null;
  data: Record<string, string>;
  /** A later one of the same key takes the place of an earlier one on the device. */
  collapse_key: string | null;
}

export type SentNotice = SentMail | SentSms | SentPush;
export type NoticeChannel = SentNotice['channel'];

interface Kept {
  id: string;
  /** By the sandbox's clock. */
  at: string;
  /** Which copy this is of what the person had already; 1: the first. Replaced ones on a device count. */
  copy: number;
  /** Another push of its key took its place on the device. */
  is_replaced: boolean;
}

/** A message that a provider accepted, as the person sees it. */
export type Notice = SentNotice & Kept;

export interface InboxCounts {
  accepted: number;
  arrived: number;
  /** Of those that arrived, the ones that the person had before. */
  again: number;
}

const PEOPLE_MAX = 200_000;
const BYTES_MAX = 96 * 1024 * 1024;

/** What the providers accepted: the last so many, and never more than 96 MiB of them. */
export class Inbox {
  readonly #clock: MovableClock;
  readonly #max: number;
  readonly #notices: Table<Notice>;
  readonly #copies = new Map<string, number>();
  readonly #shown = new Map<string, string>();
  /** Of the provider's own id, the messages of it: one a recipient. */
  readonly #named = new Map<string, string[]>();
  /** How many each person was sent. */
  readonly #turns = new Map<string, number>();
  readonly #counts: Record<NoticeChannel, InboxCounts> = {
    email: { accepted: 0, arrived: 0, again: 0 },
    sms: { accepted: 0, arrived: 0, again: 0 },
    push: { accepted: 0, arrived: 0, again: 0 },
  };
  #number = 0;
  #bytes = 0;

  constructor(store: Store, clock: MovableClock, max: number) {
    this.#clock = clock;
    this.#max = max;
    this.#notices = store.table<Notice>('notice');
    for (const notice of this.#notices.values()) this.#index(notice);
  }

  /** How many were ever accepted. */
  get count(): number {
    return this.#number;
  }

  counts(): Record<NoticeChannel, InboxCounts> {
    return structuredClone(this.#counts);
  }

  /** Newest first. */
  newest(): Notice[] {
    return this.oldest().reverse();
  }

  oldest(): Notice[] {
    return [...this.#notices.values()];
  }

  get(id: string): Notice | undefined {
    return this.#notices.get(id);
  }

  /** The messages that a provider named so. */
  named(provider_id: string): Notice[] {
    return (this.#named.get(provider_id) ?? []).flatMap((id) => this.#notices.get(id) ?? []);
  }

  /** Which message to this person it will be; dice are thrown by it. */
  turnOf({ account, to }: Pick<SentNotice, 'account' | 'to'>): string {
    return String((this.#turns.get(`${account}/${to}`) ?? 0) + 1);
  }

  put(sent: SentNotice): Notice {
    const kept = {
      id: String(this.#number + 1),
      at: new Date(this.#clock.now()).toISOString(),
      copy: (this.#copies.get(sameness(sent)) ?? 0) + 1,
      is_replaced: false,
    };
    const notice: Notice = { ...sent, ...kept };
    this.#replaceBefore(notice);
    this.#notices.put(notice);
    this.#index(notice);
    this.#makeRoom();
    return notice;
  }

  #replaceBefore(notice: Notice): void {
    const place = placeOf(notice);
    const before = place && this.#notices.get(this.#shown.get(place) ?? '');
    if (before) this.#notices.put({ ...before, is_replaced: true });
  }

  #index(notice: Notice): void {
    this.#number = Math.max(this.#number, Number(notice.id));
    this.#bytes += bytesOf(notice);
    const counts = this.#counts[notice.channel];
    counts.accepted += 1;
    if (notice.arrived) counts.arrived += 1;
    if (notice.arrived && notice.copy > 1) counts.again += 1;
    if (this.#turns.size >= PEOPLE_MAX) this.#turns.clear();
    this.#turns.set(`${notice.account}/${notice.to}`, Number(this.turnOf(notice)));
    if (notice.arrived) this.#copies.set(sameness(notice), notice.copy);
    const place = placeOf(notice);
    if (place) this.#shown.set(place, notice.id);
    this.#named.set(notice.provider_id, [...(this.#named.get(notice.provider_id) ?? []), notice.id]);
  }

  #makeRoom(): void {
    for (const notice of this.#notices.values()) {
      if (this.#notices.size <= this.#max && this.#bytes <= BYTES_MAX) return;
      this.#notices.remove(notice.id);
      this.#bytes -= bytesOf(notice);
      this.#named.delete(notice.provider_id);
      if (this.#copies.get(sameness(notice)) === notice.copy) this.#copies.delete(sameness(notice));
      const place = placeOf(notice);
      if (place && this.#shown.get(place) === notice.id) this.#shown.delete(place);
    }
  }
}

function bytesOf(notice: SentNotice): number {
  if (notice.channel !== 'email') return 500;
  const files = notice.files.reduce((sum, { content }) => sum + content.length, 0);
  return 1_000 + (notice.text?.length ?? 0) + (notice.html?.length ?? 0) + files;
}

/** What two messages have in common where a person would say: I had this one before. */
function sameness(sent: SentNotice): string {
  const words =
    sent.reference ?? (sent.channel === 'email' ? `${sent.subject}\n${sent.text}` : wordsOf(sent));
  return createHash('sha256').update(`${sent.account}/${sent.channel}/${sent.to}/${words}`).digest('base64');
}

function wordsOf(sent: SentSms | SentPush): string {
  return sent.channel === 'sms' ? sent.text : `${sent.title}\n${sent.body}`;
}

/** The place on a device that a push takes. */
function placeOf(sent: SentNotice): string | null {
  if (sent.channel !== 'push' || sent.collapse_key === null || !sent.arrived) return null;
  return `${sent.account}/${sent.to}/${sent.collapse_key}`;
}
