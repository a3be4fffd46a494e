import type { SuppressionReason } from '../rules/suppression.ts';

/**
 * What a receipt says of its message:
 * `taken` the provider has it; `delivered` it reached the person; `bounced` it did not, and will not;
 * `nothing` that moves it.
 */
export type Says = 'taken' | 'delivered' | 'bounced' | 'nothing';

/** A receipt as it is understood. */
export interface Receipt {
  /** What happened, in the provider's own word. */
  event: string;
  /** What makes it the same as one told before. */
  same_as: readonly string[];
  says: Says;
  /** Of a bounce, ours: `brevo-hard-bounce`. */
  code: string | null;
  /** Why nothing more goes to the address, where that follows. */
  suppress: SuppressionReason | null;
  /** Whether India's networks dropped the text, as it is not the registered one. */
  is_dlt_rejection: boolean;
  /** The message's id, where it came along with it. */
  message: string | null;
  /** The provider's. */
  provider_id: string | null;
  /** As Kist writes addresses. */
  address: string | null;
  happened_at: Date | null;
}

/** How a provider's receipts are read. */
export interface ReceiptReader {
  /** Whether each receipt comes with the id that its message had before it was sent: one that is unknown is not ours. */
  names_messages: boolean;
  /** The receipts in what was told at once, each as it came; null where nobody can read it. */
  split(body: string): string[] | null;
  /** Null where nobody can read it, or it is of nothing that Kist sends. */
  read(body: string): Receipt | null;
}

/** A message whose provider has told nothing of it. */
export interface Unheard {
  id: string;
  provider_id: string | null;
}

/** Asks a provider what became of messages. */
export interface Asking {
  /** Between two questions: providers take fewer of them than of messages. */
  gap_ms: number;
  /**
   * @returns receipts as they came, to be read by the ReceiptReader
   * @throws ProviderError, or whatever the signal was aborted with
   */
  ask(message: Unheard, signal: AbortSignal): Promise<string[]>;
}
