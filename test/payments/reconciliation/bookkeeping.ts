import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { SettlementRow } from '../../../src/payments/gateway/gateway.ts';
import { listBreaks } from '../../../src/payments/reconciliation/breaks.ts';
import {
  aboutOf,
  type BankLine,
  type GatewayLine,
  type StatementLine,
} from '../../../src/payments/reconciliation/lines.ts';
import { addLines, beginLoad, finishLoad } from '../../../src/payments/reconciliation/loads.ts';
import { type Reconciliation, reconcile } from '../../../src/payments/reconciliation/reconcile.ts';
import type { PayoutState } from '../../../src/payments/states.ts';
import { type Books, openBooks } from '../../ledger/books.ts';
import { type TestDatabase, testDatabase } from '../../support/database.ts';

const LENDERS_MAX = 40;
export const GATEWAY = 'razorpay';
/** A Wednesday, on which all of it happens. */
export const DAY = '2026-11-18';
export const NEXT_DAY = '2026-11-19';
export const NOW = new Date('2026-11-20T18:00:00Z');

export interface PaidOut {
  id: string;
  provider_id: string;
  utr: string;
  amount: string;
  fees: string;
  tax: string;
  state: PayoutState;
  /** The day it was settled on. */
  on: string;
}

export interface Collected {
  id: string;
  provider_id: string;
  amount: string;
  fee: string;
  tax: string;
  state: 'captured' | 'failed' | 'settled' | 'refunded';
  on: string;
}

export interface Refunded {
  id: string;
  provider_id: string;
  collection: string;
  amount: string;
  state: 'pending' | 'processed' | 'failed';
  on: string;
}

/** A bookkeeper's table: what we paid, and what others say of it. */
export interface Bookkeeping extends Books {
  /** Puts payouts into the books' tables, without living through their lives. */
  paid(wishes: readonly Partial<PaidOut>[]): Promise<PaidOut[]>;
  collected(wishes: readonly Partial<Collected>[]): Promise<Collected[]>;
  refunded(wishes: readonly (Partial<Refunded> & { collection: string })[]): Promise<Refunded[]>;
  /** Reads a statement of `DAY` to `NEXT_DAY`. @returns the load's id */
  told(
    kind: 'account' | 'settlement' | 'bank',
    lines: readonly StatementLine[],
    days?: { from: string; to: string },
  ): Promise<string>;
  compare(...loads: string[]): Promise<Reconciliation>;
  /** What does not agree: `payout missing-there` …, sorted. */
  breaks(state?: 'open' | 'explained' | 'resolved'): Promise<string[]>;
}

let numbers = 0;

export function aPayout(wish: Partial<PaidOut> = {}): PaidOut {
  numbers += 1;
  return {
    ...{ id: uuidv7(), provider_id: `pout_${numbers}`, utr: `UTR${String(numbers).padStart(9, '0')}` },
    ...{ amount: '1000.00', fees: '5.90', tax: '0.90', state: 'succeeded', on: DAY },
    ...wish,
  };
}

export function aCollection(wish: Partial<Collected> = {}): Collected {
  numbers += 1;
  return {
    ...{ id: uuidv7(), provider_id: `pay_${numbers}`, amount: '1000.00', fee: '23.60', tax: '3.60' },
    ...{ state: 'captured', on: DAY },
    ...wish,
  };
}

function aRefund(wish: Partial<Refunded> & { collection: string }): Refunded {
  numbers += 1;
  return {
    id: uuidv7(),
    provider_id: `rfnd_${numbers}`,
    amount: '100.00',
    state: 'processed',
    on: DAY,
    ...wish,
  };
}

/** A database with a lender for each story of a file. */
export async function openLenders() {
  const names = Array.from({ length: LENDERS_MAX }, (_, index) => `lender-${index}`);
  const database = await testDatabase(names);
  let opened = 0;
  return { database, lender: () => openBookkeeping(database, names[opened++]) };
}

export async function openBookkeeping(database: TestDatabase, tenant = 'acme'): Promise<Bookkeeping> {
  const books = await openBooks(database, tenant);
  const account = uuidv7();
  await database.superuser(
    `INSERT INTO bank_account (tenant_id, id, borrower_id, holder, ifsc, account_number, added_by)
     VALUES ($1, $2, $3, 'Asha Rao', 'HDFC0000001', '123456789', 'test')`,
    [tenant, account, uuidv7()],
  );
  return {
    ...books,
    paid: async (wishes) => {
      const payouts = wishes.map(aPayout);
      await database.superuser(
        `INSERT INTO payout (tenant_id, id, instruction_id, attempt, purpose, wallet_id, bank_account_id, reference, gateway,
           mode, amount, currency, state, provider_id, utr, fees, tax, created_at, business_date, settled_at)
         SELECT $1, (p->>'id')::uuid, (p->>'id')::uuid, 1, 'withdrawal', $2::uuid, $2::uuid, p->>'id', '${GATEWAY}', 'IMPS',
           (p->>'amount')::numeric, 'INR', p->>'state', p->>'provider_id', p->>'utr', (p->>'fees')::numeric,
           (p->>'tax')::numeric, (p->>'on')::date + interval '6 hours', (p->>'on')::date,
           CASE WHEN p->>'state' IN ('succeeded', 'failed', 'reversed', 'cancelled', 'rejected')
             THEN (p->>'on')::date + interval '7 hours' END
         FROM jsonb_array_elements($3::jsonb) AS p`,
        [tenant, account, JSON.stringify(payouts)],
      );
      return payouts;
    },
    collected: async (wishes) => {
      const collected = wishes.map(aCollection);
      await database.superuser(
        `INSERT INTO collection (tenant_id, id, gateway, provider_id, amount, currency, fee, tax, state, paid_at, paid_on,
           captured_at, unallocated, created_at, business_date)
         SELECT $1, (c->>'id')::uuid, '${GATEWAY}', c->>'provider_id', (c->>'amount')::numeric, 'INR', (c->>'fee')::numeric,
           (c->>'tax')::numeric, c->>'state', at, at::date, CASE WHEN is_ours THEN at END,
           CASE WHEN is_ours THEN (c->>'amount')::numeric ELSE 0 END, at, at::date
         FROM jsonb_array_elements($2::jsonb) AS c,
           LATERAL (SELECT (c->>'on')::date + interval '6 hours' AS at, c->>'state' <> 'failed' AS is_ours) AS it`,
        [tenant, JSON.stringify(collected)],
      );
      return collected;
    },
    refunded: async (wishes) => {
      const refunds = wishes.map(aRefund);
      await database.superuser(
        `INSERT INTO refund (tenant_id, id, instruction_id, attempt, collection_id, amount, currency, state, request_body,
           provider_id, asked_by, created_at, business_date)
         SELECT $1, (r->>'id')::uuid, (r->>'id')::uuid, 1, (r->>'collection')::uuid, (r->>'amount')::numeric, 'INR',
           r->>'state', '{}', r->>'provider_id', 'test', (r->>'on')::date, (r->>'on')::date
         FROM jsonb_array_elements($2::jsonb) AS r`,
        [tenant, JSON.stringify(refunds)],
      );
      return refunds;
    },
    told: (kind, lines, days = { from: DAY, to: NEXT_DAY }) =>
      books.run(async (tx) => {
        const gateway = kind === 'bank' ? null : GATEWAY;
        const load = await beginLoad(tx, { kind, gateway }, { source: 'test', loaded_by: 'test' });
        await addLines(tx, load, lines, 1);
        const content_hash = createHash('sha256')
          .update(JSON.stringify([days, lines]))
          .digest();
        return (await finishLoad(tx, load, { content_hash, lines: lines.length, days, now: NOW })).id;
      }),
    compare: (...loads) => books.run((tx) => reconcile(tx, { tenant, now: NOW, loads, run_by: 'test' })),
    breaks: async (state = 'open') => {
      const found = await books.run((tx) => listBreaks(tx, { state, limit: 1_000 }));
      return found.map(({ subject_kind, result }) => `${subject_kind} ${result}`).sort();
    },
  };
}

type AccountLine = Partial<GatewayLine> & { parent?: string; on?: string };

/** How the gateway's account shows a payout. */
export function debited(payout: PaidOut, wish: AccountLine = {}): GatewayLine {
  const debit = (Number(payout.amount) + Number(payout.fees)).toFixed(2);
  return gatewayLine('payout', payout.provider_id, {
    ...{ debit, amount: payout.amount, fee: payout.fees, tax: payout.tax, utr: payout.utr },
    ...wish,
  });
}

/** How the gateway's account shows that it came back: the amount, and the fees where they do too. */
export function cameBack(payout: PaidOut, wish: AccountLine = {}): GatewayLine {
  return gatewayLine('reversal', `rvrsl_${payout.provider_id}`, {
    ...{ parent: payout.provider_id, credit: payout.amount, amount: payout.amount, utr: payout.utr },
    ...wish,
  });
}

export function gatewayLine(
  kind: SettlementRow['kind'],
  entity: string,
  { parent, on = DAY, ...wish }: AccountLine,
): GatewayLine {
  return {
    ...{ entity, kind, about: aboutOf({ kind, entity, parent: parent ?? null }) },
    ...{
      debit: '0.00',
      credit: '0.00',
      amount: '0.00',
      currency: 'INR',
      fee: '0.00',
      tax: '0.00',
      status: null,
    },
    ...{ settlement: null, utr: null, settled_at: null, balance: null, description: kind },
    happened_at: `${on}T08:00:00Z`,
    ...wish,
  };
}

export const SETTLEMENT = 'setl_1';
export const SETTLEMENT_UTR = 'NEFTSETL1';

/** How the gateway's report shows a payment: what it took is taken off. */
export function settled(collected: Collected, wish: AccountLine = {}): GatewayLine {
  const credit = (Number(collected.amount) - Number(collected.fee)).toFixed(2);
  return gatewayLine('payment', collected.provider_id, {
    ...{ credit, amount: collected.amount, fee: collected.fee, tax: collected.tax, status: 'settled' },
    ...{ settlement: SETTLEMENT, utr: SETTLEMENT_UTR, settled_at: `${NEXT_DAY}T08:00:00Z` },
    ...wish,
  });
}

export function givenBack(refund: Refunded, wish: AccountLine = {}): GatewayLine {
  return gatewayLine('refund', refund.provider_id, {
    ...{ debit: refund.amount, amount: refund.amount, status: 'settled' },
    ...{ settlement: SETTLEMENT, utr: SETTLEMENT_UTR, settled_at: `${NEXT_DAY}T08:00:00Z` },
    ...wish,
  });
}

/** How the bank shows a settlement. */
export function bankCredit(credit: string, wish: Partial<BankLine> = {}): BankLine {
  return bankLine({
    on_date: NEXT_DAY,
    utr: SETTLEMENT_UTR,
    credit,
    description: 'NEFT settlement',
    ...wish,
  });
}

/** How the bank shows a payout. */
export function bankDebit(payout: PaidOut, wish: Partial<BankLine> = {}): BankLine {
  const debit = (Number(payout.amount) + Number(payout.fees)).toFixed(2);
  return bankLine({ utr: payout.utr, debit, description: `IMPS ${payout.utr}`, ...wish });
}

export function bankLine(wish: Partial<BankLine>): BankLine {
  return {
    ...{
      on_date: DAY,
      utr: null,
      description: 'a line',
      debit: '0.00',
      credit: '0.00',
      currency: 'INR',
      balance: null,
    },
    ...wish,
  };
}
