import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { Receipt, ReceiptReader, Says } from '../receipt.ts';

/** 2Factor's words, as seen in public code; the rest says nothing. */
const MEANINGS = new Map<string, Says>(
  Object.entries({
    DELIVERED: 'delivered',
    PENDING: 'taken',
    QUEUED: 'taken',
    ACCEPTED: 'taken',
    SENT: 'taken',
    SUBMITTED: 'taken',
    FAILED: 'bounced',
    REJECTED: 'bounced',
    UNDELIVERED: 'bounced',
    UNDELIVERABLE: 'bounced',
    EXPIRED: 'bounced',
    DELETED: 'bounced',
    'DLT-CNT-REJECT': 'bounced',
  } as const),
);
const DLT = 'DLT-CNT-REJECT';
/** The number belongs to nobody, and will not tomorrow. */
const DEAD_NUMBER = /^EC_(UNKNOWN|UNIDENTIFIED|ILLEGAL)_SUBSCRIBER$/;

const ID = z.string().min(1).max(100);
/** Of a receipt that is told; those of one-time passwords have other names. */
const form = z.object({
  SessionId: ID,
  SmsTo: z.string().max(20).optional(),
  To: z.string().max(20).optional(),
  SmsStatus: z.string().max(100).optional(),
  Status: z.string().max(100).optional(),
  StatusId: z.string().max(20).optional(),
  StatusName: z.string().max(100).optional(),
  StatusDescription: z.string().max(200).optional(),
  ErrorName: z.string().max(100).optional(),
  ErrorPermanent: z.string().max(10).optional(),
});
/** Of one that was asked for: nobody says all that is in it. */
const log = z.object({
  smsLog: z.object({
    sms: z
      .array(
        z.object({
          smsId: ID,
          smsTo: z.string().max(20),
          smsStatus: z.object({ statusId: z.string().max(20), statusDesc: z.string().max(200) }),
        }),
      )
      .min(1),
  }),
});

/** Text stays text: what looks like a number is somebody's telephone. */
const xml = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: true,
  isArray: (name) => name === 'sms',
});

/** Receipts of 2Factor: forms that are told, and XML that is asked for. A session is of one message here. */
export const twoFactorReceipts: ReceiptReader = {
  names_messages: false,
  split: (body) => (body.includes('SessionId=') ? [body] : null),
  read: (body) => (body.trimStart().startsWith('<') ? ofLog(body) : ofForm(body)),
};

function ofForm(body: string): Receipt | null {
  const { data: told } = form.safeParse(Object.fromEntries(new URLSearchParams(body)));
  const to = told?.SmsTo ?? told?.To;
  if (!told || to === undefined) return null;
  const words = [told.SmsStatus, told.Status, told.StatusDescription, told.StatusName];
  const is_dead = told.ErrorPermanent === 'true' && DEAD_NUMBER.test(told.ErrorName ?? '');
  const event = eventOf(words);
  return receiptOf({ session: told.SessionId, to, event, status: told.StatusId ?? event, is_dead });
}

function ofLog(body: string): Receipt | null {
  const { data: read } = log.safeParse(parsedXml(body));
  const [sms] = read?.smsLog.sms ?? [];
  if (!sms) return null;
  const { statusId: status, statusDesc } = sms.smsStatus;
  return receiptOf({
    session: sms.smsId,
    to: sms.smsTo,
    event: eventOf([statusDesc]),
    status,
    is_dead: false,
  });
}

/** The first word that is known, or else the first that is said. */
function eventOf(words: readonly (string | undefined)[]): string {
  const said = words.filter((word) => word !== undefined && word !== '').map((word) => word!.toUpperCase());
  return said.find((word) => MEANINGS.has(word)) ?? said[0] ?? 'UNSAID';
}

interface Told {
  session: string;
  to: string;
  event: string;
  status: string;
  is_dead: boolean;
}

function receiptOf({ session, to, event, status, is_dead }: Told): Receipt {
  const says = MEANINGS.get(event) ?? 'nothing';
  const digits = to.replace(/\D/g, '');
  return {
    ...{ event, says, provider_id: session, message: null, happened_at: null },
    same_as: [session, digits, status],
    code: says === 'bounced' ? `two-factor-${event.toLowerCase()}` : null,
    suppress: says === 'bounced' && is_dead ? 'dead-address' : null,
    is_dlt_rejection: event === DLT,
    address: `+${digits}`,
  };
}

function parsedXml(body: string): unknown {
  try {
    return xml.parse(body);
  } catch {
    return undefined;
  }
}
