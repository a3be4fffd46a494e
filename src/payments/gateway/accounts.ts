import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import type { SecretBox } from '../../secrets/secret-box.ts';
import { PaymentError } from '../errors.ts';
import { lastFour } from '../masked.ts';
import type { GatewayAccount } from './gateway.ts';

/** How long the former webhook secret is good beside a new one: gateways repeat what was sent for a day. */
export const FORMER_SECRET_HOURS = 48;

const secret = z.string().regex(/^[\x21-\x7e]{8,200}$/, {
  error: 'must be 8 to 200 characters without spaces, as the gateway has it',
});

export const webhookSecretSchema = secret.meta({ description: 'as it is set at the gateway' });

/** What a tenant tells of its account with a gateway. */
export const gatewayAccountRequest = z.strictObject({
  key_id: z.string().regex(/^[\x21-\x7e]{1,100}$/, { error: 'must be 1 to 100 characters without spaces' }),
  key_secret: secret,
  account_number: z
    .string()
    .regex(/^[A-Za-z0-9]{5,35}$/, { error: 'must be 5 to 35 letters and digits' })
    .meta({ description: 'our own at the gateway, from which payouts are paid' }),
  webhook_secret: webhookSecretSchema,
});
export type GatewayAccountRequest = z.output<typeof gatewayAccountRequest>;

const accountRow = z.object({
  gateway: z.string(),
  state: z.enum(['enabled', 'disabled']),
  key_id: z.string(),
  account_number: z.string().transform(lastFour),
  former_webhook_secret_until: z.date().nullable(),
  updated_by: z.string(),
  updated_at: z.date(),
});
/** An account as it may be shown: no secrets, and of the account number the last four. */
export type ShownAccount = z.output<typeof accountRow>;

const SHOWN = sql.fragment`
  gateway, state, key_id, account_number,
  CASE WHEN former_webhook_secret_until > now() THEN former_webhook_secret_until END
    AS former_webhook_secret_until, updated_by, updated_at`;

/** Whose account, with which gateway, and who wishes something about it. */
export interface AccountWish {
  tenant: string;
  gateway: string;
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
}

/**
 * Sets a tenant’s account with a gateway, whole; it may be repeated. A webhook secret that is
 * replaced stays good beside the new one for FORMER_SECRET_HOURS. A disabled account stays disabled.
 */
export async function setGatewayAccount(
  tx: Transaction,
  box: SecretBox,
  { tenant, gateway, actor }: AccountWish,
  request: GatewayAccountRequest,
): Promise<ShownAccount> {
  const { key_id, account_number } = request;
  const key_secret = sql.binary(box.seal(Buffer.from(request.key_secret), placeOf(tenant, gateway, 'key')));
  const sealed = box.seal(Buffer.from(request.webhook_secret), placeOf(tenant, gateway, 'webhook'));
  await replaceWebhookSecret(tx, box, { tenant, gateway, actor }, request.webhook_secret);
  return tx.one(sql.type(accountRow)`
    INSERT INTO payment_gateway (tenant_id, gateway, key_id, key_secret, account_number, webhook_secret, updated_by)
    VALUES (current_tenant(), ${gateway}, ${key_id}, ${key_secret}, ${account_number}, ${sql.binary(sealed)},
            ${actor})
    ON CONFLICT (tenant_id, gateway) DO UPDATE SET
      key_id = excluded.key_id, key_secret = excluded.key_secret, account_number = excluded.account_number,
      version = payment_gateway.version + 1, updated_by = excluded.updated_by, updated_at = now()
    RETURNING ${SHOWN}`);
}

/** Gives it another webhook secret, as setGatewayAccount does. @throws PaymentError not-found */
export async function rotateWebhookSecret(
  tx: Transaction,
  box: SecretBox,
  wish: AccountWish,
  webhook_secret: string,
): Promise<ShownAccount> {
  await replaceWebhookSecret(tx, box, wish, webhook_secret);
  return gatewayAccount(tx, wish.gateway);
}

/** The one in use is not replaced by itself: told twice, the former one must not be lost. */
async function replaceWebhookSecret(
  tx: Transaction,
  box: SecretBox,
  { tenant, gateway, actor }: AccountWish,
  given: string,
): Promise<void> {
  const place = placeOf(tenant, gateway, 'webhook');
  const present = await tx.maybeOneFirst(sql.type(z.object({ webhook_secret: z.instanceof(Buffer) }))`
    SELECT webhook_secret FROM payment_gateway
    WHERE tenant_id = current_tenant() AND gateway = ${gateway}
    FOR UPDATE`);
  if (!present || box.open(present, place).equals(Buffer.from(given))) return;
  await tx.query(sql.unsafe`
    UPDATE payment_gateway SET
      webhook_secret = ${sql.binary(box.seal(Buffer.from(given), place))},
      former_webhook_secret = webhook_secret,
      former_webhook_secret_until = now() + ${FORMER_SECRET_HOURS} * interval '1 hour',
      version = version + 1, updated_by = ${actor}, updated_at = now()
    WHERE tenant_id = current_tenant() AND gateway = ${gateway}`);
}

/** Nothing is asked of a disabled one, and its callbacks are turned away. @throws PaymentError not-found */
export async function turnGatewayAccount(
  tx: Transaction,
  { gateway, actor }: AccountWish,
  state: ShownAccount['state'],
): Promise<ShownAccount> {
  await tx.query(sql.unsafe`
    UPDATE payment_gateway SET state = ${state}, version = version + 1, updated_by = ${actor}, updated_at = now()
    WHERE tenant_id = current_tenant() AND gateway = ${gateway} AND state <> ${state}`);
  return gatewayAccount(tx, gateway);
}

/** @throws PaymentError not-found */
export async function gatewayAccount(tx: Transaction, gateway: string): Promise<ShownAccount> {
  const account = await tx.maybeOne(sql.type(accountRow)`
    SELECT ${SHOWN} FROM payment_gateway WHERE tenant_id = current_tenant() AND gateway = ${gateway}`);
  if (!account) throw new PaymentError('not-found', `There is no account with ${gateway} yet.`);
  return account;
}

const openedRow = z.object({
  key_id: z.string(),
  key_secret: z.instanceof(Buffer),
  account_number: z.string(),
});

/**
 * The account opened for a call; null where there is none, or a disabled one. Read anew each time: the row is one
 * probe by its key, so a changed secret counts from the next call on, in every process.
 */
export async function openAccount(
  tx: Transaction,
  box: SecretBox,
  { tenant, gateway }: { tenant: string; gateway: string },
): Promise<GatewayAccount | null> {
  const row = await tx.maybeOne(sql.prepared('open_gateway_account', openedRow)`
    SELECT key_id, key_secret, account_number FROM payment_gateway
    WHERE tenant_id = current_tenant() AND gateway = ${gateway} AND state = 'enabled'`);
  if (!row) return null;
  const key_secret = box.open(row.key_secret, placeOf(tenant, gateway, 'key')).toString();
  return { tenant, gateway, key_id: row.key_id, key_secret, account_number: row.account_number };
}

const secretsRow = z.object({
  version: z.number(),
  webhook_secret: z.instanceof(Buffer),
  former_webhook_secret: z.instanceof(Buffer).nullable(),
  former_webhook_secret_until: z.date().nullable(),
});

/** What callbacks of an account are signed with, as of a version of its row. */
export interface WebhookSecrets {
  version: number;
  present: string;
  former: { secret: string; until: Date } | null;
}

/** Null where there is no such tenant, no such account, or a disabled one. */
export async function webhookSecrets(
  tx: Transaction,
  box: SecretBox,
  { tenant, gateway }: { tenant: string; gateway: string },
): Promise<WebhookSecrets | null> {
  const row = await tx.maybeOne(sql.prepared('webhook_secrets', secretsRow)`
    SELECT version, webhook_secret, former_webhook_secret, former_webhook_secret_until FROM payment_gateway
    WHERE tenant_id = current_tenant() AND gateway = ${gateway} AND state = 'enabled'`);
  if (!row) return null;
  const place = placeOf(tenant, gateway, 'webhook');
  const open = (sealed: Buffer) => box.open(sealed, place).toString();
  const { version, former_webhook_secret: former, former_webhook_secret_until: until } = row;
  return {
    version,
    present: open(row.webhook_secret),
    former: former && until ? { secret: open(former), until } : null,
  };
}

/** Where a secret belongs: it opens in no other tenant's row, with no other gateway, and for no other use. */
export function placeOf(tenant: string, gateway: string, use: 'key' | 'webhook'): string {
  return `payment-gateway/${tenant}/${gateway}/${use}`;
}
