import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { MovableClock } from '../clock.ts';
import { cut } from '../cut.ts';
import { Ring } from '../ring.ts';
import type { ChosenNoticeFault, NoticeFault, NoticeFaults, NoticeGroup, NoticeOccasion } from './faults.ts';
import type { NoticeAccount, NoticeSettings } from './settings.ts';

/** A call, or a mail over SMTP, that reached a provider, whatever came of it. */
export interface NoticeCall {
  /** By the sandbox's clock. */
  at: string;
  /** What was asked, e.g. `brevo.send`, `smtp.mail`. */
  call: string;
  account: string | null;
  /** Whom it was about: an address, mostly. */
  subject: string | null;
  /** By which the sender knows the message. */
  reference: string | null;
  fault: NoticeFault | null;
  /** HTTP's status or SMTP's reply; null where the line was cut. */
  status: number | null;
}

/** What a provider says. */
export interface Said {
  status: number;
  /** An object is said as JSON. */
  body: unknown;
  headers?: Record<string, string>;
  /** The content type of a text. */
  type?: string;
}

/** A provider's no. */
export class Refusal extends Error {
  readonly said: Said;

  constructor(said: Said) {
    super(`refused with ${said.status}`);
    this.said = said;
  }
}

/** One call, as its provider understood it. */
export interface Asked {
  call: string;
  account: NoticeAccount | null;
  /** Whom faults befall: the first one decides what the seed brings. */
  subjects: readonly (string | null | undefined)[];
  reference?: string | null;
  /** It changes nothing. */
  is_read?: boolean;
  /** Whose faults befall it; `answer` by default. */
  groups?: readonly NoticeGroup[];
  /** How the provider words a refusal; null for a fault that is none. */
  refused(fault: NoticeFault, reason: string | null): Said | null;
  /** @throws Refusal */
  act(): Said;
}

const LOG_MAX = 100_000;
const SUBJECTS_MAX = 200_000;
const GARBAGE = '{"messageId": "<2026';
const CUT_BY: readonly NoticeFault[] = ['reset', 'token-reset'];
const SILENT_BY: readonly NoticeFault[] = ['hang', 'token-hang'];

/** How often a subject was asked about, and how often in a row that went wrong. */
interface Tries {
  count: number;
  failures: number;
}

/** Answers calls as the fault script says: before the act, after it, late, or not at all. */
export class Answering {
  readonly log = new Ring<NoticeCall>(LOG_MAX);
  readonly #clock: MovableClock;
  readonly #settings: NoticeSettings;
  readonly #faults: NoticeFaults;
  readonly #tries = new Map<string, Tries>();
  readonly #stopped = new AbortController();

  constructor(parts: { clock: MovableClock; settings: NoticeSettings; faults: NoticeFaults }) {
    this.#clock = parts.clock;
    this.#settings = parts.settings;
    this.#faults = parts.faults;
  }

  async answer(reply: FastifyReply, asked: Asked): Promise<unknown> {
    const chosen = this.befalling(asked.groups ?? ['answer'], asked);
    const entry = this.entry(asked, chosen?.fault ?? null);
    if (chosen && CUT_BY.includes(chosen.fault)) return cut(reply);
    if (chosen && SILENT_BY.includes(chosen.fault)) {
      await this.hang();
      return cut(reply);
    }
    const said = (chosen && asked.refused(chosen.fault, chosen.reason)) ?? act(asked);
    await this.delay();
    return this.#say(reply, entry, said, chosen?.fault ?? null, asked);
  }

  /** The fault that befalls what was asked, if any; the account's own rates come before the settings'. */
  befalling(
    groups: readonly NoticeGroup[],
    { call, account, subjects, is_read }: Pick<Asked, 'call' | 'account' | 'subjects' | 'is_read'>,
  ): ChosenNoticeFault | null {
    const subject = subjects.find(Boolean) ?? account?.id ?? call;
    const tries = this.#triesOf(`${call}/${subject}`);
    tries.count += 1;
    const occasion: Omit<NoticeOccasion, 'group'> = {
      ...{ subjects: [subject, ...subjects, account?.id], call, point: `${call}/${tries.count}` },
      ...{ is_read: is_read ?? false },
      scripted_only: tries.failures >= this.#faults.settings.failures_in_row_max,
      ...(account?.rates ? { rates: account.rates } : {}),
    };
    for (const group of groups) {
      const chosen = this.#faults.choose({ ...occasion, group });
      if (!chosen) continue;
      tries.failures += 1;
      return chosen;
    }
    tries.failures = 0;
    return null;
  }

  /** Notes a call down; its status follows. */
  entry(
    { call, account, subjects, reference }: Pick<Asked, 'call' | 'account' | 'subjects' | 'reference'>,
    fault: NoticeFault | null,
  ): NoticeCall {
    const entry: NoticeCall = {
      ...{ at: new Date(this.#clock.now()).toISOString(), call, account: account?.id ?? null },
      ...{ subject: subjects.find(Boolean) ?? null, reference: reference ?? null, fault, status: null },
    };
    this.log.push(entry);
    return entry;
  }

  async delay(): Promise<void> {
    if (this.#settings.delay_ms > 0) await pause(this.#settings.delay_ms);
  }

  /** Silence, for as long as the settings say or until the sandbox stops. */
  async hang(ms = this.#settings.hang_ms): Promise<void> {
    const signal = this.#stopped.signal;
    await pause(ms, undefined, { signal, ref: false }).catch(() => {});
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #say(
    reply: FastifyReply,
    entry: NoticeCall,
    said: Said,
    fault: NoticeFault | null,
    asked: Asked,
  ): Promise<unknown> {
    switch (fault) {
      case 'commit-then-hang':
        await this.hang();
        return cut(reply);
      case 'commit-then-reset':
        return cut(reply);
      case 'commit-then-cut':
        entry.status = said.status;
        return cutInside(reply, said);
      case 'commit-then-garbage':
      case 'token-garbage':
        entry.status = said.status;
        return reply.code(said.status).type('application/json').send(GARBAGE);
    }
    const truly = fault === 'commit-then-500' ? (asked.refused('error-500', null) ?? said) : said;
    entry.status = truly.status;
    const { status, headers = {}, body, type } = truly;
    return reply
      .code(status)
      .headers(headers)
      .type(type ?? 'application/json; charset=utf-8')
      .send(type ? body : JSON.stringify(body));
  }

  #triesOf(name: string): Tries {
    const known = this.#tries.get(name);
    if (known) return known;
    if (this.#tries.size >= SUBJECTS_MAX) this.#tries.clear();
    const tries = { count: 0, failures: 0 };
    this.#tries.set(name, tries);
    return tries;
  }
}

function act(asked: Asked): Said {
  try {
    return asked.act();
  } catch (error) {
    if (error instanceof Refusal) return error.said;
    throw error;
  }
}

/** The status comes, and the beginning of the answer; then the line is cut. */
function cutInside(reply: FastifyReply, { status, body }: Said): FastifyReply {
  const text = Buffer.from(JSON.stringify(body));
  reply.hijack();
  reply.raw.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length });
  reply.raw.write(text.subarray(0, text.length >> 1), () => reply.raw.socket?.destroy());
  return reply;
}
