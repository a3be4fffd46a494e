import { once } from 'node:events';
import PostalMime, { type Address, type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { NoticeCall } from './answering.ts';
import type { NoticeFault } from './faults.ts';
import type { SentMail } from './inbox.ts';
import { digitsOf } from './names.ts';
import type { NoticeAccount } from './settings.ts';
import type { Workings } from './workings.ts';

const SIZE_MAX = 25 * 1024 * 1024;
const CLOSE_MS_MAX = 200;
/** Below it nobody needs patience to be greeted. */
const GREETED = 220;

/** What each fault says to a client. */
const REPLIES: Partial<Record<NoticeFault, [code: number, words: string]>> = {
  'smtp-421': [421, '4.3.2 Service not available, closing transmission channel'],
  'smtp-535': [535, '5.7.8 Authentication credentials invalid'],
  'smtp-454': [454, '4.7.0 Temporary authentication failure'],
  'smtp-450': [450, '4.2.1 Mailbox unavailable, try again later'],
  'smtp-550': [550, '5.1.1 No such user here'],
  'smtp-451': [451, '4.3.0 Local error in processing'],
  'smtp-552': [552, '5.3.4 Message size exceeds fixed limit'],
  'smtp-554': [554, '5.7.1 Message refused by policy'],
};

type Done = (error?: Error | null) => void;

/** A mail server, of any lender's. */
export class Smtp {
  readonly #workings: Workings;
  readonly #server: SMTPServer;

  constructor(workings: Workings) {
    this.#workings = workings;
    const { smtp_tls } = workings.settings;
    this.#server = new SMTPServer({
      ...{ banner: 'Kist sandbox', logger: false, disableReverseLookup: true, size: SIZE_MAX },
      ...{ allowInsecureAuth: true, closeTimeout: CLOSE_MS_MAX, authMethods: ['PLAIN', 'LOGIN'] },
      disabledCommands: smtp_tls ? [] : ['STARTTLS'],
      ...(typeof smtp_tls === 'object' ? smtp_tls : {}),
      onConnect: (_, done) => void this.#greet(done),
      onAuth: ({ username, password }, _, done) => {
        const refused = this.#login(username ?? '', password ?? '');
        if (refused) done(refused);
        else done(null, { user: username });
      },
      onRcptTo: ({ address }, session, done) => done(this.#refusalOf(address, session)),
      // Who goes away in the middle of a mail, or sends one that cannot be read, has not sent it.
      onData: (stream, session, done) => void this.#take(stream, session, done).catch(done),
    });
    // A client that goes away in the middle is what is played here.
    this.#server.on('error', () => {});
  }

  /** @returns the port */
  async listen(port: number): Promise<number> {
    const server = this.#server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }

  async #greet(done: Done): Promise<void> {
    const { answering, settings } = this.#workings;
    const asked = { call: 'smtp.greeting', account: null, subjects: ['smtp'] };
    const chosen = answering.befalling(['greeting'], asked);
    const refused = replyOf(chosen?.fault);
    // Greetings are logged only where something is wrong with them.
    if (chosen) answering.entry(asked, chosen.fault).status = refused?.responseCode ?? GREETED;
    if (chosen?.fault === 'smtp-slow-banner') await answering.hang(settings.banner_ms);
    done(refused);
  }

  #login(user: string, password: string): SmtpError | null {
    const { accounts, answering } = this.#workings;
    const account = accounts.by('smtp_user', user);
    const asked = { call: 'smtp.login', account, subjects: [user] };
    const chosen = answering.befalling(['login'], asked);
    const is_right = account !== null && account.smtp_password === password && !account.is_suspended;
    const refused = replyOf(chosen?.fault ?? (is_right ? null : 'smtp-535'));
    if (refused) answering.entry(asked, chosen?.fault ?? null).status = refused.responseCode;
    return refused;
  }

  #refusalOf(address: string, session: SMTPServerSession): SmtpError | null {
    const { answering } = this.#workings;
    const asked = { call: 'smtp.recipient', account: this.#accountOf(session), subjects: [address] };
    const chosen = answering.befalling(['recipient'], asked);
    const refused = replyOf(chosen?.fault, chosen?.reason);
    if (refused) answering.entry(asked, chosen!.fault).status = refused.responseCode;
    return refused;
  }

  async #take(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error: Error | null, words?: string) => void,
  ): Promise<void> {
    const { answering, settings, inbox } = this.#workings;
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const mail = await PostalMime.parse(Buffer.concat(chunks), { attachmentEncoding: 'base64' });
    const account = this.#accountOf(session);
    const to = session.envelope.rcptTo.map(({ address }) => address);
    const reference = mail.messageId ?? null;
    const asked = { call: 'smtp.mail', account, subjects: [...to, reference], reference };
    const chosen = answering.befalling(['mail'], asked);
    const entry: NoticeCall = answering.entry(asked, chosen?.fault ?? null);
    const refused = stream.sizeExceeded ? replyOf('smtp-552') : replyOf(chosen?.fault, chosen?.reason);
    if (chosen?.fault === 'smtp-cut') return this.#cut(session);
    const queue_id = digitsOf(`${settings.seed}/smtp/${inbox.count}`, 12);
    if (!refused) for (const address of to) inbox.put(sentMail(account!, mail, { address, queue_id }));
    if (chosen?.fault === 'smtp-commit-then-hang') await answering.hang();
    if (chosen?.fault?.startsWith('smtp-commit')) return this.#cut(session);
    await answering.delay();
    entry.status = refused?.responseCode ?? 250;
    done(refused, `2.0.0 OK: queued as ${queue_id}`);
  }

  #accountOf(session: SMTPServerSession): NoticeAccount | null {
    return this.#workings.accounts.by('smtp_user', session.user as string | undefined);
  }

  /** Cuts the line without a word. */
  #cut({ id }: SMTPServerSession): void {
    for (const connection of this.#server.connections) {
      if (connection.id === id) connection._socket.destroy();
    }
  }
}

class SmtpError extends Error {
  readonly responseCode: number;

  constructor(code: number, words: string) {
    super(words);
    this.responseCode = code;
  }
}

function replyOf(fault: NoticeFault | null | undefined, reason?: string | null): SmtpError | null {
  const [code, words] = (fault && REPLIES[fault]) || [];
  return code && words ? new SmtpError(code, reason ?? words) : null;
}

/** What one person got, of a mail to several. */
function sentMail(
  account: NoticeAccount,
  mail: Email,
  { address, queue_id }: { address: string; queue_id: string },
): SentMail {
  const from = mailboxes([mail.from])[0];
  const named = mailboxes([...(mail.to ?? []), ...(mail.cc ?? [])]).find(({ email }) => email === address);
  return {
    ...{ account: account.id, provider: 'smtp', channel: 'email', to: address, name: named?.name ?? null },
    ...{ provider_id: queue_id, reference: mail.messageId ?? null, arrived: true, fate: null, events: [] },
    ...{ from: from ?? { email: '', name: null }, reply_to: mailboxes(mail.replyTo ?? [])[0]?.email ?? null },
    ...{
      subject: mail.subject ?? '',
      text: mail.text?.trimEnd() ?? null,
      html: mail.html?.trimEnd() ?? null,
    },
    files: mail.attachments.map(({ filename, mimeType, content }) => ({
      ...{ name: filename ?? 'unnamed', type: mimeType, content: content as string },
      bytes: Buffer.byteLength(content as string, 'base64'),
    })),
    headers: Object.fromEntries(mail.headers.map(({ originalKey, value }) => [originalKey, value])),
    tags: [],
  };
}

function mailboxes(addresses: readonly (Address | undefined)[]): { email: string; name: string | null }[] {
  return addresses
    .flatMap((each) => each?.group ?? (each ? [each] : []))
    .map(({ address, name }) => ({ email: address, name: name || null }));
}
