import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Client } from '../src/client/client.ts';
import type { Pool } from '../src/db/pools.ts';
import { inTenant } from '../src/db/transaction.ts';
import { PLATFORM } from '../src/identity/actor.ts';
import { addOperator, listOperators, setPassword } from '../src/identity/operators.ts';
import { addService } from '../src/identity/services.ts';
import { signServiceToken } from '../src/identity/sign.ts';
import { addTenant } from '../src/identity/tenants.ts';
import { openChart } from '../src/ledger/accounts.ts';
import { productRules } from '../src/loans/product-rules.ts';
import { addProduct, STANDARD_PRODUCT } from '../src/loans/products.ts';

export const TENANT = 'demo';
const TOKEN_S = 3_600;
const OPERATOR = 'operator@demo.kist.example';

/** As every tenant’s first product, but its loans are paid to the bank. */
const RULES = { ...STANDARD_PRODUCT.rules, disbursement: { to: 'bank' } };

/** Adds the demo's lender with its books. A second time there is nothing left to do. @returns whether it is new */
export async function addLender(pool: Pool): Promise<boolean> {
  const is_new = await addTenant(pool, { tenant: TENANT, name: 'Demo Finance', currency: 'INR' });
  await inTenant(pool, TENANT, async (tx) => {
    await openChart(tx, TENANT, 'INR');
    await addProduct(tx, { ...STANDARD_PRODUCT, rules: productRules.parse(RULES) });
  });
  return is_new;
}

/** Adds a service with a key made for this run, and answers a client that acts as it. */
export async function addClient(pool: Pool, url: string, name: string, scopes: string[]): Promise<Client> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await addService(pool, { tenant: TENANT, name, scopes, public_key: publicKey });
  const token = await signServiceToken(privateKey, { tenant: TENANT, service: name, ttl_s: TOKEN_S });
  return new Client({ url, token });
}

/** An operator of the installation, with a password made for this run. */
export async function addDemoOperator(pool: Pool): Promise<{ email: string; password: string }> {
  const password = randomBytes(12).toString('base64url');
  const known = (await listOperators(pool, PLATFORM)).find(({ email }) => email === OPERATOR);
  if (known) await setPassword(pool, PLATFORM, known.id, password);
  else {
    await addOperator(pool, {
      ...{ tenant: PLATFORM, email: OPERATOR, name: 'Demo Operator', role: 'admin', password },
    });
  }
  return { email: OPERATOR, password };
}
