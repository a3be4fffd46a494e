import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool } from '../src/db/pools.ts';
import { inTenant } from '../src/db/transaction.ts';
import { TENANT } from './identities.ts';

const jobRow = z.object({
  kind: z.string(),
  pending: z.number(),
  done: z.number(),
  dead: z.number(),
  held: z.number(),
  cancelled: z.number(),
});
const countRow = z.object({ name: z.string(), count: z.number() });
const moneyRow = z.object({
  disbursed: z.string(),
  collected: z.string(),
  principal_repaid: z.string(),
  interest_earned: z.string(),
  penal_charges: z.string(),
  in_wallets: z.string(),
});

export interface Summary {
  jobs: readonly z.output<typeof jobRow>[];
  applications: readonly z.output<typeof countRow>[];
  loans: readonly z.output<typeof countRow>[];
  /** Active loans by asset class, and business days by the state of their close. */
  classes: readonly z.output<typeof countRow>[];
  days: readonly z.output<typeof countRow>[];
  money: z.output<typeof moneyRow>;
}

/** How the demo's tenant stands, read from the database itself. */
export function summaryOf(pool: Pool): Promise<Summary> {
  return inTenant(pool, TENANT, async (tx) => ({
    jobs: await tx.any(sql.type(jobRow)`
      SELECT kind,
             count(*) FILTER (WHERE state = 'pending')::int4 AS pending,
             count(*) FILTER (WHERE state = 'done')::int4 AS done,
             count(*) FILTER (WHERE state = 'dead')::int4 AS dead,
             count(*) FILTER (WHERE state = 'held')::int4 AS held,
             count(*) FILTER (WHERE state = 'cancelled')::int4 AS cancelled
      FROM job WHERE tenant_id = ${TENANT}
      GROUP BY kind ORDER BY kind`),
    applications: await tx.any(sql.type(countRow)`
      SELECT state AS name, count(*)::int4 AS count
      FROM application WHERE tenant_id = ${TENANT}
      GROUP BY state ORDER BY state`),
    loans: await tx.any(sql.type(countRow)`
      SELECT state AS name, count(*)::int4 AS count
      FROM loan WHERE tenant_id = ${TENANT}
      GROUP BY state ORDER BY state`),
    classes: await tx.any(sql.type(countRow)`
      SELECT asset_class AS name, count(*)::int4 AS count
      FROM loan WHERE tenant_id = ${TENANT} AND state = 'active'
      GROUP BY asset_class ORDER BY asset_class`),
    days: await tx.any(sql.type(countRow)`
      SELECT state AS name, count(*)::int4 AS count
      FROM business_day WHERE tenant_id = ${TENANT}
      GROUP BY state ORDER BY state`),
    money: await tx.one(sql.type(moneyRow)`
      SELECT coalesce(sum(amount) FILTER (WHERE code LIKE 'loan/%/principal' AND direction = 'debit'), 0)
               ::numeric(30, 2) AS disbursed,
             coalesce(sum(amount) FILTER (WHERE code = 'bank' AND direction = 'debit'), 0)
               ::numeric(30, 2) AS collected,
             coalesce(sum(amount) FILTER (WHERE code LIKE 'loan/%/principal' AND direction = 'credit'), 0)
               ::numeric(30, 2) AS principal_repaid,
             coalesce(sum(CASE direction WHEN 'credit' THEN amount ELSE -amount END)
               FILTER (WHERE code = 'interest-income'), 0)::numeric(30, 2) AS interest_earned,
             coalesce(sum(CASE direction WHEN 'credit' THEN amount ELSE -amount END)
               FILTER (WHERE code = 'penal-income'), 0)::numeric(30, 2) AS penal_charges,
             coalesce(sum(CASE direction WHEN 'credit' THEN amount ELSE -amount END)
               FILTER (WHERE code LIKE 'wallet/%'), 0)::numeric(30, 2) AS in_wallets
      FROM entry e JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
      WHERE e.tenant_id = ${TENANT}`),
  }));
}

/** Jobs and business days that did not come to rest as they should: the demo's data makes none of them. */
export function unrestful({ jobs, days }: Summary): string[] {
  return [
    ...jobs
      .filter(({ pending, dead, held }) => pending + dead + held > 0)
      .map(({ kind, pending, dead, held }) => `${kind}: ${pending} pending, ${dead} dead, ${held} held`),
    ...days.filter(({ name }) => name !== 'closed').map(({ name, count }) => `${count} days are ${name}`),
  ];
}

export function printSummary(summary: Summary): void {
  console.log(
    `\n${'jobs'.padEnd(20)}${['done', 'cancelled', 'dead', 'held'].map((word) => word.padStart(10)).join('')}`,
  );
  for (const { kind, done, cancelled, dead, held } of summary.jobs) {
    console.log(
      kind.padEnd(20) + [done, cancelled, dead, held].map((count) => String(count).padStart(10)).join(''),
    );
  }
  const counts = (rows: Summary['loans']) => rows.map(({ name, count }) => `${count} ${name}`).join(', ');
  console.log(`\napplications        ${counts(summary.applications)}`);
  console.log(`loans               ${counts(summary.loans)}`);
  console.log(`asset classes       ${counts(summary.classes)}`);
  console.log(`business days       ${counts(summary.days)}, each with its signed report`);
  for (const [name, amount] of Object.entries(summary.money)) {
    console.log(`${name.replaceAll('_', ' ').padEnd(20)}${inRupees(amount).padStart(18)}`);
  }
}

/** Grouped as India writes it: lakhs and crores. */
function inRupees(amount: string): string {
  const [whole = '0', decimals = '00'] = amount.split('.');
  const grouped = whole.replace(/(\d)(?=(\d\d)+\d$)/g, '$1,');
  return `₹ ${grouped}.${decimals}`;
}
