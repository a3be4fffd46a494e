import type { NoticeEvent, SentMail } from './inbox.ts';
import type { Receipt } from './receipts.ts';
import type { NoticeAccount } from './settings.ts';
import type { Workings } from './workings.ts';

const WEBHOOK_ID = 1_101;
const SENDING_IP = '185.41.28.109';
const PAGE_MAX = 5_000;
const DAYS_MAX = 90;
const DAY_MS = 86_400_000;

/** How the statistics name what the webhook names otherwise. */
const STATISTICS_NAMES: Record<string, string> = {
  ...{ request: 'requests', hard_bounce: 'hardBounces', soft_bounce: 'softBounces' },
  ...{ invalid_email: 'invalid', click: 'clicks' },
};

/** The webhook's words for what happened to a mail. */
export function receiptOf(mail: SentMail, happened: NoticeEvent): Omit<Receipt, 'account' | 'subjects'> {
  const body = (event: string) => JSON.stringify(bodyOf(mail, { ...happened, event }));
  return {
    ...{ sender: 'brevo', event: happened.event, object: `${mail.provider_id}/${mail.to}` },
    ...{ at_ms: happened.at_ms, type: 'application/json', body: () => body(happened.event) },
    lie: () => body(happened.event === 'hard_bounce' ? 'delivered' : 'hard_bounce'),
  };
}

function bodyOf(mail: SentMail, { event, at_ms, reason }: NoticeEvent): object {
  const seconds = Math.floor(at_ms / 1_000);
  return {
    ...{
      event,
      email: mail.to,
      id: WEBHOOK_ID,
      date: CENTRAL_EUROPEAN.format(at_ms),
      ts: seconds,
      ts_event: seconds,
    },
    ...{ ts_epoch: at_ms, 'message-id': mail.provider_id, subject: mail.subject, template_id: 0 },
    ...{ tags: mail.tags, tag: JSON.stringify(mail.tags), sending_ip: SENDING_IP },
    ...(mail.headers['X-Mailin-custom'] ? { 'X-Mailin-custom': mail.headers['X-Mailin-custom'] } : {}),
    ...(reason === null ? {} : { reason }),
  };
}

/** `2026-11-21 12:30:00` in Brussels, as Brevo writes it: no word of the zone. */
const CENTRAL_EUROPEAN = new Intl.DateTimeFormat('sv-SE', {
  ...{ timeZone: 'Europe/Brussels', dateStyle: 'short', timeStyle: 'medium' },
});

/** GET /v3/smtp/statistics/events: what has happened by now, newest first. */
export function eventsPage(
  { inbox, clock }: Workings,
  account: NoticeAccount,
  query: Record<string, string | undefined>,
): { events: object[] } {
  const now = clock.now();
  const since = now - Math.min(Number(query.days ?? DAYS_MAX), DAYS_MAX) * DAY_MS;
  const tags = tagsIn(query.tags);
  const mails = inbox
    .newest()
    .filter(
      (notice): notice is SentMail & (typeof notice & { channel: 'email' }) => notice.channel === 'email',
    )
    .filter((mail) => mail.provider === 'brevo' && mail.account === account.id)
    .filter((mail) => (query.email ?? mail.to) === mail.to)
    .filter((mail) => (query.messageId ?? mail.provider_id) === mail.provider_id)
    .filter((mail) => tags.length === 0 || mail.tags.some((tag) => tags.includes(tag)));
  const events = mails.flatMap((mail) =>
    mail.events
      .filter(({ at_ms }) => at_ms <= now && at_ms >= since && isWithin(dayOf(at_ms), query))
      .map((happened) => ({ at_ms: happened.at_ms, shown: shownEvent(mail, happened) }))
      .filter(({ shown }) => (query.event ?? shown.event) === shown.event),
  );
  const offset = Number(query.offset ?? 0);
  const limit = Math.min(Number(query.limit ?? PAGE_MAX), PAGE_MAX);
  const sorted = events.sort((one, other) => other.at_ms - one.at_ms).map(({ shown }) => shown);
  return { events: (query.sort === 'asc' ? sorted.reverse() : sorted).slice(offset, offset + limit) };
}

function shownEvent(mail: SentMail, { event, at_ms, reason }: NoticeEvent) {
  return {
    ...{ email: mail.to, date: new Date(at_ms).toISOString(), messageId: mail.provider_id },
    ...{ event: STATISTICS_NAMES[event] ?? event, subject: mail.subject, from: mail.from.email },
    ...(mail.tags[0] === undefined ? {} : { tag: mail.tags[0] }),
    ...(reason === null ? {} : { reason }),
  };
}

function isWithin(
  day: string,
  { startDate = '', endDate = '9999' }: Record<string, string | undefined>,
): boolean {
  return startDate <= day && day <= endDate;
}

/** In the zone of Brevo's account pages. */
function dayOf(at_ms: number): string {
  return CENTRAL_EUROPEAN.format(at_ms).slice(0, 10);
}

/** Brevo takes a list as JSON, and a word alone as well. */
function tagsIn(text: string | undefined): string[] {
  if (!text) return [];
  try {
    const tags: unknown = JSON.parse(text);
    if (Array.isArray(tags)) return tags.map(String);
  } catch {}
  return [text];
}
