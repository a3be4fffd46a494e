import { type Actor, PLATFORM, type Role } from './actor.ts';
import { IdentityError } from './errors.ts';

/**
 * What may be done, as services' scopes and operators' permissions alike: `jobs:<kind>` to enqueue a
 * kind, `jobs:read`, `jobs:operate` (cancel, redrive, release, drop), `loans:…`, and so on; `…:approve` is
 * to vote on what others propose. One that
 * ends in `*` covers everything that begins like it.
 */
const ADDED_BY_ROLE: Record<Role, readonly string[]> = {
  viewer: [
    'jobs:read',
    'loans:read',
    'wallets:read',
    'ledger:read',
    'days:read',
    'products:read',
    'approvals:read',
    'events:read',
    'webhooks:read',
    'gateways:read',
    'bank-accounts:read',
    'borrowers:read',
    'payments:read',
    'notifications:read',
  ],
  operator: [
    'jobs:operate',
    'days:close',
    'wallets:freeze',
    'loans:write',
    'ledger:reverse',
    'products:write',
    'bank-accounts:write',
    'borrowers:write',
    'bank-accounts:check',
    'payments:write',
    'notifications:send',
    'notifications:operate',
  ],
  approver: [
    'loans:approve',
    'payments:approve',
    'ledger:approve',
    'products:approve',
    'jobs:approve',
    'payments:approve',
    'switches:approve',
    'audit:read',
    'notifications:proof',
  ],
  admin: [
    'jobs:*',
    'webhooks:write',
    'gateways:write',
    'gateways:bodies',
    'notifications:manage',
    'switches:write',
    'policy:*',
    'operators:write',
    'services:write',
    'tenant:write',
  ],
};

/** bull-board shows every tenant's queues, so only the platform's own people see it. */
const ADDED_ON_PLATFORM: Record<Role, readonly string[]> = {
  viewer: ['board:read'],
  operator: ['board:operate'],
  approver: [],
  admin: ['tenants:write'],
};

const LADDER: readonly Role[] = ['viewer', 'operator', 'approver', 'admin'];

/** What an operator of this role may do; more for the people of the reserved tenant. */
export function scopesOf(role: Role, tenant: string): ReadonlySet<string> {
  const roles = LADDER.slice(0, LADDER.indexOf(role) + 1);
  return new Set(
    roles.flatMap((each) => [
      ...ADDED_BY_ROLE[each],
      ...(tenant === PLATFORM ? ADDED_ON_PLATFORM[each] : []),
    ]),
  );
}

/** Whether `granted` covers `scope`: it is in there, or a wildcard is that it begins like. */
export function covers(granted: ReadonlySet<string>, scope: string): boolean {
  if (granted.has(scope)) return true;
  for (const each of granted) {
    if (each.endsWith('*') && scope.startsWith(each.slice(0, -1))) return true;
  }
  return false;
}

export function hasScope(actor: Actor, scope: string): boolean {
  return covers(actor.scopes, scope);
}

/** Whether the actor may do it; the same question for services and operators. */
export const can = hasScope;

/** @throws IdentityError missing-scope (403) where the actor may not. */
export function assertCan(actor: Actor, scope: string): void {
  if (can(actor, scope)) return;
  const who = actor.role ? `The role ${actor.role}` : `${actor.kind} ${actor.name}`;
  throw new IdentityError('missing-scope', `${who} does not have the permission ${scope}.`);
}

/**
 * The actor as acting for `tenant`. Only the platform's operators and Kist itself may do so for a
 * tenant other than their own.
 * @throws IdentityError wrong-tenant (403)
 */
export function actFor(actor: Actor, tenant: string): Actor {
  if (actor.tenant === tenant) return actor;
  if (!actor.platform && actor.kind !== 'system') {
    throw new IdentityError('wrong-tenant', `${actor.kind} ${actor.name} may not act for another tenant.`);
  }
  return { ...actor, tenant };
}
