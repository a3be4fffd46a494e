import { createSign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTransport } from 'nodemailer';
import { onTestFinished } from 'vitest';
import { NO_FAULTS } from '../../../src/sandbox/faults.ts';
import type { ServiceAccount } from '../../../src/sandbox/notices/fcm-tokens.ts';
import type { Notices } from '../../../src/sandbox/notices/notices.ts';
import type { NoticeOptions } from '../../../src/sandbox/notices/settings.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';

export const START = new Date('2026-11-21T06:00:00Z');
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a provider says, looked at field by field
  body: any;
}

/** A receipt as it reached a lender's server. */
export interface Received {
  path: string;
  authorization: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of Brevo, a form of 2Factor
  body: any;
}

/** Providers whose clock stands still until a test moves it, and one lender who calls them. */
export class Customer {
  readonly notices: Notices;
  readonly url: string;
  readonly stop: () => Promise<void>;

  constructor(parts: { notices: Notices; url: string; stop: () => Promise<void> }) {
    this.notices = parts.notices;
    this.url = parts.url;
    this.stop = parts.stop;
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(new URL(path, this.url), init);
    const text = await response.text();
    const is_json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: is_json ? JSON.parse(text) : text };
  }

  /** A mail by Brevo. */
  mail(changes: object = {}, key = this.notices.account().brevo_key): Promise<Answer> {
    return this.ask('/v3/smtp/email', {
      method: 'POST',
      headers: { 'api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ ...MAIL, ...changes }),
    });
  }

  events(query: string, key = this.notices.account().brevo_key): Promise<Answer> {
    return this.ask(`/v3/smtp/statistics/events?${query}`, { headers: { 'api-key': key } });
  }

  /** An SMS by 2Factor. */
  sms(changes: Record<string, string> = {}, key = this.notices.account().two_factor_key): Promise<Answer> {
    return this.ask(`/API/V1/${key}/ADDON_SERVICES/SEND/TSMS`, {
      method: 'POST',
      body: new URLSearchParams({ From: 'ACMELN', To: '919812345678', Msg: 'Paid, thank you.', ...changes }),
    });
  }

  /** What 2Factor's receipt says of a session. */
  async smsStatus(session: string): Promise<string> {
    const key = this.notices.account().two_factor_key;
    const { body } = await this.ask(`/API/V1/${key}/ADDON_SERVICES/RPT/TSMS/${session}`);
    return /<statusDesc>(.*?)<\/statusDesc>/.exec(body)?.[1] ?? body;
  }

  /** Asks for an access token, as a service account says. */
  async token(account: ServiceAccount, claims: object = {}): Promise<Answer> {
    const assertion = assertionOf(account, claims);
    return this.ask(account.token_uri, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion }),
    });
  }

  /** A push by FCM, with a new access token unless one is given. */
  async push(message: object = {}, access_token?: string): Promise<Answer> {
    const account = this.notices.serviceAccount();
    const bearer = access_token ?? (await this.token(account)).body.access_token;
    return this.ask(`/v1/projects/${account.project_id}/messages:send`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: { ...PUSH, ...message } }),
    });
  }

  /** A mail over SMTP. @throws what nodemailer throws */
  async smtp(changes: object = {}, transport: object = {}) {
    const { smtp_user: user, smtp_password: pass } = this.notices.account();
    const options = { ...this.notices.smtp, auth: { user, pass }, ...WAITS, ...transport };
    const transporter = createTransport(options);
    try {
      const from = 'Acme Loans <loans@acme.example>';
      return await transporter.sendMail({ from, to: ASHA, subject: 'Due', text: 'Due.', ...changes });
    } finally {
      transporter.close();
    }
  }

  async pass(time: { seconds?: number; minutes?: number; hours?: number }): Promise<void> {
    const { seconds = 0, minutes = 0, hours = 0 } = time;
    const ms = ((hours * 60 + minutes) * 60 + seconds) * 1_000;
    await this.notices.advanceTo(new Date(this.notices.now().getTime() + ms));
  }
}

export const ASHA = 'asha@mail.example';
export const KEY = '1f0a4c1e-7d3b-4c7a-9b1d-3a5d6c7e8f90';
export const MAIL = {
  sender: { email: 'loans@acme.example', name: 'Acme Loans' },
  to: [{ email: ASHA, name: 'Asha Rao' }],
  subject: 'Your instalment is due',
  textContent: 'Due on Monday.',
  htmlContent: '<p>Due on <b>Monday</b>.</p>',
};
const PUSH = { token: 'device-of-asha', notification: { title: 'Due', body: 'Pay on Monday.' } };
const WAITS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 10_000 };

export async function openCustomer(options: NoticeOptions = {}): Promise<Customer> {
  const notices = { now: () => START, tick_ms: 0, hang_ms: 150, deliveries_max: 1, ...options };
  const sandbox = await startSandbox({ port: 0, faults: NO_FAULTS, gateway: { tick_ms: 0 }, notices });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (!stopped) await sandbox.stop();
    stopped = true;
  };
  onTestFinished(stop);
  return new Customer({ notices: sandbox.notices, url: sandbox.url, stop });
}

/** A lender's own server, which takes receipts. */
export async function openReceiver(status: () => number = () => 200) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { authorization } = request.headers;
    const body = text.startsWith('{') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
    received.push({ path: request.url!, authorization, body });
    response.writeHead(status()).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/receipts/a-secret`;
  return { url, received };
}

export function assertionOf(account: ServiceAccount, changes: object = {}): string {
  const now_s = Math.floor(START.getTime() / 1_000);
  const claims = {
    ...{ iss: account.client_email, scope: 'https://www.googleapis.com/auth/firebase.messaging' },
    ...{ aud: account.token_uri, iat: now_s, exp: now_s + 3_600 },
    ...changes,
  };
  const parts = [{ alg: 'RS256', typ: 'JWT', kid: account.private_key_id }, claims];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createSign('RSA-SHA256').update(text).sign(account.private_key, 'base64url')}`;
}

/** What a call that cannot end well ended with. */
export const failureOf = (
  call: Promise<unknown>,
): Promise<Error & { code?: string; responseCode?: number }> =>
  call.then(
    () => {
      throw new Error('It went well.');
    },
    (error) => error,
  );
