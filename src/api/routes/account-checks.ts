import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { CHECK_KIND } from '../../payments/account-checks/asking.ts';
import { checksOf } from '../../payments/account-checks/rows.ts';
import { bankAccountOfBorrower } from '../../payments/bank-accounts.ts';
import { movesOf } from '../../payments/moves.ts';
import { acceptJob, publicKind, scopeOf } from '../accepting.ts';
import { accountCheckResource, accountCheckSchema, borrowerReference } from '../bank-account-schemas.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { acceptedSchema, problemResponses, uuid } from '../schemas.ts';

const tags = ['payments'];
const url = '/v1/borrowers/:reference/bank-accounts/:id';
const params = z.strictObject({ reference: borrowerReference, id: uuid });

/** Checks of borrowers' bank accounts, and what they said. */
export function accountCheckRoutes(app: Api, parts: ApiParts): void {
  checkRoute(app, parts);
  listRoute(app, parts);
}

function checkRoute(app: Api, { pool, runtime }: ApiParts): void {
  const definition = publicKind(runtime.registry, CHECK_KIND);
  if (!(definition?.payload instanceof z.ZodObject)) return;
  const { payload } = definition;
  app.route({
    method: 'POST',
    url: `${url}/check`,
    config: { action: 'bank-accounts.check', scope: scopeOf(definition) },
    schema: {
      summary: definition.summary,
      description:
        'Costs money, so there is one check an account; another one is for people, with its `attempt`.',
      tags,
      params,
      body: payload.omit({ bank_account: true }).nullish(),
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const { reference: borrower, id: bank_account } = request.params;
      const { tenant } = actorOf(request);
      await inTenant(pool, tenant, (tx) => bankAccountOfBorrower(tx, { borrower, id: bank_account }));
      // With what is left out filled in: a body that says nothing and none at all ask for the same.
      const wish = payload.parse({ ...request.body, bank_account });
      return acceptJob(runtime, definition, wish, request, reply);
    },
  });
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: `${url}/checks`,
    config: { action: 'bank-accounts.list-checks', scope: 'bank-accounts:read' },
    schema: {
      summary: 'The checks of a bank account, newest first: every move, what showed it, and what it cost',
      tags,
      params,
      response: { 200: z.strictObject({ checks: z.array(accountCheckSchema) }), ...problemResponses },
    },
    handler: (request) =>
      inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { reference: borrower, id } = request.params;
        await bankAccountOfBorrower(tx, { borrower, id });
        const checks = [];
        for (const check of await checksOf(tx, id)) {
          checks.push(accountCheckResource(check, await movesOf(tx, check.id)));
        }
        return { checks };
      }),
  });
}
