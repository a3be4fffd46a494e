import type { Connections } from './providers/connections.ts';

/** What sending notifications needs besides the database. */
export interface Notifications {
  /** Tenants' providers, ready to send. */
  connections: Connections;
}

declare module '../runtime/definition.ts' {
  interface Services {
    notifications: Notifications;
  }
}
