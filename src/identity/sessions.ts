import { createHash, createHmac, randomBytes } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import { type Actor, PLATFORM, ROLES } from './actor.ts';
import { recordAudit, recordAuditIn } from './audit.ts';
import { IdentityError } from './errors.ts';
import { normalEmail } from './operators.ts';
import { verifyPassword } from './password.ts';
import { storable } from './redact.ts';
import { scopesOf } from './roles.ts';

/** The cookie that the login page sets and every page for operators reads. */
export const SESSION_COOKIE = 'kist_session';
export const SESSION_LIFETIME_S = 12 * 3_600;
export const SESSION_IDLE_S = 3_600;
const TOKEN_BYTES = 32;
const TOKEN = /^[\w-]{43}$/;
const EMAIL_CHARACTERS_MAX = 254;
const USER_AGENT_CHARACTERS_MAX = 300;

/** Where a login comes from, as kept with the session and in the audit trail. */
export interface LoginOrigin {
  ip: string | null;
  user_agent: string | null;
}

export interface Session {
  actor: Actor;
  operator_id: string;
  /** The operator's name as people write it. */
  display_name: string;
  created_at: Date;
  expires_at: Date;
  /** To be sent back with every unsafe request of this session (see csrf.ts). */
  csrf_token: string;
}

const hashOf = (token: string) => createHash('sha256').update(token).digest();

/** Derived from the session's token, so that whoever has no session cannot know it, and nothing is kept. */
export function csrfTokenOf(token: string): string {
  return createHmac('sha256', token).update('kist csrf').digest('base64url');
}

const sessionRow = z.object({
  tenant_id: z.string(),
  operator_id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  created_at: z.date(),
  expires_at: z.date(),
});

/** Looks in the database each time, so that a logout or a lock holds on every process at once. */
export async function findSession(pool: Pool, token: string | undefined): Promise<Session> {
  const row =
    token !== undefined && TOKEN.test(token)
      ? await pool.maybeOne(sql.type(sessionRow)`
          SELECT * FROM find_session(${sql.binary(hashOf(token))}, ${SESSION_IDLE_S})`)
      : null;
  if (token === undefined || !row) throw new IdentityError('no-session', 'Log in first.');
  return {
    actor: {
      kind: 'operator',
      name: row.email,
      tenant: row.tenant_id,
      role: row.role,
      scopes: scopesOf(row.role, row.tenant_id),
      ...(row.tenant_id === PLATFORM ? { platform: true } : {}),
    },
    operator_id: row.operator_id,
    display_name: row.name,
    created_at: row.created_at,
    expires_at: row.expires_at,
    csrf_token: csrfTokenOf(token),
  };
}

export async function closeSession(pool: Pool, token: string): Promise<void> {
  await pool.query(sql.unsafe`SELECT close_session(${sql.binary(hashOf(token))})`);
}

const loginRow = z.object({
  wait_s: z.number(),
  tenant_id: z.string().nullable(),
  operator_id: z.string().nullable(),
  password_hash: z.string().nullable(),
});

/**
 * Opens a session for the right password. An unknown address, a wrong password and a locked operator
 * look alike from outside, in words and in time.
 * @returns the token for the cookie
 */
export async function openSession(
  pool: Pool,
  given: { email: string; password: string },
  origin: LoginOrigin,
): Promise<string> {
  const started_ms = performance.now();
  const email = storable(normalEmail(given.email)).slice(0, EMAIL_CHARACTERS_MAX);
  const found = await pool.one(sql.type(loginRow)`SELECT * FROM begin_login(${email})`);
  const row = (outcome: 'SUCCESS' | 'FAILED', error_code: string | null) => ({
    tenant: found.tenant_id ?? PLATFORM,
    actor_kind: 'operator' as const,
    actor: found.tenant_id === null ? 'unknown' : email,
    client_ip: origin.ip,
    action: 'operator.login',
    subject: found.operator_id,
    duration_ms: performance.now() - started_ms,
    outcome,
    error_code,
  });
  try {
    if (found.wait_s > 0) throw tooMany(found.wait_s);
    const right = await verifyPassword(given.password, found.password_hash);
    if (!right || found.tenant_id === null || found.operator_id === null) throw wrongCredentials();
    const operator_id = found.operator_id;
    return await inTenant(pool, found.tenant_id, async (tx) => {
      const token = await insertSession(tx, operator_id, origin);
      await recordAuditIn(tx, [row('SUCCESS', null)]);
      return token;
    });
  } catch (error) {
    if (error instanceof IdentityError) await recordAudit(pool, [row('FAILED', error.code)]);
    throw error;
  }
}

async function insertSession(tx: Transaction, operator_id: string, origin: LoginOrigin): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const user_agent = origin.user_agent && storable(origin.user_agent.slice(0, USER_AGENT_CHARACTERS_MAX));
  const opened = await tx.oneFirst(sql.type(z.object({ opened: z.boolean() }))`
    SELECT open_session(${operator_id}, ${sql.binary(hashOf(token))}, ${SESSION_LIFETIME_S},
                        ${origin.ip}, ${user_agent}) AS opened`);
  if (!opened) throw wrongCredentials();
  return token;
}

const wrongCredentials = () => new IdentityError('wrong-credentials', 'E-mail address or password is wrong.');

const tooMany = (wait_s: number) =>
  new IdentityError('too-many-attempts', `Too many failed logins; try again in ${wait_s} s.`, {
    retry_after_s: wait_s,
  });
