import type { Transaction } from '../db/pools.ts';
import { asTenant } from '../db/transaction.ts';
import { PLATFORM } from '../identity/actor.ts';
import { ActionRefused } from '../identity/approval-errors.ts';

/** Of which tenant the switch is meant. @throws ActionRefused where only the platform's people may mean all */
export function tenantMeant(own: string, every_tenant: boolean): string {
  if (!every_tenant) return own;
  if (own === PLATFORM) return '*';
  throw new ActionRefused('wrong-tenant', 'Only the platform’s own people act on a switch of every tenant.');
}

/** Does `work` as the tenant meant. */
export function asMeant(
  tx: Transaction,
  own: string,
  every_tenant: boolean,
  work: () => Promise<void>,
): Promise<void> {
  return asTenant(tx, tenantMeant(own, every_tenant), work);
}

export function jobsMeant(kind: string, every_tenant: boolean): string {
  return `${kind === '*' ? 'all jobs' : `jobs of kind ${kind}`}${every_tenant ? ' of every tenant' : ''}`;
}
