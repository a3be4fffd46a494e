import type { SettlementRow } from '../gateway/gateway.ts';

export const STATEMENT_KINDS = ['bank', 'settlement', 'account'] as const;
/**
 * Which statement: the bank's own, what the gateway settled of collections, or the gateway's statement of
 * the account that payouts are paid from.
 */
export type StatementKind = (typeof STATEMENT_KINDS)[number];

/** A line of a bank's statement. Amounts are decimal texts, never below zero. */
export interface BankLine {
  on_date: string;
  utr: string | null;
  description: string;
  debit: string;
  credit: string;
  /** The tenant's own where the bank does not tell. */
  currency: string | null;
  balance: string | null;
}

/** A line of a gateway's statement, as it is stored. Instants are ISO 8601. */
export interface GatewayLine {
  entity: string;
  kind: SettlementRow['kind'];
  /** The gateway's id of our payout, payment or refund that it is about. */
  about: string;
  debit: string;
  credit: string;
  amount: string;
  currency: string;
  fee: string;
  tax: string;
  status: string | null;
  settlement: string | null;
  utr: string | null;
  happened_at: string;
  settled_at: string | null;
  balance: string | null;
  description: string;
}

export type StatementLine = BankLine | GatewayLine;

/** A reversal is about the payout that came back; all else is about itself. */
export function aboutOf({ kind, entity, parent }: Pick<SettlementRow, 'kind' | 'entity' | 'parent'>): string {
  return kind === 'reversal' ? (parent ?? entity) : entity;
}

/** What the gateway answered, as a line. */
export function lineOfRow({ parent, happened_at, settled_at, ...row }: SettlementRow): GatewayLine {
  return {
    ...row,
    about: aboutOf({ ...row, parent }),
    happened_at: happened_at.toISOString(),
    settled_at: settled_at?.toISOString() ?? null,
  };
}
