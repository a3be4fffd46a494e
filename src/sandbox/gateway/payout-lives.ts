import type { PayoutStatus, StatusDetails } from './entities.ts';
import type { Chosen } from './faults.ts';
import { DAY_MS } from './settings.ts';

/** One move of a payout: when, counted from the move before, to what, and why. */
export interface Move {
  after_ms: number;
  status: PayoutStatus;
  reason: string;
}

const REASONS: Record<string, [StatusDetails['source'], string]> = {
  low_balance: ['business', 'There is insufficient balance in the account to process the payout'],
  pending_approval: ['business', 'The payout awaits approval'],
  rejected: ['business', 'The payout was rejected by an approver'],
  beneficiary_bank_down: ['beneficiary_bank', 'The bank of the beneficiary is down'],
  payout_bank_processing: ['gateway', 'The partner bank is processing the payout'],
  beneficiary_bank_confirmation_pending: [
    'beneficiary_bank',
    'Confirmation of the credit is pending from the bank of the beneficiary',
  ],
  payout_processed: ['beneficiary_bank', 'The money was credited to the account of the beneficiary'],
  beneficiary_bank_offline: ['beneficiary_bank', 'The systems of the beneficiary bank are offline'],
  beneficiary_bank_rejected: ['beneficiary_bank', 'The bank of the beneficiary rejected the credit'],
  bank_account_closed: ['beneficiary_bank', 'The account of the beneficiary is closed'],
  gateway_technical_error: ['gateway', 'The partner bank had a technical error'],
  insufficient_funds: ['business', 'The account has insufficient funds'],
  payout_cancelled: ['business', 'The payout was cancelled'],
};

export function statusDetails(reason: string): StatusDetails {
  const [source, description] = REASONS[reason] ?? ['gateway', reason.replaceAll('_', ' ')];
  return { description, source, reason };
}

/** The life of a payout that has the money behind it. @param processing_ms how long it takes where nothing goes wrong */
export function lifeOf(chosen: Chosen | null, processing_ms: number): Move[] {
  const begun = { after_ms: 0, status: 'processing', reason: 'payout_bank_processing' } as const;
  const done = move(processing_ms, 'processed', 'payout_processed');
  if (!chosen) return [begun, done];
  const days_ms = chosen.days * DAY_MS;
  const failure = chosen.reason ?? 'beneficiary_bank_offline';
  const returned = chosen.reason ?? 'beneficiary_bank_rejected';
  const waiting = { ...begun, reason: 'beneficiary_bank_confirmation_pending' };
  switch (chosen.fault) {
    case 'slow-processed':
      return [waiting, move(days_ms, 'processed', 'payout_processed')];
    case 'slow-reversed':
      return [waiting, move(days_ms, 'reversed', returned)];
    case 'slow-failed':
      return [waiting, move(days_ms, 'failed', failure)];
    case 'processed-reversed':
      return [begun, done, move(days_ms, 'reversed', returned)];
    case 'failed':
      return [begun, move(processing_ms, 'failed', failure)];
    case 'failed-reversed':
      return [begun, move(processing_ms, 'failed', failure), move(days_ms, 'reversed', failure)];
    case 'failed-processed':
      return [begun, move(processing_ms, 'failed', failure), move(days_ms, 'processed', 'payout_processed')];
    case 'queued':
      return [move(0, 'queued', 'beneficiary_bank_down'), { ...begun, after_ms: days_ms }, done];
    case 'pending':
      return [move(0, 'pending', 'pending_approval'), { ...begun, after_ms: days_ms }, done];
    case 'rejected':
      return [move(0, 'pending', 'pending_approval'), move(days_ms, 'rejected', 'rejected')];
    default:
      return [begun, done];
  }
}

function move(after_ms: number, status: PayoutStatus, reason: string): Move {
  return { after_ms, status, reason };
}

/** Whether money leaves the account for it at all: one that fails and stays so was never debited. */
export function isDebited(life: readonly Move[]): boolean {
  const last = life.at(-1)!.status;
  return last === 'processed' || last === 'reversed';
}
