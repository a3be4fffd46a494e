import path from 'node:path';
import { z } from 'zod';
import { Refusal } from './answering.ts';
import type { NoticeFile } from './inbox.ts';

const NAME_MAX = 70;
const RECIPIENTS_MAX = 2_000;
const RECIPIENTS_OF_VERSION_MAX = 99;
const FILE_TYPES: Record<string, string> = {
  ...{ pdf: 'application/pdf', csv: 'text/csv', txt: 'text/plain', html: 'text/html', ics: 'text/calendar' },
  ...{ png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', zip: 'application/zip' },
  ...{ doc: 'application/msword', xls: 'application/vnd.ms-excel', xml: 'application/xml' },
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

const person = z.object({ email: z.email(), name: z.string().max(NAME_MAX).optional() });
const headers = z.record(z.string(), z.string());
const version = z.object({
  to: z.array(person).min(1).max(RECIPIENTS_OF_VERSION_MAX),
  cc: z.array(person).optional(),
  bcc: z.array(person).optional(),
  subject: z.string().min(1).optional(),
  htmlContent: z.string().min(1).optional(),
  textContent: z.string().min(1).optional(),
});
const mailSchema = z.object({
  sender: z
    .object({
      email: z.email().optional(),
      id: z.int().optional(),
      name: z.string().max(NAME_MAX).optional(),
    })
    .refine(({ email, id }) => email !== undefined || id !== undefined, 'email or id is missing'),
  to: z.array(person).min(1).max(RECIPIENTS_MAX).optional(),
  cc: z.array(person).optional(),
  bcc: z.array(person).optional(),
  replyTo: person.optional(),
  subject: z.string().min(1).optional(),
  htmlContent: z.string().min(1).optional(),
  textContent: z.string().min(1).optional(),
  templateId: z.int().optional(),
  scheduledAt: z.string().optional(),
  attachment: z.array(z.object({ content: z.base64(), name: z.string().min(1) })).optional(),
  headers: headers.optional(),
  tags: z.array(z.string()).optional(),
  messageVersions: z.array(version).min(1).max(RECIPIENTS_MAX).optional(),
});
type Asked = z.output<typeof mailSchema>;

/** One mail, to so many. */
export interface BrevoMail {
  from: { email: string; name: string | null };
  reply_to: string | null;
  to: { email: string; name: string | null }[];
  subject: string;
  html: string | null;
  text: string | null;
}

export interface BrevoRequest {
  mails: BrevoMail[];
  /** Whether the sender asked for one mail, or for versions. */
  has_versions: boolean;
  files: NoticeFile[];
  headers: Record<string, string>;
  tags: string[];
  key: string | null;
  /** Checked, and never sent. */
  is_dropped: boolean;
}

export function brevoRefusal(status: number, code: string, message: string): Refusal {
  return new Refusal({ status, body: { code, message } });
}

/** What was asked of Brevo, as it would read it. @throws Refusal 400, 404 */
export function readMail(body: unknown): BrevoRequest {
  const { data, error } = mailSchema.safeParse(body ?? {});
  if (!data) throw wrongField(error);
  if (data.templateId !== undefined)
    throw brevoRefusal(404, 'document_not_found', 'Template ID does not exist');
  if (data.scheduledAt) throw brevoRefusal(400, 'invalid_parameter', 'This sandbox schedules nothing');
  const { idempotencyKey, 'X-Sib-Sandbox': sandbox, ...shown } = data.headers ?? {};
  if (idempotencyKey !== undefined && !z.uuid().safeParse(idempotencyKey).success)
    throw brevoRefusal(400, 'invalid_parameter', 'idempotencyKey should be a valid UUID');
  return {
    mails: data.messageVersions?.map((each) => mailOf({ ...data, ...each })) ?? [mailOf(data)],
    has_versions: data.messageVersions !== undefined,
    files: (data.attachment ?? []).map(fileOf),
    headers: shown,
    tags: data.tags ?? [],
    key: idempotencyKey ?? null,
    is_dropped: sandbox === 'drop',
  };
}

function mailOf({
  sender,
  replyTo,
  to,
  cc = [],
  bcc = [],
  subject,
  htmlContent,
  textContent,
}: Asked): BrevoMail {
  if (!to) throw brevoRefusal(400, 'missing_parameter', 'to is missing');
  if (!subject) throw brevoRefusal(400, 'missing_parameter', 'subject is missing');
  if (!htmlContent && !textContent) throw brevoRefusal(400, 'missing_parameter', 'htmlContent is missing');
  return {
    from: { email: sender.email ?? `sender-${sender.id}@sandbox.example`, name: sender.name ?? null },
    reply_to: replyTo?.email ?? null,
    to: [...to, ...cc, ...bcc].map(({ email, name }) => ({ email, name: name ?? null })),
    ...{ subject, html: htmlContent ?? null, text: textContent ?? null },
  };
}

function fileOf({ name, content }: { name: string; content: string }): NoticeFile {
  const type = FILE_TYPES[path.extname(name).slice(1).toLowerCase()];
  if (!type) throw brevoRefusal(400, 'invalid_parameter', `Unsupported attachment extension: ${name}`);
  return { name, type, content, bytes: Buffer.byteLength(content, 'base64') };
}

function wrongField(error: z.ZodError): Refusal {
  const [issue] = error.issues;
  const field = issue!.path.join('.');
  const is_missing = issue!.code === 'invalid_type' && issue!.message.includes('undefined');
  return is_missing
    ? brevoRefusal(400, 'missing_parameter', `${field} is missing`)
    : brevoRefusal(400, 'invalid_parameter', field ? `${field} is not valid` : 'The body is not valid');
}
