import net, { isIPv6, type LookupFunction } from 'node:net';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Guard } from '../../../events/guard.ts';

export interface Server {
  host: string;
  port: number;
  security: 'starttls' | 'tls' | 'none';
  user?: string | undefined;
  password?: string | undefined;
  ca?: string | undefined;
  timeout_ms: number;
  lookup: LookupFunction;
}

export type Mail = SendMailOptions;

/** How far a mail came. */
export interface Progress {
  /** All of it was handed over: from then on the server may have it, whatever it says. */
  is_whole: boolean;
}

export interface Pool {
  /** Sends once. @returns its Message-ID */
  send(mail: Mail, signal: AbortSignal, progress: Progress): Promise<string>;
  /** Those that are not being sent yet fail. */
  close(): void;
}

const CONNECTIONS_MAX = 5;
const MESSAGES_PER_CONNECTION_MAX = 100;

/** Connections to a server, kept for many mails. */
export function openPool(server: Server): Pool {
  const { host, port, security, user, password, ca, timeout_ms } = server;
  const transport = createTransport({
    pool: true,
    ...{ host, port, secure: security === 'tls', requireTLS: security === 'starttls' },
    ignoreTLS: security === 'none',
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    ...(ca !== undefined && { tls: { ca } }),
    ...{ connectionTimeout: timeout_ms, greetingTimeout: timeout_ms, socketTimeout: timeout_ms },
    ...{ maxConnections: CONNECTIONS_MAX, maxMessages: MESSAGES_PER_CONNECTION_MAX, maxRequeues: 0 },
    ...{ disableFileAccess: true, disableUrlAccess: true },
    getSocket: (_options: unknown, answer: Answer) => openSocket(server, answer),
  });
  const progressOf = new WeakMap<AbortSignal, Progress>();
  transport.use('stream', (mail, done) => {
    const progress = progressOf.get(mail.data.signal!);
    mail.message.processFunc((stream) => {
      stream.once('end', () => {
        if (progress) progress.is_whole = true;
      });
      return stream;
    });
    done();
  });
  return {
    async send(mail, signal, progress) {
      progressOf.set(signal, progress);
      return (await transport.sendMail({ ...mail, signal })).messageId;
    },
    close: () => transport.close(),
  };
}

type Answer = (error: Error | null, options?: { connection: net.Socket }) => void;

/** As net.connect does it, but to no address that the guard does not want. */
function openSocket({ host, port, timeout_ms, lookup }: Server, answer: Answer): void {
  const socket = net.connect({ host, port, lookup });
  const fail = (error: Error) => answer(error);
  socket.once('error', fail);
  socket.setTimeout(timeout_ms, () => socket.destroy(new Error('No connection in time.')));
  socket.once('connect', () => {
    socket.removeListener('error', fail).setTimeout(0);
    answer(null, { connection: socket });
  });
}

/** What is wrong with a server's address as it is written; its name is looked at with each connection. */
export function hostFlaw({ flawOf }: Pick<Guard, 'flawOf'>, host: string): string | null {
  const written = isIPv6(host) ? `[${host}]` : host;
  return URL.canParse(`https://${written}`) ? flawOf(new URL(`https://${written}`)) : 'This is no host.';
}
