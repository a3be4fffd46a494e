import { systemClock } from '../../src/calendar/clock.ts';
import { openPool } from '../../src/db/pools.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { recordAuditIn } from '../../src/identity/audit.ts';
import { disburseLoans } from '../../src/loans/disbursal.ts';
import { auditRow } from './effect.ts';
import { answer, Meter, ready, stopWith, task } from './ipc.ts';

/** The floor: the grouped SQL in a bare loop, no queue; as many loops as a worker has groups at once. */
const { databaseUrl, tenant, loans } = await task<{ databaseUrl: string; tenant: string; loans: string[] }>();
const GROUP = 64;
const LOOPS = 2;
const pool = await openPool(databaseUrl, { role: 'kist_app', connections_max: LOOPS });
const meter = new Meter(loans.length);
stopWith(() => pool.end());
ready();
let next = 0;
await Promise.all(Array.from({ length: LOOPS }, loop));

async function loop(): Promise<void> {
  while (next < loans.length) {
    const group = loans.slice(next, next + GROUP);
    next += GROUP;
    await inTenant(pool, tenant, async (tx) => {
      await disburseLoans(tx, tenant, systemClock, group);
      await recordAuditIn(tx, group.map(auditRow));
    });
    const rate = meter.add(group.length);
    if (rate !== undefined) answer({ rate });
  }
}
