import type { z } from 'zod';
import { GatewayError } from '../errors.ts';
import type { Gateway, GatewayCall, SettlementRow } from '../gateway.ts';
import type { Send } from './http.ts';
import { collectionOf, type ReconRow, reconRow, type TransactionEntity, transaction } from './schemas.ts';

const RECON_ROWS_A_PAGE = 1_000;
/** Razorpay gives no more transactions at once. */
const TRANSACTIONS_A_PAGE = 100;
const PAGES_MAX = 20_000;
const NOTHING = '0.00';
/** Indian Standard Time knows no summer. */
const IST = '+05:30';

/** What was settled, and the account's statement (docs: api/settlements/fetch-recon, api/x/transactions). */
export function createStatements(send: Send): Pick<Gateway, 'settlementRows' | 'accountRows'> {
  return {
    async *settlementRows(on, call) {
      const [year, month, day] = on.split('-') as [string, string, string];
      const query = { year, month, day };
      const path = '/settlements/recon/combined';
      for await (const page of pages(send, { path, item: reconRow, query, size: RECON_ROWS_A_PAGE }, call)) {
        yield* page.map(settlementRow);
      }
    },
    async *accountRows({ from, to }, call) {
      const query = {
        account_number: call.account.account_number,
        from: Date.parse(`${from}T00:00:00${IST}`) / 1_000,
        to: Date.parse(`${to}T23:59:59${IST}`) / 1_000,
      };
      const request = { path: '/transactions', item: transaction, query, size: TRANSACTIONS_A_PAGE };
      // The newest come first: one that is added meanwhile pushes those we have on to the next page.
      let seen = new Set<string>();
      for await (const page of pages(send, request, call)) {
        yield* page.filter((line) => !seen.has(line.id)).map(accountRow);
        seen = new Set(page.map((line) => line.id));
      }
    },
  };
}

interface Listing<T> {
  path: string;
  item: z.ZodType<T>;
  query: Record<string, string | number>;
  size: number;
}

/** Every page of a list, the newest first as Razorpay has them, to the last one. */
export async function* pages<T>(
  send: Send,
  { path, item, query, size }: Listing<T>,
  call: GatewayCall,
): AsyncGenerator<T[]> {
  const answer = collectionOf(item);
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { items } = await send({ path, answer, query: { ...query, count: size, skip: page * size } }, call);
    yield items;
    if (items.length < size) return;
  }
  throw new GatewayError('rejected', 'too-many-pages', `A list of more than ${PAGES_MAX} pages is not read.`);
}

const RECON_KINDS = ['payment', 'refund', 'adjustment', 'transfer'] as const;

function settlementRow(row: ReconRow): SettlementRow {
  return {
    entity: row.entity_id,
    kind: RECON_KINDS.find((kind) => kind === row.type) ?? 'other',
    parent: row.payment_id,
    debit: row.debit,
    credit: row.credit,
    amount: row.amount,
    currency: row.currency,
    fee: row.fee ?? NOTHING,
    tax: row.tax ?? NOTHING,
    status: row.settled === undefined || row.settled === null ? null : row.settled ? 'settled' : 'unsettled',
    settlement: row.settlement_id,
    utr: row.settlement_utr,
    happened_at: row.created_at,
    settled_at: row.settled_at,
    balance: null,
    description: row.description ?? '',
  };
}

const SOURCE_KINDS = ['payout', 'reversal', 'adjustment'] as const;

function accountRow(line: TransactionEntity): SettlementRow {
  const { source } = line;
  return {
    entity: source?.id ?? line.id,
    kind: SOURCE_KINDS.find((kind) => kind === source?.entity) ?? 'other',
    parent: source?.payout_id ?? null,
    debit: line.debit,
    credit: line.credit,
    amount: line.amount,
    currency: line.currency,
    fee: source?.fees ?? NOTHING,
    tax: source?.tax ?? NOTHING,
    status: source?.status ?? null,
    settlement: null,
    utr: source?.utr ?? source?.bank_reference ?? null,
    happened_at: line.created_at,
    settled_at: null,
    balance: line.balance,
    description: source?.entity ?? '',
  };
}
