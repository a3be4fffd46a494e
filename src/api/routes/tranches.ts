import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { type Tranche, tranchesOf } from '../../loans/servicing/tranche-rows.ts';
import { acceptJob, publicKind } from '../accepting.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import {
  acceptedSchema,
  businessDate,
  idParams,
  keyHeader,
  problemResponses,
  timestamp,
  uuid,
} from '../schemas.ts';
import { existingLoan } from './existing-loan.ts';

const DISBURSING_KIND = 'loan.disburse';
const tags = ['loans'];

const trancheSchema = z
  .strictObject({
    number: z.int(),
    planned_on: businessDate.nullable().describe('null: when it is asked for'),
    amount: z.string(),
    agreed_by: z.string(),
    agreed_at: timestamp,
    paid_on: businessDate.nullable(),
    journal_id: uuid.nullable(),
  })
  .meta({ id: 'Tranche' });

export function trancheRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  disburseRoute(app, parts);
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/tranches',
    config: { action: 'loans.list-tranches', scope: 'loans:read' },
    schema: {
      summary: 'The parts in which a loan is paid out; none where it is paid out at once',
      tags,
      params: idParams,
      response: { 200: z.strictObject({ tranches: z.array(trancheSchema) }), ...problemResponses },
    },
    handler: (request) =>
      inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id } = await existingLoan(tx, request.params.id);
        return { tranches: (await tranchesOf(tx, id)).map(resourceOf) };
      }),
  });
}

/** A tranche is paid out by the job that is named after it: asked for twice, it is one. */
function disburseRoute(app: Api, { runtime }: ApiParts): void {
  const definition = publicKind(runtime.registry, DISBURSING_KIND);
  if (!definition) return;
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/tranches/:tranche/disburse',
    config: { action: 'loans.disburse-tranche', scope: 'loans:write' },
    schema: {
      summary: 'Pay a tranche out; the schedule is made anew from that day',
      tags,
      params: idParams.extend({ tranche: z.coerce.number().int().min(2).max(50) }),
      headers: keyHeader,
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: (request, reply) => {
      const { id: loan, tranche } = request.params;
      return acceptJob(runtime, definition, { loan, tranche }, request, reply);
    },
  });
}

function resourceOf({ agreed_at, ...tranche }: Tranche): z.output<typeof trancheSchema> {
  return { ...tranche, agreed_at: agreed_at.toISOString() };
}
