import { sql } from 'slonik';
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { type ControlAccounts, controlAccounts } from '../../ledger/accounts.ts';
import { entriesOfMoves } from '../../ledger/entries.ts';
import { type Decimal, toDecimal } from '../../ledger/money.ts';
import { type EntryDraft, type JournalDraft, post } from '../../ledger/post.ts';

/** A settlement is a chain of its own in the books; its id there is made of the gateway's. */
const SETTLEMENTS = '0197a3c0-5a1e-7b57-9d3c-6b6973740016';
const POSTED_AT_ONCE = 1_000;

const settlementRow = z.object({
  gateway: z.string(),
  id: z.string(),
  currency: z.string(),
  gross: z.string(),
  adjusted: z.string(),
  fee: z.string(),
  tax: z.string(),
  net: z.string(),
});
type Settlement = z.output<typeof settlementRow>;

export interface PostingMoment {
  tenant: string;
  business_date: string;
  now: Date;
}

/** Posts the settlements that agree with the bank, each once for ever. @returns how many */
export async function postMatchedSettlements(tx: Transaction, moment: PostingMoment): Promise<number> {
  let number = 0;
  for (;;) {
    const settlements = await tx.any(sql.type(settlementRow)`
      SELECT s.gateway, s.id, s.currency, s.gross, s.adjusted, s.fee, s.tax, s.net
      FROM settlement s JOIN pg_temp.finding f ON f.subject_kind = 'settlement' AND f.gateway = s.gateway AND f.subject = s.id
      WHERE s.tenant_id = current_tenant() AND s.journal_id IS NULL AND f.result IN ('matched', 'late')
      ORDER BY s.gateway, s.id LIMIT ${POSTED_AT_ONCE}`);
    if (settlements.length === 0) return number;
    await postAll(tx, moment, settlements);
    number += settlements.length;
  }
}

/** Posts one that people decided about, as its lines add up; again changes nothing. */
export async function postSettlement(
  tx: Transaction,
  moment: PostingMoment,
  { gateway, id }: { gateway: string; id: string },
): Promise<void> {
  const settlements = await tx.any(sql.type(settlementRow)`
    SELECT gateway, id, currency, gross, adjusted, fee, tax, net FROM settlement
    WHERE tenant_id = current_tenant() AND gateway = ${gateway} AND id = ${id} AND journal_id IS NULL`);
  await postAll(tx, moment, settlements);
}

async function postAll(
  tx: Transaction,
  { tenant, business_date, now }: PostingMoment,
  settlements: readonly Settlement[],
) {
  const controls = await controlAccounts(tx, tenant);
  const drafts = settlements.map((settlement): JournalDraft => {
    const { gateway, id } = settlement;
    const key = `settlement/${gateway}/${id}`;
    return {
      ...{ id: uuidv7(), stream: uuidv5(`${tenant}/${key}`, SETTLEMENTS), kind: 'settlement.paid', key },
      ...{ business_date, posted_at: now, entries: entriesOf(settlement, controls) },
    };
  });
  // One in which nothing moved has nothing to post, and is done all the same.
  const postings = await post(
    tx,
    drafts.filter(({ entries }) => entries.length > 0),
  );
  const wrong = postings.find(({ status }) => status !== 'posted');
  if (wrong) throw new Error(`A settlement ended ${wrong.status}.`);
  const rows = settlements.map(({ gateway, id }, index) => [gateway, id, drafts[index]!.id]);
  await tx.query(sql.unsafe`
    UPDATE settlement s SET journal_id = done.journal_id
    FROM ${sql.unnest(rows, ['text', 'text', 'uuid'])} AS done (gateway, id, journal_id)
    WHERE s.tenant_id = current_tenant() AND s.gateway = done.gateway AND s.id = done.id`);
}

/** Dr bank (net), gateway-fees, input-tax; Cr collection-clearing (gross), suspense (adjustments). */
function entriesOf(
  { currency, gross, adjusted, fee, tax, net }: Settlement,
  controls: ControlAccounts,
): EntryDraft[] {
  const lines: [string, Decimal][] = [
    [controls.bank, toDecimal(net)],
    [controls['gateway-fees'], toDecimal(fee).minus(toDecimal(tax))],
    [controls['input-tax'], toDecimal(tax)],
    [controls['collection-clearing'], toDecimal(gross).negated()],
    [controls.suspense, toDecimal(adjusted).negated()],
  ];
  return entriesOfMoves(lines, currency);
}
