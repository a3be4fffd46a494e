import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { freezeWallet, unfreezeWallet } from '../../loans/fraud/freezing.ts';
import { type FraudAlert, listAlerts } from '../../loans/fraud/watches.ts';
import { walletOf } from '../../wallets/wallets.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { idParams, pageQuery, problemResponses, text, timestamp, uuid } from '../schemas.ts';
import { walletResource, walletSchema } from './wallets.ts';

const tags = ['wallets'];
const REASON_LENGTH_MAX = 500;

const alertSchema = z
  .strictObject({
    id: uuid,
    wallet: uuid,
    journal: uuid.describe('the transaction that was one too many'),
    at: timestamp.describe('when that was posted'),
    since: timestamp.describe('when the first of the window was'),
    transactions: z.int().describe('of the window, that one included'),
    window_s: z.int(),
    froze: z.boolean().describe('true where the alert froze the wallet'),
  })
  .meta({ id: 'FraudAlert' });

export function fraudRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  freezeRoute(app, parts);
  unfreezeRoute(app, parts);
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/fraud-alerts',
    config: { action: 'fraud-alerts.list', scope: 'wallets:read' },
    schema: {
      summary: 'Bursts of transactions that looked like fraud, latest first',
      tags,
      querystring: z.strictObject({ wallet: uuid.optional(), ...pageQuery }),
      response: {
        200: z.strictObject({ alerts: z.array(alertSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { wallet, after, limit } = request.query;
      const alerts = await inTenant(pool, actorOf(request).tenant, (tx) =>
        listAlerts(tx, { account: wallet, after, limit: limit + 1 }),
      );
      const page = alerts.slice(0, limit);
      const last = page.at(-1);
      const next =
        alerts.length > limit && last ? nextPage('/v1/fraud-alerts', { wallet, limit }, last.id) : null;
      return { alerts: page.map(resourceOf), next };
    },
  });
}

function freezeRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/wallets/:id/freeze',
    config: { action: 'wallets.freeze', scope: 'wallets:freeze' },
    schema: {
      summary: 'Let money into a wallet and none out of it',
      description: 'What passes through, as a collection for a loan does, and reversals are still posted.',
      tags,
      params: idParams,
      body: z.strictObject({ reason: text(REASON_LENGTH_MAX) }),
      response: { 200: walletSchema, ...problemResponses },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      const { id: wallet } = request.params;
      const { reason } = request.body;
      return inTenant(pool, tenant, async (tx) => {
        await mustStand(tx, wallet);
        await freezeWallet(tx, tenant, { wallet, reason, at: clock.now() });
        return walletResource((await walletOf(tx, wallet))!);
      });
    },
  });
}

function unfreezeRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/wallets/:id/unfreeze',
    config: { action: 'wallets.unfreeze', scope: 'wallets:freeze' },
    schema: {
      summary: 'Let money out of a wallet again; its fraud alerts are settled with that',
      description: 'What it transacted until now counts towards no further alert.',
      tags,
      params: idParams,
      response: { 200: walletSchema, ...problemResponses },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      const { id: wallet } = request.params;
      return inTenant(pool, tenant, async (tx) => {
        await mustStand(tx, wallet);
        await unfreezeWallet(tx, tenant, { wallet, at: clock.now() });
        return walletResource((await walletOf(tx, wallet))!);
      });
    },
  });
}

async function mustStand(tx: Parameters<typeof walletOf>[0], wallet: string): Promise<void> {
  if (!(await walletOf(tx, wallet))) throw new Problem('not-found', `There is no wallet ${wallet}.`);
}

function resourceOf({ account, at, since, ...alert }: FraudAlert): z.output<typeof alertSchema> {
  return { ...alert, wallet: account, at: at.toISOString(), since: since.toISOString() };
}
