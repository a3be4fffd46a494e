/** From least to most; each role may do what the one before it may (roles.ts has the table). */
export const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** The reserved tenant of the people who run the installation; they may act for every tenant. */
export const PLATFORM = 'platform';

/** Who asks: a service with a token, a person with a session, or Kist itself. */
export interface Actor {
  kind: 'service' | 'operator' | 'system';
  /** A service's name, an operator's e-mail address, or the part of Kist that acts. */
  name: string;
  /** The tenant acted for; a platform operator acting for a tenant has that tenant here. */
  tenant: string;
  role?: Role;
  /** What may be done; an operator's come from the role. Asked through `can`, never directly. */
  scopes: ReadonlySet<string>;
  /** Set on a platform operator, whatever the tenant acted for. */
  platform?: true;
}

/** `service:NAME`, `operator:E-MAIL`, `system:PART`: as jobs and the audit trail name the one who asked. */
export function actorLabel(actor: Pick<Actor, 'kind' | 'name'>): string {
  return `${actor.kind}:${actor.name}`;
}

/** Kist itself, acting for a tenant: schedules, jobs that follow from jobs, the command line. */
export function systemActor(part: string, tenant: string): Actor {
  return { kind: 'system', name: part, tenant, scopes: new Set(['*']) };
}
