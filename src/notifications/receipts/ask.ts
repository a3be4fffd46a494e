import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from '../../db/pools.ts';
import type { CallContext, TransactionContext } from '../../runtime/definition.ts';
import { Retry } from '../../runtime/outcomes.ts';
import { ProviderError } from '../providers/provider.ts';
import { type AskPayload, unheardAmong } from './asks.ts';
import { readersOf } from './readers.ts';
import { applyReceiptJob } from './receive.ts';
import { newReceipt, storeReceipts } from './rows.ts';

const READERS = readersOf();
/** While a provider does not answer. */
const AWAY_MS = 5 * 60_000;

/** What was asked, and what was said. */
export interface Heard {
  /** How many messages it was asked about. */
  asked: number;
  receipts: string[];
}

/**
 * Asks a provider what became of messages, one after the other. Where it stops answering, what it said until then
 * counts. @throws Retry where it says nothing
 */
export async function askForReceipts(
  { tenant, channel, provider, messages }: AskPayload & { tenant: string },
  { transact, services, signal }: Pick<CallContext, 'transact' | 'services' | 'signal'>,
): Promise<Heard> {
  const [unheard, lines] = await transact(
    async (tx) =>
      [
        await unheardAmong(tx, messages),
        await services.notifications.connections.open(tx, tenant, channel),
      ] as const,
  );
  const asking = lines.find((line) => line.provider.name === provider)?.connection.receipts;
  const heard: Heard = { asked: 0, receipts: [] };
  // The account is gone: nobody can be asked.
  if (!asking) return heard;
  for (const [place, message] of unheard.entries()) {
    if (place > 0) await pause(asking.gap_ms, undefined, { signal });
    try {
      heard.receipts.push(...(await asking.ask(message, signal)));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProviderError)) throw error;
      if (heard.asked > 0) return heard;
      throw new Retry(error.code, error.message, { after_ms: error.after_ms ?? AWAY_MS });
    }
    heard.asked += 1;
  }
  return heard;
}

/** Stores what was said as if it had been told. @returns how many receipts are new */
export async function concludeAsking(
  tx: Transaction,
  { provider }: AskPayload,
  { asked, receipts }: Heard,
  { clock, accept }: Pick<TransactionContext, 'clock' | 'accept'>,
): Promise<{ asked: number; receipts: number }> {
  const reader = READERS.get(provider)!;
  const read = receipts.map((body) => newReceipt(provider, body, reader.read(body)));
  const ids = await storeReceipts(tx, 'asked', read, clock.now());
  if (ids.length > 0) await accept(ids.map(applyReceiptJob));
  return { asked, receipts: ids.length };
}
