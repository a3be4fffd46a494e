import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Gateway } from '../../../src/sandbox/gateway/gateway.ts';
import { type GatewayOptions, SANDBOX_ACCOUNT } from '../../../src/sandbox/gateway/settings.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';

export const START = new Date('2026-11-21T06:00:00Z');

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the gateway says, looked at field by field
  body: any;
  headers: Headers;
}

/** An event as it reached the receiver. */
export interface Received {
  id: string;
  event: string;
  signature: string;
  raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: the payload of whatever event
  payload: any;
}

/** A gateway whose clock stands still until a test moves it, with one lender calling it. */
export class Lender {
  readonly gateway: Gateway;
  readonly url: string;
  readonly stop: () => Promise<void>;

  constructor(parts: { gateway: Gateway; url: string; stop: () => Promise<void> }) {
    this.gateway = parts.gateway;
    this.url = parts.url;
    this.stop = parts.stop;
  }

  async call(method: string, path: string, body?: object | string, headers: object = {}): Promise<Answer> {
    const credentials = `${SANDBOX_ACCOUNT.key_id}:${SANDBOX_ACCOUNT.key_secret}`;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text.startsWith('{') ? JSON.parse(text) : text,
    };
  }

  /** A fund account, asked for until there is one: the seed's faults befall these calls as well. */
  async fundAccount(account_number = '112233445566'): Promise<string> {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const { body } = await this.#tryFundAccount(account_number);
      if (body.id) return body.id;
    }
    throw new Error('There is no fund account.');
  }

  async #tryFundAccount(account_number: string): Promise<Answer> {
    const contact = await this.call('POST', '/contacts', { name: 'Asha Rao', type: 'customer' });
    const bank_account = { name: 'Asha Rao', ifsc: 'HDFC0000053', account_number };
    const sent = { contact_id: contact.body.id, account_type: 'bank_account', bank_account };
    return this.call('POST', '/fund_accounts', sent);
  }

  /** The body of a payout of 500 rupees. */
  async order(reference_id: string, changes: object = {}): Promise<object> {
    return {
      ...{ account_number: SANDBOX_ACCOUNT.account_number, fund_account_id: await this.fundAccount() },
      ...{ amount: 50_000, currency: 'INR', mode: 'IMPS', purpose: 'payout', reference_id },
      ...changes,
    };
  }

  async pay(reference_id: string, changes: object = {}, key = `key-${reference_id}`): Promise<Answer> {
    return this.call('POST', '/payouts', await this.order(reference_id, changes), {
      'x-payout-idempotency': key,
    });
  }

  /** Moves the gateway's clock, counted from where it stands. */
  async pass(time: { seconds?: number; hours?: number; days?: number }): Promise<void> {
    const { seconds = 0, hours = 0, days = 0 } = time;
    const ms = ((days * 24 + hours) * 3_600 + seconds) * 1_000;
    await this.gateway.advanceTo(new Date(this.gateway.now().getTime() + ms));
  }
}

export async function openLender(options: GatewayOptions = {}): Promise<Lender> {
  const gateway = { now: () => START, tick_ms: 0, hang_ms: 200, deliveries_max: 1, ...options };
  const sandbox = await startSandbox({ port: 0, gateway });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (!stopped) await sandbox.stop();
    stopped = true;
  };
  onTestFinished(stop);
  return new Lender({ gateway: sandbox.gateway, url: sandbox.gateway_url, stop });
}

/** A lender's own server, which takes events. */
export async function openReceiver(answer: (received: Received) => number = () => 200) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const event = await receivedOf(request);
    received.push(event);
    response.writeHead(answer(event)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, received, events: () => received.map(({ event }) => event) };
}

async function receivedOf(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks).toString();
  const { event, payload } = JSON.parse(raw);
  const header = (name: string): string => request.headers[name] as string;
  return {
    id: header('x-razorpay-event-id'),
    signature: header('x-razorpay-signature'),
    event,
    raw,
    payload,
  };
}

/** A place for a gateway's state. */
export async function scratchFile(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-gateway-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return path.join(folder, 'gateway.jsonl');
}
