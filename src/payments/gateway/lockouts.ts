import { sql } from 'slonik';
import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { raiseException, resolveExceptions } from '../exceptions.ts';
import type { Occasion } from '../occasion.ts';
import { GatewayError } from './errors.ts';

const CODE = 'locked-out';
/** An account with a gateway has no id of its own: its tenant and this name are one. */
const NAMES = '5b1a2c1e-4f0e-4d6b-9b7e-0d6a6f1c7e21';

/** What exceptions about a tenant's account with a gateway are about. */
export function accountSubject(gateway: string): string {
  return uuidv5(gateway, NAMES);
}

/** A tenant that has no account with a gateway, or a disabled one, is locked out of it. */
export function noAccountWith(gateway: string): GatewayError {
  return new GatewayError('locked-out', 'no-gateway', `There is no enabled account with ${gateway}.`);
}

/**
 * Puts it before people that a gateway does not let us in: once for the account, however many payments wait for
 * it.
 */
export async function tellLockedOut(
  tx: Transaction,
  { tenant, clock }: Pick<Occasion, 'tenant' | 'clock'>,
  gateway: string,
  { status, code, message }: GatewayError,
): Promise<void> {
  const subject = accountSubject(gateway);
  // Many find out at once, and none of them sees what another is about to write.
  await tx.query(sql.type(z.object({}))`
    SELECT pg_advisory_xact_lock(hashtextextended(current_tenant() || ' ' || ${subject}, 0))`);
  const occasion = { tenant, clock, evidence: 'answer' as const, detail: { gateway, status, code } };
  await raiseException(tx, occasion, {
    ...{ kind: 'gateway', subject, code: CODE },
    message: `${gateway}: ${message} Its key, or the address we call from, must be mended.`,
  });
}

/** It has answered: what people were asked about the account is done. */
export function letIn(tx: Transaction, { clock }: Pick<Occasion, 'clock'>, gateway: string): Promise<void> {
  const resolution = { by: 'system:payments', at: clock.now(), why: `${gateway} lets us in.` };
  return resolveExceptions(tx, { subjects: [accountSubject(gateway)], codes: [CODE] }, resolution);
}
