import { CHANNELS, type Channel } from '../channels.ts';
import { NotificationError } from '../errors.ts';
import { KNOWN_PROVIDERS } from '../providers/providers.ts';
import type { ReceiptReader } from '../providers/receipt.ts';

/** Of each provider that tells what became of messages, by its name: which channel it has, and how it is read. */
export function readersOf(): ReadonlyMap<string, ReceiptReader & { channel: Channel }> {
  const readers = CHANNELS.flatMap((channel) =>
    [...KNOWN_PROVIDERS[channel].values()].flatMap(({ name, receipts }) =>
      receipts ? [[name, { ...receipts, channel }] as const] : [],
    ),
  );
  return new Map(readers);
}

const READERS = readersOf();

/** @throws NotificationError unknown-provider, naming those that tell something */
export function checkTeller(name: string): string {
  if (READERS.has(name)) return name;
  const names = [...READERS.keys()].join(', ');
  throw new NotificationError('unknown-provider', `${name} tells nothing of messages. There is: ${names}.`);
}
