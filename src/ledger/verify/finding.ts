/** What can be wrong with books. Codes are stable; a retired one is never used again. */
export type FindingCode =
  /** A journal or its entries are not what was hashed: a field, an amount or a line was changed. */
  | 'hash-mismatch'
  /** A journal does not continue the hash of the one before it. */
  | 'chain-broken'
  /** Journals are missing between others of their stream. */
  | 'journal-missing'
  /** A stream ends before its head, or before what a seal covers. */
  | 'tail-cut'
  /** Journals stand beyond the head of their stream, or in a stream that was never begun. */
  | 'journal-inserted'
  /** The head of a stream does not carry the hash of its last journal. */
  | 'head-mismatch'
  /** A journal does not balance, or is not whole. */
  | 'unbalanced'
  /** Entries without a journal. */
  | 'entry-without-journal'
  /** An entry names an account that does not exist, or one kept in another currency. */
  | 'account-mismatch'
  /** A balance, or a snapshot of one, is not the sum of the entries. */
  | 'balance-mismatch'
  /** The ranges of the seals leave a gap, overlap, or go with no seal. */
  | 'seal-range-mismatch'
  /** A seal does not cover the journals as they stand, or was itself changed. */
  | 'seal-mismatch'
  /** A seal is missing, or does not follow from the one before. */
  | 'seal-chain-broken'
  /** A seal is not signed with the key given. */
  | 'seal-signature';

export interface Finding {
  code: FindingCode;
  tenant: string;
  table: 'journal' | 'entry' | 'stream' | 'account' | 'seal' | 'seal_range' | 'account_snapshot';
  /** The row's key within its tenant. */
  id: string;
  message: string;
}

/** Thrown inside verification at the first bad row. */
export class BadRow extends Error {
  readonly finding: Omit<Finding, 'tenant'>;

  constructor(code: FindingCode, table: Finding['table'], id: string | bigint, message: string) {
    super(message);
    this.finding = { code, table, id: String(id), message };
  }
}
