import { z } from 'zod';
import type { Disputes } from './disputes.ts';
import { shaped } from './errors.ts';
import type { Mandates } from './mandates.ts';
import type { Payments } from './payments.ts';
import { rawBody } from './raw-body.ts';
import type { Refunds } from './refunds.ts';
import { type Asked, page, type Route, textIn } from './routes.ts';
import type { Settlements } from './settlements.ts';

export interface CollectionParts {
  payments: Payments;
  mandates: Mandates;
  refunds: Refunds;
  disputes: Disputes;
  settlements: Settlements;
}

/** Orders, payments, mandates, refunds, disputes and settlements. */
export function collectionRoutes(parts: CollectionParts): Route[] {
  return [
    ...orderRoutes(parts),
    ...paymentRoutes(parts),
    ...mandateRoutes(parts),
    ...refundRoutes(parts),
    ...settlementRoutes(parts),
  ];
}

function orderRoutes({ payments }: CollectionParts): Route[] {
  const subjects = ({ params }: Asked) => [...(payments.findOrder(params.id!)?.subjects ?? []), params.id];
  return [
    {
      ...{ method: 'POST', path: '/orders', call: 'order.create' },
      subjects: ({ body }) => [
        textIn(body, 'notes', 'subject') ?? textIn(body, 'receipt'),
        textIn(body, 'receipt'),
      ],
      act: ({ account, body }) => payments.createOrder(account, body),
    },
    {
      ...{ method: 'GET', path: '/orders', call: 'order.list' },
      subjects: ({ query, request }) => [query.receipt, request.url],
      act: ({ account, query }) => page(payments.orders(account.id, query.receipt), query),
    },
    {
      ...{ method: 'GET', path: '/orders/:id', call: 'order.fetch', subjects },
      act: ({ account, params }) => payments.order(account.id, params.id!).order,
    },
    {
      ...{ method: 'GET', path: '/orders/:id/payments', call: 'order.payments', subjects },
      act: ({ account, params }) => collection(payments.paymentsOf(account.id, params.id!)),
    },
  ];
}

function paymentRoutes({ payments }: CollectionParts): Route[] {
  const subjects = ({ params }: Asked) => [...(payments.find(params.id!)?.subjects ?? []), params.id];
  return [
    {
      ...{ method: 'GET', path: '/payments', call: 'payment.list' },
      act: ({ account, query }) => page(payments.list(account.id), query),
    },
    {
      ...{ method: 'GET', path: '/payments/:id', call: 'payment.fetch', subjects },
      act: ({ account, params }) => payments.get(account.id, params.id!).payment,
    },
    {
      ...{ method: 'POST', path: '/payments/:id/capture', call: 'payment.capture', subjects },
      act: ({ account, params, body }) => payments.capture(account.id, params.id!, body),
    },
  ];
}

function mandateRoutes({ mandates, payments }: CollectionParts): Route[] {
  return [
    {
      ...{ method: 'POST', path: '/customers', call: 'customer.create' },
      subjects: ({ body }) => [textIn(body, 'contact') ?? textIn(body, 'email'), textIn(body, 'name')],
      act: ({ account, body }) => mandates.createCustomer(account, body),
    },
    {
      ...{ method: 'GET', path: '/customers/:id', call: 'customer.fetch' },
      act: ({ account, params }) => mandates.customer(account.id, params.id!),
    },
    {
      ...{ method: 'GET', path: '/customers/:id/tokens', call: 'token.list' },
      act: ({ account, params }) => collection(mandates.tokensOf(account.id, params.id!)),
    },
    {
      ...{ method: 'GET', path: '/customers/:id/tokens/:token', call: 'token.fetch' },
      act: ({ account, params }) => mandates.tokenOf(account.id, params.id!, params.token!),
    },
    {
      ...{ method: 'POST', path: '/payments/create/recurring', call: 'mandate.present' },
      subjects: ({ body }) => [
        ...(payments.findOrder(textIn(body, 'order_id') ?? '')?.subjects ?? []),
        textIn(body, 'token'),
      ],
      act: ({ account, body }) => mandates.present(account, body),
    },
  ];
}

function refundRoutes({ refunds, payments, disputes }: CollectionParts): Route[] {
  return [
    {
      ...{ method: 'POST', path: '/payments/:id/refund', call: 'refund.create' },
      subjects: ({ body, params, request }) => [
        textIn(body, 'receipt'),
        keyOf(request),
        ...(payments.find(params.id!)?.subjects ?? []),
      ],
      act: ({ account, params, request, body }) =>
        refunds.create(account, params.id!, keyOf(request), rawBody(request), body),
    },
    {
      ...{ method: 'GET', path: '/payments/:id/refunds', call: 'refund.list' },
      act: ({ account, params }) => collection(refunds.ofPayment(account.id, params.id!)),
    },
    {
      ...{ method: 'GET', path: '/refunds/:id', call: 'refund.fetch' },
      act: ({ account, params }) => refunds.get(account.id, params.id!),
    },
    {
      ...{ method: 'GET', path: '/disputes', call: 'dispute.list' },
      act: ({ account, query }) => page(disputes.list(account.id), query),
    },
    {
      ...{ method: 'GET', path: '/disputes/:id', call: 'dispute.fetch' },
      act: ({ account, params }) => disputes.get(account.id, params.id!),
    },
  ];
}

const dayFields = {
  year: z.coerce.number().int().min(2_000).max(9_999),
  month: z.coerce.number().int().min(1).max(12),
  day: z.coerce.number().int().min(1).max(31).optional(),
};
const reportSchema = z.object({
  ...dayFields,
  count: z.coerce.number().int().min(1).max(1_000).default(10),
  skip: z.coerce.number().int().min(0).default(0),
});

function settlementRoutes({ settlements }: CollectionParts): Route[] {
  return [
    {
      ...{ method: 'GET', path: '/settlements/recon/combined', call: 'settlement.report' },
      act: ({ account, query }) => {
        const { year, month, day, count, skip } = shaped(reportSchema, query);
        const days = [year, month, ...(day ? [day] : [])]
          .map((part) => String(part).padStart(2, '0'))
          .join('-');
        return collection(settlements.report(account.id, days, { count, skip }));
      },
    },
    {
      ...{ method: 'GET', path: '/settlements', call: 'settlement.list' },
      act: ({ account, query }) =>
        page(
          settlements
            .records(account.id)
            .map(({ settlement }) => settlement)
            .reverse(),
          query,
        ),
    },
    {
      ...{ method: 'GET', path: '/settlements/:id', call: 'settlement.fetch' },
      act: ({ account, params }) => settlements.get(account.id, params.id!),
    },
  ];
}

function keyOf(request: Asked['request']): string | undefined {
  return request.headers['x-refund-idempotency'] as string | undefined;
}

function collection<Item>(items: Item[]): { entity: 'collection'; count: number; items: Item[] } {
  return { entity: 'collection', count: items.length, items };
}
