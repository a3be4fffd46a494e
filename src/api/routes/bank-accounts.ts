import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import {
  addBankAccount,
  bankAccountRequest,
  bankAccountsOf,
  retireBankAccount,
} from '../../payments/bank-accounts.ts';
import { bankAccountResource, bankAccountSchema, borrowerReference } from '../bank-account-schemas.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { problemResponses, uuid } from '../schemas.ts';

const tags = ['payments'];
const url = '/v1/borrowers/:reference/bank-accounts';
const params = z.strictObject({ reference: borrowerReference });

export function bankAccountRoutes(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'POST',
    url,
    config: { action: 'bank-accounts.add', scope: 'bank-accounts:write', confidential: true },
    schema: {
      summary: 'Add a bank account or UPI address that a borrower is paid to',
      description: 'The same again is the same account; a retired one becomes usable again.',
      tags,
      params,
      body: bankAccountRequest,
      response: { 200: bankAccountSchema, 201: bankAccountSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const wish = { borrower: request.params.reference, actor: actorLabel(actor) };
      const { account, added } = await inTenant(pool, actor.tenant, (tx) =>
        addBankAccount(tx, wish, request.body),
      );
      request.audit_subject = account.id;
      reply.code(added ? 201 : 200);
      return bankAccountResource(account);
    },
  });

  app.route({
    method: 'GET',
    url,
    config: { action: 'bank-accounts.list', scope: 'bank-accounts:read' },
    schema: {
      summary: 'Where a borrower is paid, newest first; numbers masked',
      tags,
      params,
      response: { 200: z.strictObject({ bank_accounts: z.array(bankAccountSchema) }), ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const accounts = await inTenant(pool, tenant, (tx) => bankAccountsOf(tx, request.params.reference));
      return { bank_accounts: accounts.map(bankAccountResource) };
    },
  });

  app.route({
    method: 'POST',
    url: `${url}/:id/retire`,
    config: { action: 'bank-accounts.retire', scope: 'bank-accounts:write' },
    schema: {
      summary: 'Pay nothing new to an account; what is on its way stays so',
      tags,
      params: params.extend({ id: uuid }),
      response: { 200: bankAccountSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { reference: borrower, id } = request.params;
      const { tenant } = actorOf(request);
      return bankAccountResource(
        await inTenant(pool, tenant, (tx) => retireBankAccount(tx, { borrower, id })),
      );
    },
  });
}
