import type { FastifyInstance, FastifyReply } from 'fastify';

/** Who asks, and what for: the parts of a request that these routes look at. */
export interface AskedControl {
  body: unknown;
  query: Record<string, string | undefined>;
  id: string;
}

export type Control = [
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  act: (asked: AskedControl, reply: FastifyReply) => unknown,
];

/** How an error is answered that is more than a RangeError; null for one that is not known. */
type Worded = (error: unknown) => { status: number; body: object } | null;

/** Adds what plays the world around a provider over HTTP: no credentials, nothing logged. */
export function mountControlsOf(
  app: FastifyInstance,
  prefix: string,
  controls: readonly Control[],
  { worded = () => null }: { worded?: Worded } = {},
): void {
  app.register(
    async (scope) => {
      scope.setErrorHandler((error, _, reply) => {
        const known = worded(error);
        if (known) return reply.code(known.status).send(known.body);
        if (!(error instanceof RangeError)) throw error;
        return reply.code(400).send({ error: { description: error.message } });
      });
      for (const [method, url, act] of controls) {
        scope.route({
          method,
          url,
          handler: async ({ body, query, params }, reply) => {
            const { id = '' } = params as { id?: string };
            return act({ body, query: query as AskedControl['query'], id }, reply);
          },
        });
      }
    },
    { prefix },
  );
}

/** Without the fields that nobody filled in. */
export function present<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  const filled = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(filled) as { [Name in keyof Fields]: Exclude<Fields[Name], undefined> };
}
