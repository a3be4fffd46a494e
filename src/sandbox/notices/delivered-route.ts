import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { deliveredPage, type Shown } from './delivered-page.ts';
import { DELIVERED_SCRIPT } from './delivered-style.ts';
import type { Notice } from './inbox.ts';
import type { Workings } from './workings.ts';

/** For machines that have no letters of India. */
const FONT = import.meta.resolve(
  '@fontsource/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-400-normal.woff2',
);
const PAGE_LENGTH = 40;
const ACCOUNTS_MAX = 500;

/** Mails bring styles of their own; they bring no scripts, and nothing is fetched for them. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "font-src 'self'",
  `script-src 'sha256-${createHash('sha256').update(DELIVERED_SCRIPT).digest('base64')}'`,
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const querySchema = z.object({
  person: z.string().max(300).default('').catch(''),
  channel: z.enum(['email', 'sms', 'push']).nullable().default(null).catch(null),
  account: z.string().nullable().default(null),
  all: z.string().optional(),
  before: z.coerce.number().int().default(Number.MAX_SAFE_INTEGER).catch(Number.MAX_SAFE_INTEGER),
});

/** GET /delivered: what people got, to be looked at. */
export function mountDelivered(app: FastifyInstance, { inbox }: Workings): void {
  app.get('/delivered', (request, reply) => {
    const { before, account, all, ...asked } = querySchema.parse(request.query);
    const shown: Shown = { ...asked, account: account || null, all: all !== undefined };
    const newest = inbox.newest();
    const found = newest.filter((notice) => isMeant(notice, shown));
    const rest = found.filter(({ id }) => Number(id) < before);
    const notices = rest.slice(0, PAGE_LENGTH);
    const accounts = [...new Set(newest.map((notice) => notice.account))].sort().slice(0, ACCOUNTS_MAX);
    const older = rest.length > notices.length ? notices.at(-1)!.id : null;
    reply.headers({ 'content-security-policy': POLICY, 'cache-control': 'no-store' });
    return reply
      .type('text/html; charset=utf-8')
      .send(deliveredPage({ shown, notices, accounts, found: found.length, count: inbox.count, older }));
  });

  app.get('/delivered/devanagari.woff2', async (_, reply) =>
    reply.type('font/woff2').send(await readFile(new URL(FONT))),
  );

  app.get('/delivered/count', async () => ({ count: inbox.count }));

  app.get('/delivered/:id/files/:index', (request, reply) => {
    const { id, index } = request.params as { id: string; index: string };
    const notice = inbox.get(id);
    const file = notice?.channel === 'email' ? notice.files[Number(index)] : undefined;
    if (!file) return reply.code(404).send({ error: { description: 'There is no such file.' } });
    // A file is handed over, never shown here: whoever wrote the mail wrote it as well.
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`;
    reply.headers({ 'content-disposition': disposition, 'x-content-type-options': 'nosniff' });
    return reply.type('application/octet-stream').send(Buffer.from(file.content, 'base64'));
  });
}

function isMeant(notice: Notice, { person, channel, account, all }: Shown): boolean {
  const { to, name, arrived, is_replaced } = notice;
  return (
    (all || (arrived && !is_replaced)) &&
    (channel ?? notice.channel) === notice.channel &&
    (account ?? notice.account) === notice.account &&
    `${to}\n${name ?? ''}`.toLowerCase().includes(person.trim().toLowerCase())
  );
}
