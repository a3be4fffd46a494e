import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { businessDayAt } from '../../ledger/business-day.ts';
import type { PayoutPicture, PayoutStatus } from '../gateway/gateway.ts';
import type { Occasion } from '../occasion.ts';
import { applyPayoutPicture } from '../payouts/apply.ts';
import { businessDaysBefore } from './coverage.ts';
import { REVERSAL_DAYS } from './results.ts';

type Moment = Omit<Occasion, 'evidence' | 'detail' | 'gateway'>;

/** What one run settles at most; what is left is settled by the next. */
const SETTLED_MAX = 1_000;

const shownRow = z.object({
  gateway: z.string(),
  provider_id: z.string(),
  id: z.string(),
  amount: z.string(),
  currency: z.string(),
  fee: z.string(),
  tax: z.string(),
  utr: z.string().nullable(),
  status: z.string().nullable(),
  came_back: z.boolean(),
  on_date: z.string(),
  happened_at: z.date(),
  load_id: z.string(),
  line: z.number(),
});

/**
 * Lets the account's statement settle what nobody knew: payouts whose outcome is open here, or which came back
 * and are paid here. A debit shows a payment; one that was not undone within the time for it stands.
 * @returns how many payouts moved
 */
export async function applyStatements(
  tx: Transaction,
  moment: Moment,
  loads: readonly string[],
): Promise<number> {
  const { today, calendar } = await businessDayAt(tx, moment.tenant, moment.clock.now());
  const stands_before = businessDaysBefore(today, REVERSAL_DAYS, calendar);
  const shown = await tx.any(sql.type(shownRow)`
    SELECT DISTINCT ON (p.id) p.gateway, p.provider_id, p.id, p.amount, p.currency, l.fee, l.tax, l.utr, l.status,
           back.line IS NOT NULL AS came_back, l.on_date, l.happened_at, l.load_id, l.line
    FROM gateway_line seen
    JOIN payout p ON p.tenant_id = seen.tenant_id AND p.gateway = seen.gateway AND p.provider_id = seen.about
    JOIN gateway_line l ON l.tenant_id = seen.tenant_id AND l.gateway = seen.gateway AND l.about = seen.about
     AND l.source = 'account' AND l.kind = 'payout' AND l.current
    LEFT JOIN gateway_line back ON back.tenant_id = seen.tenant_id AND back.gateway = seen.gateway
     AND back.about = seen.about AND back.source = 'account' AND back.kind = 'reversal' AND back.current
    WHERE seen.tenant_id = current_tenant() AND seen.load_id = ANY (${sql.array(loads, 'uuid')})
      AND seen.source = 'account' AND seen.kind IN ('payout', 'reversal')
      AND (p.state IN ('submitting', 'unknown', 'suspense', 'pending', 'queued', 'scheduled', 'processing')
           OR p.state IN ('succeeded', 'failed') AND back.line IS NOT NULL)
    ORDER BY p.id LIMIT ${SETTLED_MAX}`);
  let moved = 0;
  for (const row of shown) {
    const status = statusOf(row, stands_before);
    if (status === null) continue;
    const occasion = { ...moment, gateway: row.gateway, evidence: 'statement' as const };
    const detail = { load: row.load_id, line: row.line };
    const reading = await applyPayoutPicture(tx, { ...occasion, detail }, pictureOf(row, status));
    if (reading === 'move') moved += 1;
  }
  return moved;
}

/** Goes by what the gateway says of lines about payouts that nobody here knew. @returns how many moved */
export async function applyPictures(
  tx: Transaction,
  moment: Moment & { gateway: string },
  pictures: readonly PayoutPicture[],
): Promise<number> {
  let moved = 0;
  for (const picture of pictures) {
    const occasion = { ...moment, evidence: 'statement' as const, detail: { entity: picture.id } };
    if ((await applyPayoutPicture(tx, occasion, picture)) === 'move') moved += 1;
  }
  return moved;
}

function statusOf(
  { came_back, status, on_date }: z.output<typeof shownRow>,
  stands_before: string,
): PayoutStatus | null {
  if (came_back) return 'reversed';
  if (status === 'processed' || on_date < stands_before) return 'succeeded';
  return null;
}

function pictureOf(row: z.output<typeof shownRow>, status: PayoutStatus): PayoutPicture {
  const { provider_id, id, amount, currency, fee, tax, utr, happened_at } = row;
  return {
    ...{ of: 'payout', id: provider_id, reference: id, status, amount, currency, created_at: happened_at },
    ...{ mode: null, fees: fee, tax, utr, reason: null },
  };
}
