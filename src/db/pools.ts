import type { DatabasePool, DatabaseTransactionConnection, Interceptor, QueryResultRow } from 'slonik';
import { createPool, SchemaValidationError } from 'slonik';
import { typeParsers } from './parsers.ts';

export type Pool = DatabasePool;
export type Transaction = DatabaseTransactionConnection;

/**
 * The database roles a Kist process may act as (migrations/0001). None can bypass row-level security;
 * `kist_carrier` alone sees all tenants' jobs, and of each only the routing columns.
 */
export type Role = 'kist_app' | 'kist_carrier';

/** Postgres ends the statement of a process that died within this time, and its row locks with it. */
const CLIENT_CHECK_MS = 2_000;

export interface PoolOptions {
  role: Role;
  connections_max: number;
  connection_timeout_ms?: number;
}

/** sql.type(schema) checks nothing by itself; this makes a row that breaks its schema an error. */
const validateRows: Interceptor = {
  name: 'validate-rows',
  transformRow: (context, query, row) => {
    const schema = context.resultParser;
    if (!schema) return row;
    const validated = schema['~standard'].validate(row);
    if (validated instanceof Promise) throw new TypeError('Row schemas must be synchronous.');
    if (validated.issues) throw new SchemaValidationError(query, row, [...validated.issues] as never);
    return validated.value as QueryResultRow;
  },
};

/**
 * The database address with the role a connection starts in, and without just-in-time compiling: to the planner
 * thousands of index probes look costly enough for it, and it takes longer than they do.
 */
export function connectionUri(databaseUrl: string, role: Role | null): string {
  const url = new URL(databaseUrl);
  if (role) {
    const given = url.searchParams.get('options');
    const ours = `-c role=${role} -c client_connection_check_interval=${CLIENT_CHECK_MS} -c jit=off`;
    url.searchParams.set('options', given ? `${given} ${ours}` : ours);
  }
  return url.toString();
}

/**
 * A slonik pool acting as `role`.
 *
 * - `resetConnection` does nothing: its DISCARD ALL cost a third of throughput (13.7k against 8.9k
 *   selects/s). So nothing may leave session state behind; tenants are set per transaction.
 * - transactions are not retried here but in inTenant, where the bound is named.
 * - statements are bounded per transaction (inTenant), not per connection.
 */
export function openPool(databaseUrl: string, options: PoolOptions): Promise<Pool> {
  return createPool(connectionUri(databaseUrl, options.role), {
    captureStackTrace: false,
    connectionTimeout: options.connection_timeout_ms ?? 5_000,
    idleInTransactionSessionTimeout: 60_000,
    idleTimeout: 60_000,
    interceptors: [validateRows],
    maxPoolSize: options.connections_max,
    queryRetryLimit: 0,
    resetConnection: async () => {},
    statementTimeout: 'DISABLE_TIMEOUT',
    transactionRetryLimit: 0,
    typeParsers,
  });
}
