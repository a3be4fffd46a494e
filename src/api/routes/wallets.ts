import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { currencySchema } from '../../ledger/money.ts';
import { type StatementLine, type StatementPlace, statementOf } from '../../ledger/statements.ts';
import { openWallet, type Wallet, walletOf } from '../../wallets/wallets.ts';
import { acceptJob, publicKind, scopeOf } from '../accepting.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import {
  acceptedSchema,
  businessDate,
  idParams,
  keyHeader,
  pageLimit,
  problemResponses,
  text,
  timestamp,
  uuid,
} from '../schemas.ts';

const OWNER_LENGTH_MAX = 200;
const PLACE = /^([0-9a-f-]{36})\.(\d{1,4})$/;
const LINE_MAX = 32_767;

const walletFields = {
  id: uuid,
  owner: z.string(),
  currency: z.string(),
  balance: z.string().describe('all of the owner’s money: held and available'),
  held: z.string().describe('set aside by holds'),
  available: z.string().describe('what the owner may spend'),
  opened_at: timestamp,
  frozen_at: timestamp.nullable().describe('set while no money may leave it'),
  frozen_for: z.string().nullable().describe('why'),
};
export const walletSchema = z.strictObject(walletFields).meta({ id: 'Wallet' });
const movementSchema = z
  .strictObject({
    journal: uuid,
    kind: z.string(),
    direction: z.enum(['debit', 'credit']).describe('credit: more available; money set aside is a debit'),
    amount: z.string(),
    currency: z.string(),
    business_date: businessDate,
    posted_at: timestamp,
  })
  .meta({ id: 'Movement' });
const statementSchema = z
  .strictObject({ ...walletFields, movements: z.array(movementSchema), next: z.string().nullable() })
  .meta({ id: 'WalletStatement' });

/** `journal.line`, as `next` has it. */
const placeSchema = z
  .string()
  .regex(PLACE, 'must be taken from `next`')
  .refine((place) => z.uuid().safeParse(place.slice(0, 36)).success, 'must be taken from `next`')
  .refine((place) => Number(place.slice(37)) <= LINE_MAX, 'must be taken from `next`')
  .transform((place): StatementPlace => ({ journal: place.slice(0, 36), line: Number(place.slice(37)) }));

export function walletRoutes(app: Api, parts: ApiParts): void {
  openRoute(app, parts);
  statementRoute(app, parts);
  transferRoute(app, parts);
}

function openRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/wallets',
    config: { action: 'wallets.open', scope: 'wallets:write' },
    schema: {
      summary: 'Open a wallet with nothing in it',
      tags: ['wallets'],
      body: z.strictObject({
        id: uuid.optional().describe('choose one to make a repeat safe'),
        owner: text(OWNER_LENGTH_MAX).describe('whose it is, in your own words'),
        currency: currencySchema,
      }),
      response: {
        200: walletSchema.describe('it stood open already'),
        201: walletSchema.describe('it is open'),
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const { tenant } = actorOf(request);
      const { id = uuidv7(), owner, currency } = request.body;
      request.audit_subject = id;
      const { wallet, isNew } = await inTenant(pool, tenant, async (tx) => {
        const standing = await walletOf(tx, id);
        if (!standing) await openWallet(tx, { id, owner, currency });
        return { wallet: standing ?? (await walletOf(tx, id)), isNew: !standing };
      });
      if (wallet?.owner !== owner || wallet.currency !== currency) {
        throw new Problem('already-exists', `${id} is not a wallet of ${owner} in ${currency}.`);
      }
      reply.code(isNew ? 201 : 200);
      return walletResource(wallet);
    },
  });
}

function statementRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/wallets/:id',
    config: { action: 'wallets.show', scope: 'wallets:read' },
    schema: {
      summary: 'A wallet, its money, and what changed the money available, latest first',
      tags: ['wallets'],
      params: idParams,
      querystring: z.strictObject({
        after: placeSchema.optional().describe('taken from `next`'),
        limit: pageLimit,
      }),
      response: { 200: statementSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { after, limit } = request.query;
      return inTenant(pool, actorOf(request).tenant, async (tx) => {
        const wallet = await walletOf(tx, id);
        if (!wallet) throw new Problem('not-found', `There is no wallet ${id}.`);
        const lines = await statementOf(tx, id, { after, limit: limit + 1 });
        const page = lines.slice(0, limit);
        const last = page.at(-1);
        const next =
          lines.length > limit && last
            ? nextPage(`/v1/wallets/${id}`, { limit }, `${last.journal}.${last.line}`)
            : null;
        return { ...walletResource(wallet), movements: page.map(movementOf), next };
      });
    },
  });
}

/** A transfer is a job like any other; this is its name among the resources. */
function transferRoute(app: Api, { runtime }: ApiParts): void {
  const definition = publicKind(runtime.registry, 'wallet.transfer');
  if (!definition) return;
  app.route({
    method: 'POST',
    url: '/v1/transfers',
    config: { action: 'transfers.accept', scope: scopeOf(definition) },
    schema: {
      summary: definition.summary,
      tags: ['wallets'],
      headers: keyHeader,
      body: definition.payload,
      response: { 202: acceptedSchema, ...problemResponses },
    },
    // The kind checks its own payload, once, where the job is accepted.
    validatorCompiler: () => (value) => ({ value }),
    handler: (request, reply) => acceptJob(runtime, definition, request.body, request, reply),
  });
}

export function walletResource({ opened_at, frozen_at, ...wallet }: Wallet): z.output<typeof walletSchema> {
  return { ...wallet, opened_at: opened_at.toISOString(), frozen_at: frozen_at?.toISOString() ?? null };
}

function movementOf(line: StatementLine): z.output<typeof movementSchema> {
  const { journal, kind, direction, amount, currency, business_date, posted_at } = line;
  return { journal, kind, direction, amount, currency, business_date, posted_at: posted_at.toISOString() };
}
