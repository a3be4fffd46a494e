import { z } from 'zod';
import { type Callback, CallbackReceiver, type Received } from '../../payments/callbacks/receive.ts';
import type { Api, ApiParts } from '../ports.ts';
import { Problem } from '../problem.ts';
import { problemResponses } from '../schemas.ts';
import { busy, bytesOf, takeBytes } from '../taking.ts';

const BODY_BYTES_MAX = 256 * 1024;

/**
 * Where gateways tell what happened. Nobody logs in here: who signs is known. The body is taken as bytes,
 * since it is those that are signed.
 */
export function callbackRoutes(app: Api, { runtime, webhooks, gateways }: ApiParts): void {
  const receiver = new CallbackReceiver({ runtime, gateways, box: webhooks.box });
  app.register(async (scope) => {
    takeBytes(scope as unknown as Api);
    scope.route({
      method: 'POST',
      url: '/v1/webhooks/:gateway/:tenant',
      bodyLimit: BODY_BYTES_MAX,
      config: { action: 'callbacks.receive', scope: null, open: true },
      schema: {
        summary: 'Where a payment gateway tells what happened, signed with the webhook secret',
        description:
          'Set this address at the gateway. 200: it is kept, or was before. Whatever is wrong with a signature ' +
          'or an address is answered alike.',
        tags: ['payments'],
        security: [],
        params: z.strictObject({ gateway: z.string(), tenant: z.string() }),
        response: {
          200: z.strictObject({ status: z.enum(['stored', 'known']) }),
          ...problemResponses,
        },
      },
      handler: async (request) => {
        const { gateway, tenant } = request.params as Pick<Callback, 'gateway' | 'tenant'>;
        const callback = { gateway, tenant, body: bytesOf(request), headers: request.headers };
        return { status: statusOf(await receiver.receive(callback).catch(busy)) };
      },
    });
  });
}

function statusOf(received: Received): 'stored' | 'known' {
  if (received === 'refused') throw new Problem('callback-refused');
  if (received === 'no-event-id')
    throw new Problem('invalid-request', 'The header with the id of the event is missing, or too long.');
  return received;
}
