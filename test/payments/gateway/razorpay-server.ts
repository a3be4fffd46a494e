import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { GatewayCall } from '../../../src/payments/gateway/gateway.ts';
import { createRazorpay, type RazorpayOptions } from '../../../src/payments/gateway/razorpay/razorpay.ts';

export interface Asked {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Reply =
  | { status?: number; headers?: Record<string, string>; json?: unknown; text?: string }
  | ((request: IncomingMessage, response: ServerResponse) => void);

/** A Razorpay that gives these answers, one after the other and the last one for ever, and what it was asked. */
export async function razorpay(replies: Reply[], options: Partial<RazorpayOptions> = {}) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    asked.push({ method: request.method!, path: request.url!, headers: request.headers, body });
    const reply = replies[Math.min(asked.length, replies.length) - 1]!;
    if (typeof reply === 'function') return reply(request, response);
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.text ?? JSON.stringify(reply.json));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, url, gateway: createRazorpay({ url, timeout_ms: 5_000, ...options }) };
}

export const ACCOUNT = {
  tenant: 'acme',
  gateway: 'razorpay',
  key_id: 'rzp_test_key',
  key_secret: 'the-key-secret',
  account_number: '7878780080316316',
};
export const BASIC = `Basic ${Buffer.from('rzp_test_key:the-key-secret').toString('base64')}`;

export const call = (signal = new AbortController().signal): GatewayCall => ({ account: ACCOUNT, signal });

/** Of an object, what is named differs. */
export type Change = Record<string, unknown>;

export const PAYOUT_ID = '0199a1b2-0000-7000-8000-000000000001';

/** As a payout is answered, fetched and told of in events. */
export const payoutEntity = (change: Change = {}) => ({
  id: 'pout_00000000000001',
  entity: 'payout',
  fund_account_id: 'fa_00000000000001',
  amount: 1_000_050,
  currency: 'INR',
  notes: { payout: PAYOUT_ID },
  fees: 590,
  tax: 90,
  status: 'processing',
  utr: null,
  mode: 'IMPS',
  purpose: 'payout',
  reference_id: PAYOUT_ID,
  narration: 'Acme Loan',
  batch_id: null,
  status_details: null,
  created_at: 1_545_383_037,
  fee_type: null,
  ...change,
});

export const refusal = (description: string, change: Change = {}) => ({
  error: {
    code: 'BAD_REQUEST_ERROR',
    description,
    source: 'business',
    step: null,
    reason: 'input_validation_failed',
    metadata: {},
    ...change,
  },
});
