import { generateKeyPairSync } from 'node:crypto';
import { Client } from '../../client/client.ts';
import type { Pool } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { addService } from '../../identity/services.ts';
import { signServiceToken } from '../../identity/sign.ts';
import { addHolidays, addTenant } from '../../identity/tenants.ts';
import { openChart } from '../../ledger/accounts.ts';
import { addProduct } from '../../loans/products.ts';
import { rotateWebhookSecret, setGatewayAccount } from '../../payments/gateway/accounts.ts';
import { SANDBOX_ACCOUNT } from '../../sandbox/gateway/settings.ts';
import type { SecretBox } from '../../secrets/secret-box.ts';
import type { PlannedCalendar } from '../plan/calendar.ts';
import { SIMULATED_PRODUCTS } from '../plan/products.ts';

export const TENANT = 'simulated';
const TOKEN_S = 600;
/** A restart of the database may take seconds: a call is sent again until it is over. */
const RETRIES_MAX = 14;

/** The lender's own systems and people, each a client of the API. */
export interface Clients {
  origination: Client;
  judges: readonly [Client, Client];
}

export const GATEWAY = 'razorpay';
/** With what the gateway signs; it was given another one lately, and some events are signed with the former. */
export const WEBHOOK_SECRETS = { secret: 'whispered-to-the-gateway', former_secret: 'told-to-it-before' };

/** Adds the lender with its books, products, holidays, and its account with the gateway. */
export async function addLender(
  pool: Pool,
  { holidays, time_zone }: PlannedCalendar,
  box: SecretBox,
): Promise<void> {
  await addTenant(pool, { tenant: TENANT, name: 'Simulated Finance', currency: 'INR', time_zone });
  await inTenant(pool, TENANT, async (tx) => {
    await openChart(tx, TENANT, 'INR');
    for (const product of SIMULATED_PRODUCTS) await addProduct(tx, product);
    const wish = { tenant: TENANT, gateway: GATEWAY, actor: 'operator:simulation' };
    const { key_id, key_secret, account_number } = SANDBOX_ACCOUNT;
    const webhook_secret = WEBHOOK_SECRETS.former_secret;
    await setGatewayAccount(tx, box, wish, { key_id, key_secret, account_number, webhook_secret });
    await rotateWebhookSecret(tx, box, wish, WEBHOOK_SECRETS.secret);
  });
  const closed = [...holidays].map((on_date) => ({ on_date, name: 'Simulated holiday' }));
  await addHolidays(pool, TENANT, closed);
}

export async function addClients(pool: Pool, url: string): Promise<Clients> {
  const scopes = [
    'loans:read',
    'loans:write',
    'jobs:read',
    'jobs:wallet.*',
    'jobs:loan.*',
    'wallets:*',
    'bank-accounts:*',
  ];
  const judging = ['loans:read', 'loans:approve'];
  return {
    origination: await addClient(pool, url, 'origination', scopes),
    judges: [await addClient(pool, url, 'branch', judging), await addClient(pool, url, 'region', judging)],
  };
}

async function addClient(pool: Pool, url: string, name: string, scopes: string[]): Promise<Client> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await addService(pool, { tenant: TENANT, name, scopes, public_key: publicKey });
  const token = () => signServiceToken(privateKey, { tenant: TENANT, service: name, ttl_s: TOKEN_S });
  return new Client({ url, token, retries_max: RETRIES_MAX });
}
