import { z } from 'zod';
import { kebab } from '../http.ts';
import type { Receipt, ReceiptReader, Says } from '../receipt.ts';

type Meaning = Pick<Receipt, 'says' | 'suppress'>;

const meaning = (says: Says, suppress: Receipt['suppress'] = null): Meaning => ({ says, suppress });

/** What people do with a mail, they do after it has arrived. */
const MEANINGS = new Map(
  Object.entries({
    request: meaning('taken'),
    sent: meaning('taken'),
    deferred: meaning('taken'),
    soft_bounce: meaning('taken'),
    delivered: meaning('delivered'),
    opened: meaning('delivered'),
    unique_opened: meaning('delivered'),
    proxy_open: meaning('delivered'),
    unique_proxy_open: meaning('delivered'),
    click: meaning('delivered'),
    spam: meaning('delivered', 'spam'),
    unsubscribed: meaning('delivered', 'opted-out'),
    hard_bounce: meaning('bounced', 'bounced'),
    invalid_email: meaning('bounced', 'dead-address'),
    blocked: meaning('bounced', 'bounced'),
  }),
);

/** The statistics name differently what the webhook tells. */
const STATISTICS_NAMES = new Map(
  Object.entries({
    requests: 'request',
    hardBounces: 'hard_bounce',
    softBounces: 'soft_bounce',
    bounces: 'soft_bounce',
    invalid: 'invalid_email',
    clicks: 'click',
    uniqueOpened: 'unique_opened',
    loadedByProxy: 'proxy_open',
  }),
);

const told = z.object({
  event: z.string().max(50),
  email: z.string().max(254),
  'message-id': z.string().max(200).nullish(),
  ts_event: z.number().nullish(),
  ts: z.number().nullish(),
  tags: z.array(z.string()).nullish(),
});
const listed = z.object({
  event: z.string().max(50),
  email: z.string().max(254),
  messageId: z.string().max(200),
  date: z.string(),
  tag: z.string().nullish(),
});

const uuid = z.uuid();

/** Receipts of Brevo: of its webhook, one or many at once, and of its statistics. */
export const brevoReceipts: ReceiptReader = {
  names_messages: true,
  split(body) {
    const read = parsed(body);
    if (Array.isArray(read)) return read.map((each) => JSON.stringify(each));
    return typeof read === 'object' && read !== null ? [body] : null;
  },
  read(body) {
    const read = parsed(body);
    const { data: event } = told.safeParse(read);
    if (event && event['message-id'] != null) {
      const at_s = event.ts_event ?? event.ts ?? null;
      return receiptOf({ ...event, id: event['message-id'], tags: event.tags ?? [], at_s });
    }
    const { data: shown } = listed.safeParse(read);
    if (!shown) return null;
    const at_ms = Date.parse(shown.date);
    const at_s = Number.isNaN(at_ms) ? null : Math.floor(at_ms / 1_000);
    const name = STATISTICS_NAMES.get(shown.event) ?? shown.event;
    return receiptOf({
      ...shown,
      event: name,
      id: shown.messageId,
      tags: shown.tag ? [shown.tag] : [],
      at_s,
    });
  },
};

interface Told {
  event: string;
  email: string;
  id: string;
  tags: readonly string[];
  /** In seconds. */
  at_s: number | null;
}

function receiptOf({ event, email, id, tags, at_s }: Told): Receipt {
  const { says, suppress } = MEANINGS.get(event) ?? meaning('nothing');
  return {
    ...{ event, says, suppress, is_dlt_rejection: false, provider_id: id, address: email },
    same_as: [id, event, email.toLowerCase(), String(at_s ?? '')],
    code: says === 'bounced' ? `brevo-${kebab(event)}` : null,
    // Every mail is sent with its id as a tag.
    message: tags.find((tag) => uuid.safeParse(tag).success) ?? null,
    happened_at: at_s === null ? null : new Date(at_s * 1_000),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
