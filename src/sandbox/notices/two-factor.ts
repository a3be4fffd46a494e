import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal, type Said } from './answering.ts';
import { BAD_GATEWAY } from './brevo.ts';
import type { NoticeFault } from './faults.ts';
import type { NoticeEvent, SentSms } from './inbox.ts';
import { uuidOf } from './names.ts';
import { segmentsOf } from './segments.ts';
import type { NoticeAccount } from './settings.ts';
import { finalStatusOf, receiptForm, receiptXml } from './sms-lives.ts';
import type { Workings } from './workings.ts';

const RECIPIENTS_MAX = 500;
const VARIABLES_MAX = 20;
const TEXT_MAX = 1_000;

/** What is asked of 2Factor, under whichever of its names. */
type Fields = Record<string, string | undefined>;

/** 2Factor's transactional SMS. */
export class TwoFactor {
  readonly #workings: Workings;

  constructor(workings: Workings) {
    this.#workings = workings;
  }

  mount(app: FastifyInstance): void {
    app.post('/API/V1/:key/ADDON_SERVICES/SEND/TSMS', (request, reply) =>
      this.#answerSend(reply, keyOf(request), fieldsOf(request.body)),
    );
    for (const method of ['GET', 'POST'] as const) {
      app.route({
        method,
        url: '/API/R1/',
        handler: (request, reply) => {
          const fields = { ...fieldsOf(request.query), ...fieldsOf(request.body) };
          return this.#answerSend(reply, fields.apikey, fields);
        },
      });
    }
    app.get('/API/V1/:key/ADDON_SERVICES/RPT/TSMS/:session', (request, reply) =>
      this.#answerRead(request, reply, 'two-factor.receipt', (account) => {
        const { session } = request.params as { session: string };
        return { status: 200, type: 'application/xml', body: this.#receiptOf(account, session) };
      }),
    );
    for (const path of ['/API/V1/:key/BAL/SMS', '/API/V1/:key/ADDON_SERVICES/BAL/TRANSACTIONAL_SMS']) {
      app.get(path, (request, reply) =>
        this.#answerRead(request, reply, 'two-factor.balance', ({ credits }) => success(String(credits))),
      );
    }
  }

  #answerSend(reply: FastifyReply, key: string | undefined, fields: Fields) {
    const account = this.#workings.accounts.by('two_factor_key', key);
    const numbers = (fields.to ?? '').split(',').map((text) => text.trim());
    const to = numbers.map((number) => e164(number) ?? number);
    return this.#workings.answering.answer(reply, {
      ...{ call: 'two-factor.send', account, subjects: to, refused: twoFactorRefused },
      act: () => this.#send(admitted(account), to, fields),
    });
  }

  #answerRead(
    request: FastifyRequest,
    reply: FastifyReply,
    call: string,
    act: (account: NoticeAccount) => Said,
  ) {
    const account = this.#workings.accounts.by('two_factor_key', keyOf(request));
    const { session } = request.params as { session?: string };
    return this.#workings.answering.answer(reply, {
      ...{ call, account, subjects: [session], is_read: true, refused: twoFactorRefused },
      act: () => act(admitted(account)),
    });
  }

  #send(account: NoticeAccount, to: readonly string[], fields: Fields): Said {
    const { inbox, settings } = this.#workings;
    const text = textOf(fields);
    const { segments, encoding } = segmentsOf(text);
    const { from = '' } = fields;
    if (!/^[A-Za-z0-9]{3,11}$/.test(from)) throw no('Invalid Sender Id');
    if (to.length > RECIPIENTS_MAX || to.some((number) => !z.e164().safeParse(number).success))
      throw no('Invalid Phone Number');
    if (account.credits < segments * to.length) throw no('Insufficient Balance');
    account.credits -= segments * to.length;
    const session = uuidOf(`${settings.seed}/two-factor/${inbox.count}`);
    for (const number of to) {
      this.#reach(account, {
        ...{ account: account.id, provider: 'two-factor', channel: 'sms', to: number, name: null },
        ...{ provider_id: session, reference: null, arrived: true, fate: null, events: [] },
        ...{ from, text, segments, encoding, template: fields.templatename ?? fields.ctid ?? null },
      });
    }
    return success(session);
  }

  /** The life of one SMS. */
  #reach(account: NoticeAccount, sms: SentSms): void {
    const { inbox, faults, clock, settings, receipts } = this.#workings;
    const subjects = [sms.to, account.id, sms.provider_id];
    const chosen = isScrubbed(account, sms.text)
      ? { fault: 'dlt-rejected' as const }
      : faults.choose({
          ...{ group: 'sms-life', subjects, point: inbox.turnOf(sms) },
          ...(account.rates ? { rates: account.rates } : {}),
        });
    const fate = chosen?.fault ?? null;
    const final = finalStatusOf(fate);
    const at_ms = clock.now() + settings.receipt_ms;
    const events: NoticeEvent[] = final ? [{ event: final, at_ms, reason: null }] : [];
    const notice = inbox.put({ ...sms, fate, events, arrived: fate === null }) as SentSms;
    if (!final) return;
    receipts.emit({
      ...{ sender: 'two-factor', account, event: final, object: `${sms.provider_id}/${sms.to}`, subjects },
      ...{ at_ms, type: 'application/x-www-form-urlencoded', body: () => receiptForm(notice, final) },
      lie: () => receiptForm(notice, final === 'DELIVERED' ? 'UNDELIVERED' : 'DELIVERED'),
    });
  }

  #receiptOf(account: NoticeAccount, session: string): string {
    const { inbox, clock } = this.#workings;
    const sent = inbox.named(session).filter((notice) => notice.account === account.id);
    return receiptXml(sent, clock.now());
  }
}

/** @throws Refusal */
function admitted(account: NoticeAccount | null): NoticeAccount {
  if (!account) throw no('Invalid API Key', 400);
  if (account.is_suspended) throw no('Account Disabled, Contact Support');
  return account;
}

function success(details: string): Said {
  return { status: 200, body: { Status: 'Success', Details: details } };
}

/** With HTTP 200, mostly: the body says no. */
function no(details: string, status = 200): Refusal {
  return new Refusal({ status, body: { Status: 'Error', Details: details } });
}

function twoFactorRefused(fault: NoticeFault, reason: string | null): Said | null {
  switch (fault) {
    case 'error-500':
      return { status: 500, type: 'text/plain', body: 'Internal Server Error' };
    case 'unavailable':
      return { status: 503, type: 'text/plain', body: 'Service Unavailable' };
    case 'bad-gateway':
      return BAD_GATEWAY;
    case 'rate-limited':
      return no(reason ?? 'Too Many Requests', 429).said;
    case 'unauthorized':
      return no(reason ?? 'Invalid API Key').said;
    case 'forbidden':
      return no(reason ?? 'Account Expired').said;
    case 'no-credits':
      return no(reason ?? 'Insufficient Balance').said;
    case 'refused':
      return no(reason ?? 'Template Mismatch').said;
    default:
      return null;
  }
}

function keyOf(request: FastifyRequest): string | undefined {
  return (request.params as { key?: string }).key;
}

/** The fields by their names in small letters: the two forms of the API differ in that. */
function fieldsOf(sent: unknown): Fields {
  const entries = Object.entries((sent ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** The text, or where only a template is named, what there is to be seen of it. */
function textOf(fields: Fields): string {
  if (fields.msg && fields.msg.length > TEXT_MAX) throw no('Message Too Long');
  if (fields.msg) return fields.msg;
  if (!fields.templatename) throw no('Template Name Missing');
  const variables = Array.from({ length: VARIABLES_MAX }, (_, index) => fields[`var${index + 1}`]);
  return `[${fields.templatename}] ${variables.filter(Boolean).join(' · ')}`;
}

/** +919812345678, however India's numbers are written. */
function e164(number: string): string | null {
  const digits = number.replace(/^\+/, '');
  if (/^[6-9]\d{9}$/.test(digits)) return `+91${digits}`;
  return /^[1-9]\d{9,14}$/.test(digits) ? `+${digits}` : null;
}

/** Whether the operators drop it: the lender has registered texts, and none is this one. */
function isScrubbed({ dlt_texts }: NoticeAccount, text: string): boolean {
  if (dlt_texts.length === 0) return false;
  return !dlt_texts.some((known) => {
    const parts = known.split('{#var#}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('[\\s\\S]{0,30}')}$`).test(text);
  });
}
