import type { AddressInfo } from 'node:net';
import net from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { createGuard } from '../../../src/events/guard.ts';
import { createSmtp, type SmtpOptions } from '../../../src/notifications/providers/smtp/smtp.ts';

/** Of localhost, signed by itself: for tests alone. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIULcwqdTCJK380gs9RrGOe06XjPQwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTE5MDIxMloYDzIxMjYxMDI4
MTkwMjEyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASZFPc/u6u8ZI/0X9+heoYdozzi8OsCEkbORMbKXuFi6kWcuUtcYUXy
cBsG/93jtRAQUSRALikVHzPdfb2UteCvo28wbTAdBgNVHQ4EFgQUZzjbtEpDX/gk
gsggDUw3QxodKkMwHwYDVR0jBBgwFoAUZzjbtEpDX/gkgsggDUw3QxodKkMwGgYD
VR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI
zj0EAwIDSAAwRQIgBIJKfs6VJK5nw+ccbFN0hiPxT7gj5lRXkDYMFjhOjNcCIQDY
81e4n9vauGj8XtjlNXSaE/MA0FpajUKXdhDzyvdT4Q==
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJsxnFYw3132roPTA
RzjetiAZdH4V1L/rCwD9orcXsxihRANCAASZFPc/u6u8ZI/0X9+heoYdozzi8OsC
EkbORMbKXuFi6kWcuUtcYUXycBsG/93jtRAQUSRALikVHzPdfb2UteCv
-----END PRIVATE KEY-----
`;

export interface Mailed {
  from: string;
  to: string[];
  mail: Email;
}

/** A mail server that takes everything, and what it was given. */
export async function mailServer(options: SMTPServerOptions = {}) {
  const mailed: Mailed[] = [];
  const connections = { count: 0 };
  const server = new SMTPServer({
    ...{ key: KEY, cert: CERTIFICATE, authOptional: true, logger: false },
    onConnect(_session, done) {
      connections.count += 1;
      done();
    },
    async onData(stream, session, done) {
      const parts: Buffer[] = [];
      for await (const part of stream) parts.push(part as Buffer);
      const { mailFrom, rcptTo } = session.envelope;
      const mail = await PostalMime.parse(Buffer.concat(parts));
      mailed.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), mail });
      done();
    },
    ...options,
  });
  // Clients who do not trust us say so by leaving.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, mailed, connections };
}

type Step = 'greeting' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'end of data';
type Said = string | ((socket: net.Socket) => void);

const GOOD: Record<Step, string> = {
  greeting: '220 ready',
  EHLO: '250-hello\r\n250 AUTH PLAIN',
  STARTTLS: '502 not here',
  AUTH: '235 welcome',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  'end of data': '250 queued',
};

/** A mail server that says what it is told to, and how many mails reached it whole. */
export async function scriptedServer(script: Partial<Record<Step, Said>>) {
  const received = { whole: 0, connections: 0, closed: 0 };
  const server = net.createServer((socket) => {
    received.connections += 1;
    let rest = '';
    let in_data = false;
    const say = (step: Step) => {
      const said = script[step] ?? GOOD[step];
      if (typeof said === 'function') said(socket);
      else socket.write(`${said}\r\n`);
      if (step === 'DATA') in_data = typeof said === 'string' && said.startsWith('354');
    };
    socket.on('error', () => {});
    socket.once('close', () => {
      received.closed += 1;
    });
    socket.on('data', (chunk) => {
      rest += chunk.toString();
      while (rest.includes('\r\n')) {
        const line = rest.slice(0, rest.indexOf('\r\n'));
        rest = rest.slice(line.length + 2);
        if (in_data && line !== '.') continue;
        if (in_data) {
          in_data = false;
          received.whole += 1;
          say('end of data');
          continue;
        }
        const verb = line.split(' ')[0]!.toUpperCase();
        if (verb in GOOD) say(verb as Step);
        else socket.write('250 ok\r\n');
      }
    });
    say('greeting');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, received };
}

export const PASSWORD = 'sesame-mail-password';
const ACCOUNT = {
  ...{ host: '127.0.0.1', security: 'none' as const, user: 'acme', password: PASSWORD },
  sender: { email: 'hello@acme.in', name: 'Acme Loans' },
};

/** Acme's account with a server; of it, what is named differs. */
export function smtpTo(port: number, change: object = {}, options: Partial<SmtpOptions> = {}) {
  const guard = createGuard({ allow_private: true });
  const provider = createSmtp({ timeout_ms: 5_000, guard, ...options });
  const connection = provider.connect(provider.credentials.parse({ ...ACCOUNT, port, ...change }));
  onTestFinished(() => connection.close?.());
  return { provider, connection };
}
