import type { Logger } from 'pino';
import type { Pool } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import type { Actor } from './actor.ts';
import { createAuthenticator } from './authenticate.ts';
import { endSessions, setLocked } from './operators.ts';
import { closeSession, findSession, type LoginOrigin, openSession, type Session } from './sessions.ts';
import { DEFAULT_AUDIENCE } from './sign.ts';

export type { LoginOrigin, Session } from './sessions.ts';

export interface IdentityOptions {
  /** Acts as kist_app. */
  pool: Pool;
  log: Logger;
  /** What the `aud` of a service's token must say; default `kist`. */
  audience?: string;
  /** The wall clock that tokens are judged by, in ms; default Date.now. */
  now_ms?: () => number;
}

export interface Identity {
  /**
   * The service that presents this `Authorization` header (`Bearer …`, or the bare token).
   * @throws IdentityError with a code that says what is wrong with the token
   */
  authenticateService(authorization: string | undefined): Promise<Actor>;
  /**
   * Opens a session. The token is for the cookie; only its hash is kept. Leaves an audit row either way.
   * @throws IdentityError wrong-credentials, too-many-attempts (with retry_after_s) or login-busy
   */
  login(email: string, password: string, origin: LoginOrigin): Promise<{ token: string; session: Session }>;
  /** @throws IdentityError no-session where the session is unknown, over, or its operator locked. */
  sessionOf(token: string | undefined): Promise<Session>;
  /** As sessionOf, the actor only. */
  actorOfSession(token: string | undefined): Promise<Actor>;
  /** Ends this session, on every process at once. */
  logout(token: string): Promise<void>;
  /** Ends every session of the operator, on every process at once. @returns how many. */
  logoutEverywhere(tenant: string, operator_id: string): Promise<number>;
  /** Locks the operator out and ends every session. @returns false where there is no such operator. */
  lockOperator(tenant: string, operator_id: string): Promise<boolean>;
  unlockOperator(tenant: string, operator_id: string): Promise<boolean>;
}

/** Who may come in, as the API and the board ask it. Keeps no session state in the process. */
export function createIdentity(options: IdentityOptions): Identity {
  const { pool, log, audience = DEFAULT_AUDIENCE, now_ms = Date.now } = options;
  return {
    authenticateService: createAuthenticator({ pool, audience, now_ms }),
    login: async (email, password, origin) => {
      const token = await openSession(pool, { email, password }, origin);
      const session = await findSession(pool, token);
      log.info({ tenant: session.actor.tenant, operator: session.operator_id }, 'operator logged in');
      return { token, session };
    },
    sessionOf: (token) => findSession(pool, token),
    actorOfSession: async (token) => (await findSession(pool, token)).actor,
    logout: (token) => closeSession(pool, token),
    logoutEverywhere: (tenant, operator_id) =>
      inTenant(pool, tenant, (tx) => endSessions(tx, tenant, operator_id)),
    lockOperator: (tenant, operator_id) => setLocked(pool, tenant, operator_id, true),
    unlockOperator: (tenant, operator_id) => setLocked(pool, tenant, operator_id, false),
  };
}
