import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { formatAmount, toDecimal } from '../../ledger/money.ts';
import { inclusionProof, proveJournal } from '../../ledger/proof.ts';
import { trialBalance } from '../../ledger/reports.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { businessDate, businessDateInput, idParams, problemResponses, uuid } from '../schemas.ts';

const tags = ['ledger'];

const trialBalanceSchema = z
  .strictObject({
    as_of: businessDate,
    balanced: z.boolean(),
    totals: z.array(
      z.strictObject({
        currency: z.string(),
        debit: z.string(),
        credit: z.string(),
        balanced: z.boolean(),
      }),
    ),
    rows: z.array(
      z.strictObject({
        account: uuid,
        code: z.string(),
        name: z.string(),
        type: z.enum(['asset', 'liability', 'income', 'expense']),
        currency: z.string(),
        debit: z.string(),
        credit: z.string(),
      }),
    ),
  })
  .meta({ id: 'TrialBalance' });

export function ledgerRoutes(app: Api, parts: ApiParts): void {
  trialBalanceRoute(app, parts);
  proofRoute(app, parts);
}

function trialBalanceRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/ledger/trial-balance',
    config: { action: 'ledger.trial-balance', scope: 'ledger:read' },
    schema: {
      summary: 'What was debited and credited on every account up to a business date',
      tags,
      querystring: z.strictObject({
        as_of: businessDateInput.optional().describe('default: the business date of today'),
      }),
      response: { 200: trialBalanceSchema, ...problemResponses },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      return inTenant(pool, tenant, async (tx) => {
        const as_of = request.query.as_of ?? (await businessDateAt(tx, tenant, clock.now()));
        const { rows, totals, balanced } = await trialBalance(tx, as_of);
        return { as_of, balanced, totals: totals.map(inMoney), rows: rows.map(inMoney) };
      });
    },
  });
}

function proofRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/ledger/journals/:id/proof',
    config: { action: 'ledger.prove', scope: 'ledger:read' },
    schema: {
      summary: 'Proof that a journal is under a signed seal, to be checked without trusting this server',
      tags,
      params: idParams,
      response: { 200: inclusionProof, ...problemResponses },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      const { id } = request.params;
      return inTenant(pool, tenant, async (tx) => {
        const proof = await proveJournal(tx, tenant, id);
        if (!proof) throw new Problem('not-found', `There is no journal ${id} under a seal (yet).`);
        return proof;
      });
    },
  });
}

function inMoney<Row extends { debit: string; credit: string }>(row: Row): Row {
  return {
    ...row,
    debit: formatAmount(toDecimal(row.debit)),
    credit: formatAmount(toDecimal(row.credit)),
  };
}
