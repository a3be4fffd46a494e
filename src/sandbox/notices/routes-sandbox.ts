import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Control, mountControlsOf, present } from '../controls.ts';
import { NOTICE_FAULTS, type NoticeFault } from './faults.ts';
import type { NoticeFilter, Notices } from './notices.ts';
import { type GivenAccount, type NoticeAccount, RECEIPT_SENDERS } from './settings.ts';

const FAULT_NAMES = Object.values(NOTICE_FAULTS).flat() as [NoticeFault, ...NoticeFault[]];
const SCRIPTED_MAX = 1_000;

const rates = z.partialRecord(z.enum(FAULT_NAMES), z.int().min(0).max(1_000));
const scriptSchema = z.strictObject({
  fault: z.enum(FAULT_NAMES),
  subject: z.string().min(1),
  times: z.int().min(1).max(1_000_000).optional(),
  days: z.int().min(0).max(365).optional(),
  reason: z.string().optional(),
  event: z.string().optional(),
  call: z.string().optional(),
});
const headers = z.record(z.string(), z.string());
const webhookSchema = z.strictObject({
  sender: z.enum(RECEIPT_SENDERS),
  url: z.url().nullable(),
  headers: headers.optional(),
  former_headers: headers.optional(),
  events: z.array(z.string()).optional(),
  account: z.string().optional(),
});
const changesSchema = z.strictObject({
  brevo_key: z.string().min(1).optional(),
  two_factor_key: z.string().min(1).optional(),
  project_id: z.string().min(1).optional(),
  smtp_user: z.string().min(1).optional(),
  smtp_password: z.string().min(1).optional(),
  credits: z.int().min(0).optional(),
  is_suspended: z.boolean().optional(),
  dlt_texts: z.array(z.string()).optional(),
  rates: rates.optional(),
});
const accountSchema = changesSchema.extend({ id: z.string().regex(/^[\w-]+$/) });

/** Adds what plays the world around the notification providers, below `/sandbox/notices`. */
export function mountNoticeControls(app: FastifyInstance, notices: Notices): void {
  mountControlsOf(app, '/sandbox/notices', [...worldOf(notices), ...truthsOf(notices)]);
}

function worldOf(notices: Notices): Control[] {
  return [
    ['GET', '/faults', () => NOTICE_FAULTS],
    [
      'POST',
      '/faults',
      ({ body }) => {
        const schema = z.array(scriptSchema).max(SCRIPTED_MAX);
        const script = shaped(schema, Array.isArray(body) ? body : [body]);
        notices.script(...script.map(present));
        return { scripted: script.length };
      },
    ],
    ['GET', '/accounts', () => notices.accounts().map(shownAccount)],
    [
      'POST',
      '/accounts',
      ({ body }) => shownAccount(notices.addAccount(present(shaped(accountSchema, body)) as GivenAccount)),
    ],
    [
      'PUT',
      '/accounts/:id',
      ({ id, body }) => {
        const changes = present(shaped(changesSchema, body)) as Partial<NoticeAccount>;
        return shownAccount(notices.changeAccount(changes, id));
      },
    ],
    ['GET', '/service-account', ({ query }) => notices.serviceAccount(query.account)],
    [
      'PUT',
      '/webhook',
      ({ body }) => {
        const { sender, account, url, ...told } = shaped(webhookSchema, body);
        notices.setWebhook(sender, url === null ? null : { url, ...present(told) }, account);
        return { url };
      },
    ],
    [
      'POST',
      '/uninstall',
      ({ body }) => {
        const { token } = shaped(z.strictObject({ token: z.string().min(1) }), body);
        notices.uninstall(token);
        return { token };
      },
    ],
    ['POST', '/tick', async () => ({ tried: await notices.tick() })],
  ];
}

function truthsOf(notices: Notices): Control[] {
  return [
    ['GET', '/delivered', ({ query }) => notices.delivered(filterOf(query))],
    ['GET', '/accepted', ({ query }) => notices.accepted(filterOf(query))],
    ['GET', '/counts', () => notices.counts()],
    ['GET', '/log', () => notices.log()],
    ['GET', '/deliveries', () => notices.deliveries()],
  ];
}

function filterOf({ account, channel, to }: Record<string, string | undefined>): NoticeFilter {
  return present({ account, channel, to }) as NoticeFilter;
}

/** Without what only the lender knows. */
function shownAccount({ id, project_id, smtp_user, credits, is_suspended }: NoticeAccount) {
  return { id, project_id, smtp_user, credits, is_suspended };
}

/** @throws RangeError that names the first field that is wrong */
function shaped<Schema extends z.ZodType>(schema: Schema, sent: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(sent ?? {});
  if (!error) return data;
  const [issue] = error.issues;
  throw new RangeError(`${issue!.path.join('.') || 'The body'}: ${issue!.message}`);
}
