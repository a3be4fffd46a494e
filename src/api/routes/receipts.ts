import { z } from 'zod';
import { clientIp } from '../../identity/client-ip.ts';
import { ReceiptReceiver } from '../../notifications/receipts/receive.ts';
import type { Api, ApiParts } from '../ports.ts';
import { asProblem, Problem } from '../problem.ts';
import { problemResponses } from '../schemas.ts';
import { busy, bytesOf, takeBytes } from '../taking.ts';

const BODY_BYTES_MAX = 1024 * 1024;

/**
 * Where providers tell what became of messages. They sign nothing: whoever knows the path is believed, and where the
 * tenant says from which addresses, whoever comes from one of those.
 */
export function receiptRoutes(app: Api, { runtime, clock, proxies, breaker, log }: ApiParts): void {
  const receiver = new ReceiptReceiver({ runtime, clock });
  app.register(async (scope) => {
    takeBytes(scope as unknown as Api);
    scope.setErrorHandler((thrown) => {
      const problem = asProblem(thrown);
      if (problem.code === 'internal-error') log.error({ err: problem.cause }, 'a receipt could not be kept');
      if (problem.code === 'database-unavailable' && problem.cause) breaker.failed();
      // A provider that reads 5xx never tells it again.
      throw problem.status < 500 ? problem : again(problem);
    });
    scope.route({
      method: 'POST',
      url: '/v1/receipts/:provider/:tenant/:secret',
      bodyLimit: BODY_BYTES_MAX,
      config: { action: 'receipts.receive', scope: null, open: true },
      schema: {
        summary: 'Where a provider tells what became of messages',
        description:
          'Set this address at the provider: it is made by `POST /v1/receipt-addresses/{provider}`. 200: it is kept, ' +
          'whatever it says. Whatever is wrong with an address is answered alike.',
        tags: ['notifications'],
        security: [],
        params: z.strictObject({ provider: z.string(), tenant: z.string(), secret: z.string() }),
        response: { 200: z.strictObject({ status: z.literal('stored') }), ...problemResponses },
      },
      handler: async (request) => {
        const params = request.params as { provider: string; tenant: string; secret: string };
        const ip = clientIp(request.socket.remoteAddress, request.headers['x-forwarded-for'], proxies);
        const is_stored = await receiver.receive({ ...params, ip, body: bytesOf(request) }).catch(busy);
        if (!is_stored) throw new Problem('not-found');
        return { status: 'stored' as const };
      },
    });
  });
}

function again(cause: Problem): Problem {
  return new Problem('tell-again', undefined, { cause, headers: { 'retry-after': '1' } });
}
