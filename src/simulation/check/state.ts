import { createHash } from 'node:crypto';
import { TENANT } from '../world/lender.ts';
import type { World } from '../world/world.ts';

/** How everything stands at the end, without ids and instants. */
export interface EconomicState {
  /** SHA-256 over all lines below, hex. */
  digest: string;
  /** What differs first between two states is found by these. */
  lines: readonly string[];
}

/**
 * The economic state of the lender: each loan with its schedule, accruals and the borrower's wallet, each
 * account of the lender's own, what journals of each kind came to. Two lives of one plan must come to the
 * same, whatever broke meanwhile.
 */
export async function economicState(world: World): Promise<EconomicState> {
  const lines = (
    await Promise.all([LOANS, LENDER, JOURNALS, PAYOUTS, HOLDS].map((query) => linesOf(world, query)))
  ).flat();
  const hash = createHash('sha256');
  for (const line of lines) hash.update(line).update('\n');
  return { digest: hash.digest('hex'), lines };
}

/** The first line in which two states differ; null where they are the same. */
export function firstDifference(one: EconomicState, other: EconomicState): string | null {
  if (one.digest === other.digest) return null;
  const there = new Set(other.lines);
  const missing = one.lines.find((line) => !there.has(line));
  const here = new Set(one.lines);
  const strange = other.lines.find((line) => !here.has(line));
  return `${missing ?? '(nothing)'}  ≠  ${strange ?? '(nothing)'}`;
}

async function linesOf(world: World, query: string): Promise<string[]> {
  return (await world.sql<{ line: string }>(query, [TENANT])).map(({ line }) => line);
}

const money = (column: string) => `trim_scale(${column})`;
const hashOf = (row: string, order: string) =>
  `left(encode(sha256(convert_to(coalesce(string_agg(${row}, E'\\n' ORDER BY ${order}), ''), 'UTF8')), 'hex'), 16)`;

const INSTALMENTS = hashOf(
  `concat_ws('|', number, from_on, due_on, ${[
    ...[
      'principal',
      'interest',
      'fees',
      'penal',
      'penal_tax',
      'penal_base_days',
      'accrued',
      'paid_principal',
    ],
    ...['paid_interest', 'paid_fees', 'paid_penal'],
  ]
    .map(money)
    .join(', ')}, fell_due_on, paid_on)`,
  'number',
);
/** Corrections are told with what they correct: what was known when is history, what it came to is not. */
const ACCRUALS = hashOf(
  `concat_ws('|', component, instalment, chargeable_day, ${money('amount')}, ${money('tax')})`,
  'component, instalment, chargeable_day',
);

const LOANS = `
  SELECT concat_ws('|', 'loan', a.reference, a.state, a.product_code, l.state, l.asset_class, l.disbursed_on, l.closed_on,
    l.oldest_due_on, ${['l.principal', 'l.penal_charged', 'l.suspended_interest', 'l.suspended_penal', 'l.advance'].map(money).join(', ')},
    'schedule', schedule.hash, 'accruals', accruals.hash,
    'wallet', ${money('wallet.available')}, ${money('wallet.held')}) AS line
  FROM application a
  LEFT JOIN loan l ON l.tenant_id = a.tenant_id AND l.id = a.loan_id
  CROSS JOIN LATERAL (
    SELECT ${INSTALMENTS} AS hash FROM instalment WHERE tenant_id = l.tenant_id AND loan_id = l.id) AS schedule
  CROSS JOIN LATERAL (
    SELECT ${ACCRUALS} AS hash FROM (
      SELECT component, instalment, chargeable_day, sum(amount) AS amount, sum(tax) AS tax FROM (
        SELECT component, instalment, chargeable_day, amount, tax FROM accrual
        WHERE tenant_id = l.tenant_id AND loan_id = l.id
        UNION ALL
        SELECT component, instalment, chargeable_day, amount, tax FROM accrual_correction
        WHERE tenant_id = l.tenant_id AND loan_id = l.id) AS rows
      GROUP BY 1, 2, 3) AS days
    WHERE amount <> 0 OR tax <> 0) AS accruals
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(balance) FILTER (WHERE code NOT LIKE '%/held'), 0) AS available,
           coalesce(sum(balance) FILTER (WHERE code LIKE '%/held'), 0) AS held
    FROM account WHERE tenant_id = a.tenant_id
      AND code IN ('wallet/' || l.wallet_id, 'wallet/' || l.wallet_id || '/held')) AS wallet
  WHERE a.tenant_id = $1
  ORDER BY a.reference`;

/**
 * What a gateway took is told together with the bank that paid it: of a payment that came back at once, whether it
 * was ever seen to succeed hangs on when it was heard of, and with it whether fees were booked before a statement.
 * An account that money only passed through is left out: through suspense it goes where an answer was lost.
 */
const LENDER = `
  SELECT concat_ws('|', 'account', class, currency, trim_scale(sum(amount))) AS line
  FROM (
    SELECT CASE WHEN a.code IN ('bank', 'gateway-fees', 'input-tax') THEN 'bank and what gateways took'
                WHEN a.code LIKE '%/%/%' THEN split_part(a.code, '/', 1) || '/' || split_part(a.code, '/', 3)
                ELSE split_part(a.code, '/', 1) END AS class,
           a.currency, CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END AS amount
    FROM entry e JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
    WHERE e.tenant_id = $1) AS entries
  GROUP BY class, currency HAVING sum(amount) <> 0 ORDER BY class, currency`;

/** Those of payouts tell how each was heard of; what they came to is told by the payouts. */
const JOURNALS = `
  SELECT concat_ws('|', 'journals', kind, count(DISTINCT j.id), trim_scale(sum(e.amount))) AS line
  FROM journal j JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
  WHERE j.tenant_id = $1 AND kind NOT LIKE 'payout.%' GROUP BY kind ORDER BY kind`;

const PAYOUTS = `
  SELECT concat_ws('|', 'payout', p.purpose, coalesce(a.reference, p.reference), trim_scale(p.amount),
                   string_agg(p.state, ',' ORDER BY p.attempt)) AS line
  FROM payout p LEFT JOIN application a ON a.tenant_id = p.tenant_id AND a.loan_id = p.loan_id
  WHERE p.tenant_id = $1
  GROUP BY p.instruction_id, p.purpose, a.reference, p.reference, p.amount ORDER BY 1`;

const HOLDS = `
  SELECT concat_ws('|', 'hold', reference, state, trim_scale(amount), trim_scale(captured)) AS line
  FROM wallet_hold WHERE tenant_id = $1 ORDER BY reference`;
