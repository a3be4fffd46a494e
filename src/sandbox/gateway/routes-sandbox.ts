import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Control, mountControlsOf, present } from '../controls.ts';
import { GatewayError, shaped } from './errors.ts';
import { FAULTS, type GatewayFault } from './faults.ts';
import type { Gateway } from './gateway.ts';
import type { GatewayAccount, WebhookTarget } from './settings.ts';

const FAULT_NAMES = Object.values(FAULTS).flat() as [GatewayFault, ...GatewayFault[]];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const account = z.string().optional();
const time = z.number().min(0).default(0);
const scriptSchema = z.strictObject({
  fault: z.enum(FAULT_NAMES),
  subject: z.string().min(1),
  times: z.int().min(1).max(1_000_000).optional(),
  days: z.int().min(0).max(365).optional(),
  reason: z.string().optional(),
  event: z.string().optional(),
  call: z.string().optional(),
});
const webhookSchema = z.strictObject({
  ...{ url: z.url(), secret: z.string().min(1), former_secret: z.string().optional(), account },
  events: z.array(z.string()).max(100).optional(),
});
const accountSchema = z.strictObject({
  id: z.string().regex(/^acc_\w+$/, 'not of the form acc_…'),
  key_id: z.string().min(1),
  key_secret: z.string().min(1),
  account_number: z.string().min(1),
  opening_balance: z.int().min(0).default(0),
});
const clockSchema = z.union([
  z.strictObject({ to: z.iso.datetime({ offset: true }) }),
  z.strictObject({ days: time, hours: time, minutes: time, seconds: time }),
]);
const payingSchema = z.strictObject({
  amount: z.int().optional(),
  method: z.enum(['upi', 'netbanking', 'card', 'emandate', 'nach']).optional(),
  outcome: z.enum(['authorized', 'captured', 'failed']).optional(),
  reason: z.string().optional(),
});
const mandateSchema = z.strictObject({
  customer: z.string(),
  method: z.enum(['emandate', 'nach', 'upi', 'card']).optional(),
  max_amount: z.int().min(1).optional(),
});
const disputeSchema = z.strictObject({
  amount: z.int().optional(),
  reason_code: z.string().optional(),
  phase: z.enum(['chargeback', 'pre_arbitration', 'fraud', 'retrieval']).optional(),
});
const disputeMoveSchema = z.strictObject({ status: z.enum(['under_review', 'won', 'lost', 'closed']) });
const daysSchema = z.object({ from: z.string().regex(DAY), to: z.string().regex(DAY), account });

/** Adds what plays the world around the gateway over HTTP, below `/sandbox`: no credentials, nothing logged. */
export function mountControls(app: FastifyInstance, gateway: Gateway): void {
  mountControlsOf(
    app,
    '/sandbox',
    [...timeControls(gateway), ...worldControls(gateway), ...truths(gateway)],
    {
      worded: (error) =>
        error instanceof GatewayError ? { status: error.status, body: { ...error.body } } : null,
    },
  );
}

function timeControls(gateway: Gateway): Control[] {
  const clock = () => ({ now: gateway.now().toISOString() });
  return [
    ['GET', '/clock', clock],
    [
      'POST',
      '/clock',
      async ({ body }) => {
        await gateway.advanceTo(momentOf(shaped(clockSchema, body), gateway.now()));
        return clock();
      },
    ],
    ['POST', '/tick', async () => ({ happened: await gateway.tick() })],
    ['POST', '/deliveries', async () => ({ tried: await gateway.deliverDue() })],
    ['GET', '/faults', () => FAULTS],
    [
      'POST',
      '/faults',
      ({ body }) => {
        const script = shaped(z.array(scriptSchema).max(1_000), Array.isArray(body) ? body : [body]);
        gateway.script(...script.map(present));
        return { scripted: script.length };
      },
    ],
  ];
}

function worldControls(gateway: Gateway): Control[] {
  return [
    ['GET', '/accounts', () => gateway.accounts().map(({ key_secret, webhook, ...shown }) => shown)],
    [
      'POST',
      '/accounts',
      ({ body }) => {
        const added: GatewayAccount = shaped(accountSchema, body);
        gateway.addAccount(added);
        return { id: added.id };
      },
    ],
    [
      'PUT',
      '/webhook',
      ({ body }) => {
        const { account: of, ...webhook } = shaped(webhookSchema, body);
        gateway.setWebhook(present(webhook) as WebhookTarget, of);
        return { url: webhook.url };
      },
    ],
    [
      'POST',
      '/deposits',
      ({ body }) => {
        const deposit = shaped(z.strictObject({ amount: z.int().min(1), account }), body);
        gateway.deposit(deposit.amount, deposit.account);
        return { balance: gateway.balance(deposit.account) };
      },
    ],
    ['POST', '/orders/:id/pay', ({ id, body }) => gateway.payBy(id, present(shaped(payingSchema, body)))],
    ['POST', '/mandates', ({ body }) => gateway.mandate(present(shaped(mandateSchema, body)))],
    [
      'POST',
      '/mandates/:id/cancel',
      ({ id }) => {
        gateway.cancelMandate(id);
        return { id };
      },
    ],
    [
      'POST',
      '/payments/:id/dispute',
      ({ id, body }) => gateway.dispute(id, present(shaped(disputeSchema, body))),
    ],
    [
      'POST',
      '/disputes/:id',
      ({ id, body }) => gateway.moveDispute(id, shaped(disputeMoveSchema, body).status),
    ],
  ];
}

function truths(gateway: Gateway): Control[] {
  return [
    [
      'GET',
      '/bank-statement',
      ({ query }, reply) => {
        const asked = shaped(daysSchema, query);
        reply.type('text/csv');
        return gateway.bankStatement(asked.from, asked.to, asked.account);
      },
    ],
    ['GET', '/paid-out', ({ query }) => gateway.paidOut(query.account)],
    ['GET', '/payments', ({ query }) => gateway.payments(query.account)],
    ['GET', '/settlements', ({ query }) => gateway.settlements(query.day, query.account)],
    ['GET', '/log', () => gateway.log()],
    ['GET', '/deliveries', () => gateway.deliveries()],
  ];
}

function momentOf(asked: z.output<typeof clockSchema>, now: Date): Date {
  if ('to' in asked) return new Date(asked.to);
  const { days, hours, minutes, seconds } = asked;
  return new Date(now.getTime() + (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000);
}
