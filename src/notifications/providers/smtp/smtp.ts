import { z } from 'zod';
import type { Guard } from '../../../events/guard.ts';
import { replyTo, sender, shownSender } from '../credentials.ts';
import { failure } from '../http.ts';
import { optOutHeaders } from '../opt-out-headers.ts';
import type { Connection, Outgoing, Provider, Try } from '../provider.ts';
import { errorOf, SMTP } from './errors.ts';
import { hostFlaw, type Mail, openPool, type Server } from './pool.ts';

const SUBMISSION_PORT = 587;
const CERTIFICATES_MAX = 20_000;

const credentials = z
  .strictObject({
    host: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, { error: 'must be a name or an address' }),
    port: z.int().min(1).max(65_535).default(SUBMISSION_PORT),
    /** `starttls`: nothing is said before the line is encrypted; `tls`: it is from the first byte. */
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    user: z.string().min(1).max(254).optional(),
    password: z.string().min(1).max(500).optional(),
    /** Of an authority of one's own, in PEM. */
    ca: z.string().min(1).max(CERTIFICATES_MAX).optional(),
    sender,
    reply_to: replyTo,
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ['password'],
    error: 'user and password go together',
  });
type Credentials = z.output<typeof credentials>;

export interface SmtpOptions {
  /** Connecting, the greeting and each reply may take so long; a whole mail twice that. */
  timeout_ms: number;
  /** Looks at the server that a tenant names. */
  guard: Pick<Guard, 'flawOf' | 'lookup'>;
}

/** Mails by any server that takes them. It knows no keys: what is sent again may arrive twice, under one Message-ID. */
export function createSmtp(options: SmtpOptions): Provider<'email', Credentials> {
  return {
    name: SMTP.name,
    channel: 'email',
    credentials,
    shown: ({ host, port, security, user, sender, reply_to }) => ({
      ...{ host, port: String(port), security, sender: shownSender(sender) },
      ...(user !== undefined && { user }),
      ...(reply_to !== undefined && { reply_to }),
    }),
    repeat: 'twice',
    repeats_ms: 0,
    connect: (credentials) => connect(options, credentials),
  };
}

function connect({ timeout_ms, guard }: SmtpOptions, credentials: Credentials): Connection<'email'> {
  const { user = '', password = '' } = credentials;
  const hidden = [password, `\0${user}\0${password}`, user];
  const server = lasting({ ...credentials, timeout_ms, lookup: guard.lookup });
  const flaw = hostFlaw(guard, credentials.host);
  return {
    async send(message, attempt) {
      if (flaw) throw failure(SMTP, 'locked-out', 'forbidden-address');
      const timeout = AbortSignal.timeout(2 * timeout_ms);
      const signal = AbortSignal.any([attempt.signal, timeout]);
      attempt.signal.throwIfAborted();
      const progress = { is_whole: false };
      try {
        return { provider_id: await server.send(mailOf(message, credentials, attempt), signal, progress) };
      } catch (error) {
        attempt.signal.throwIfAborted();
        throw errorOf(error, { ...progress, timed_out: timeout.aborted }, [...hidden, message.address]);
      }
    },
    close: () => server.close(),
  };
}

/** A pool that is there while it is needed: closed in the midst of sends it goes with the last of them. */
function lasting(server: Server) {
  let pool: ReturnType<typeof openPool> | undefined;
  let under_way = 0;
  let is_closed = false;
  const letGo = () => {
    if (!is_closed || under_way > 0) return;
    pool?.close();
    pool = undefined;
  };
  return {
    async send(...mail: Parameters<ReturnType<typeof openPool>['send']>): Promise<string> {
      pool ??= openPool(server);
      under_way += 1;
      try {
        return await pool.send(...mail);
      } finally {
        under_way -= 1;
        letGo();
      }
    },
    close() {
      is_closed = true;
      letGo();
    },
  };
}

function mailOf(
  { id, address, name, content, attachments, opt_out }: Outgoing<'email'>,
  { sender, reply_to }: Credentials,
  { first_tried_at }: Try,
): Mail {
  const { subject, text, html } = content;
  return {
    // The same on every try: whoever gets it twice can see that it is one.
    messageId: `<${id}@${sender.email.slice(sender.email.lastIndexOf('@') + 1)}>`,
    date: first_tried_at,
    headers: optOutHeaders(opt_out),
    from: { name: sender.name ?? '', address: sender.email },
    to: { name: name ?? '', address },
    ...(reply_to !== undefined && { replyTo: reply_to }),
    ...{ subject, text },
    ...(html !== undefined && { html }),
    attachments: attachments.map(({ name, type, content }) => ({
      ...{ filename: name, contentType: type, content },
    })),
  };
}
