import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Table } from '../store.ts';
import type { Said } from './answering.ts';
import { eventsPage, receiptOf } from './brevo-events.ts';
import { type BrevoMail, type BrevoRequest, brevoRefusal, readMail } from './brevo-mail.ts';
import type { NoticeFault } from './faults.ts';
import type { NoticeEvent, SentMail } from './inbox.ts';
import { mailLife } from './mail-lives.ts';
import { digitsOf } from './names.ts';
import type { NoticeAccount } from './settings.ts';
import type { Workings } from './workings.ts';

/** Attachments and all. */
const BODY_MAX = 20 * 1024 * 1024;
const KEY_LIFE_MS = 30 * 60_000;
const RATE_LIMIT = 1_000;
const RATE_RESET_S = 1;

/** A key that a mail came with. */
interface SeenKey {
  id: string;
  at_ms: number;
}

/** Brevo's transactional mail. */
export class Brevo {
  readonly #workings: Workings;
  readonly #keys: Table<SeenKey>;
  /** Addresses an account's mails no longer go to. */
  readonly #blocked: Table<{ id: string }>;

  constructor(workings: Workings) {
    this.#workings = workings;
    this.#keys = workings.store.table('brevo-key');
    this.#blocked = workings.store.table('brevo-blocked');
  }

  mount(app: FastifyInstance): void {
    const { answering } = this.#workings;
    app.post('/v3/smtp/email', { bodyLimit: BODY_MAX }, (request, reply) => {
      const account = this.#accountOf(request);
      const { to, tags, key } = hintsOf(request.body);
      return answering.answer(reply, {
        ...{ call: 'brevo.send', account, subjects: [to, ...tags, key], reference: tags[0] ?? key },
        refused: brevoRefused,
        act: () => this.#send(admitted(account), readMail(request.body)),
      });
    });
    app.get('/v3/smtp/statistics/events', (request, reply) => {
      const account = this.#accountOf(request);
      const query = request.query as Record<string, string | undefined>;
      return answering.answer(reply, {
        ...{ call: 'brevo.events', account, subjects: [query.email, query.messageId], is_read: true },
        refused: brevoRefused,
        act: () => ({ status: 200, body: eventsPage(this.#workings, admitted(account), query) }),
      });
    });
  }

  #accountOf(request: FastifyRequest): NoticeAccount | null {
    return this.#workings.accounts.by('brevo_key', request.headers['api-key'] as string | undefined);
  }

  #send(account: NoticeAccount, asked: BrevoRequest): Said {
    const recipients = asked.mails.reduce((sum, { to }) => sum + to.length, 0);
    const key = asked.key && `${account.id}/${asked.key}`;
    if (key) this.#refuseSeen(key);
    if (account.credits < recipients) throw brevoRefusal(402, 'not_enough_credits', 'Not enough credits');
    if (key) this.#keys.put({ id: key, at_ms: this.#workings.clock.now() });
    const ids = asked.mails.map((mail) => this.#sendOne(account, asked, mail));
    return { status: 201, body: asked.has_versions ? { messageIds: ids } : { messageId: ids[0] } };
  }

  /** @throws Refusal 400 for a key that another mail came with, less than 30 minutes ago */
  #refuseSeen(id: string): void {
    const oldest_ms = this.#workings.clock.now() - KEY_LIFE_MS;
    for (const key of this.#keys.values()) {
      if (key.at_ms > oldest_ms) break;
      this.#keys.remove(key.id);
    }
    if (this.#keys.get(id))
      throw brevoRefusal(
        400,
        'duplicate_parameter',
        'A request with this idempotencyKey was accepted already',
      );
  }

  #sendOne(account: NoticeAccount, asked: BrevoRequest, mail: BrevoMail): string {
    const { inbox, settings, clock } = this.#workings;
    const stamp = new Date(clock.now()).toISOString().replace(/\D/g, '').slice(0, 12);
    const message_id = `<${stamp}.${digitsOf(`${settings.seed}/brevo/${inbox.count}`, 11)}@smtp-relay.mailin.fr>`;
    if (asked.is_dropped) return message_id;
    for (const { email, name } of mail.to) {
      account.credits -= 1;
      this.#reach(account, {
        ...{ account: account.id, provider: 'brevo', channel: 'email', to: email, name, fate: null },
        ...{ provider_id: message_id, reference: asked.tags[0] ?? asked.key, arrived: true, events: [] },
        ...{ from: mail.from, reply_to: mail.reply_to, subject: mail.subject, text: mail.text },
        ...{ html: mail.html, files: asked.files, headers: asked.headers, tags: asked.tags },
      });
    }
    return message_id;
  }

  /** The life of one mail to one person. */
  #reach(account: NoticeAccount, mail: SentMail): void {
    const { inbox, faults, receipts, clock, settings } = this.#workings;
    const blocked_as = `${account.id}/${mail.to.toLowerCase()}`;
    const subjects = [mail.to, ...mail.tags, account.id, mail.provider_id];
    const chosen = this.#blocked.get(blocked_as)
      ? { fault: 'blocked' as const, reason: null }
      : faults.choose({
          ...{ group: 'mail-life', subjects, point: inbox.turnOf(mail) },
          ...(account.rates ? { rates: account.rates } : {}),
        });
    const { arrived, happenings, blocks } = mailLife(chosen?.fault ?? null, chosen?.reason);
    if (blocks) this.#blocked.put({ id: blocked_as });
    const events: NoticeEvent[] = happenings.map(({ event, after, reason }) => ({
      ...{ event, reason, at_ms: clock.now() + after * settings.receipt_ms },
    }));
    const notice = inbox.put({ ...mail, arrived, events, fate: chosen?.fault ?? null }) as SentMail;
    for (const each of events) receipts.emit({ ...receiptOf(notice, each), account, subjects });
  }
}

/** @throws Refusal 401, 403 */
function admitted(account: NoticeAccount | null): NoticeAccount {
  if (!account) throw brevoRefusal(401, 'unauthorized', 'Key not found');
  if (!account.is_suspended) return account;
  throw brevoRefusal(403, 'account_under_validation', 'Unable to send. Your account is under validation');
}

function brevoRefused(fault: NoticeFault, reason: string | null): Said | null {
  const no = (status: number, code: string, message: string): Said =>
    brevoRefusal(status, code, reason ?? message).said;
  switch (fault) {
    case 'error-500':
      return no(500, 'internal_error', 'Internal server error');
    case 'unavailable':
      return no(503, 'service_unavailable', 'Service temporarily unavailable');
    case 'bad-gateway':
      return BAD_GATEWAY;
    case 'rate-limited':
      return { ...no(429, 'too_many_requests', 'Rate limit reached'), headers: rateHeaders() };
    case 'unauthorized':
      return no(401, 'unauthorized', 'Key not found');
    case 'forbidden':
      return no(403, 'permission_denied', 'Permission denied');
    case 'no-credits':
      return no(402, 'not_enough_credits', 'Not enough credits');
    case 'refused':
      return no(400, 'invalid_parameter', 'sender is not valid');
    default:
      return null;
  }
}

export const BAD_GATEWAY: Said = {
  status: 502,
  type: 'text/html',
  body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
};

/** Never Retry-After. */
function rateHeaders(): Record<string, string> {
  return {
    'x-sib-ratelimit-limit': String(RATE_LIMIT),
    'x-sib-ratelimit-remaining': '0',
    'x-sib-ratelimit-reset': String(RATE_RESET_S),
  };
}

/** What a body seems to be about, before anybody has looked whether it is right. */
function hintsOf(body: unknown): { to: string | null; tags: string[]; key: string | null } {
  const { to, tags, headers } = (body ?? {}) as Record<string, unknown>;
  const email = (to as { email?: unknown }[] | undefined)?.[0]?.email;
  const key = (headers as { idempotencyKey?: unknown } | undefined)?.idempotencyKey;
  return {
    to: typeof email === 'string' ? email : null,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    key: typeof key === 'string' ? key : null,
  };
}
