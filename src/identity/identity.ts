import type { Logger } from 'pino';
import type { Pool } from '../db/pools.ts';
import type { Actor } from './actor.ts';

export interface IdentityOptions {
  /** Acts as kist_app. */
  pool: Pool;
  log: Logger;
  /** What the `aud` of a service's token must say; default `kist`. */
  audience?: string;
  /** The wall clock that tokens are judged by, in ms; default Date.now. */
  now_ms?: () => number;
}

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

export function createIdentity(_options: IdentityOptions): Identity {
  throw new Error('Not built yet.');
}
