import type { Clock } from '../../calendar/clock.ts';
import { inTenant } from '../../db/transaction.ts';
import { storable } from '../../identity/redact.ts';
import { SharedCommits } from '../../runtime/shared-commits.ts';
import type { Runtime } from '../../runtime/types.ts';
import { KnownSecrets, type SecretsOwner } from '../../secrets/known-secrets.ts';
import type { ReceiptReader } from '../providers/receipt.ts';
import { admits, type KeptReceiptAddress, keptReceiptAddress } from './addresses.ts';
import { readersOf } from './readers.ts';
import { type NewReceipt, newReceipt, storeReceipts } from './rows.ts';

/** One request of a provider's, as it came. */
export interface Telling {
  tenant: string;
  provider: string;
  /** The end of the path. */
  secret: string;
  /** Of who tells it. */
  ip: string | null;
  body: Buffer;
}

export const APPLY_RECEIPT_KIND = 'notification.apply-receipt';
const ACTOR = 'receipt';
/** In one request; more than this are kept as one that nobody reads. */
const RECEIPTS_MAX = 2_000;
/** In one transaction. */
const GROUP_MAX = 500;
/** How often the address may change under what comes. */
const TRIES_MAX = 3;

interface Batch {
  provider: string;
  version: number;
  receipts: readonly NewReceipt[];
}

/**
 * Takes what providers tell: whoever knows the secret path is believed. Each receipt is stored once, and its job
 * accepted in the same transaction, whether or not anybody can read it: what is refused never comes again.
 */
export class ReceiptReceiver {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #readers = readersOf();
  readonly #addresses: KnownSecrets<KeptReceiptAddress>;
  readonly #commits: SharedCommits<Batch, 'stored' | 'outdated'>;

  constructor({ runtime, clock }: { runtime: Runtime; clock: Clock }) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#addresses = new KnownSecrets(({ tenant, party }) =>
      inTenant(runtime.pool, tenant, (tx) => keptReceiptAddress(tx, party)),
    );
    this.#commits = new SharedCommits({
      commit: (tenant, batches) => this.#commit(tenant, batches),
      rows: ({ receipts }) => receipts.length,
      rows_max: GROUP_MAX,
    });
  }

  /** @returns whether it is kept now: false for who is not known. @throws TooManyReads, or what the database throws */
  async receive(telling: Telling): Promise<boolean> {
    const { tenant, provider } = telling;
    const reader = this.#readers.get(provider);
    const owner: SecretsOwner = { tenant, party: reader ? provider : '' };
    for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
      const admitted = await this.#addresses.find(owner, (kept) => admits(kept, telling));
      if (!reader || !admitted) return false;
      const receipts = receiptsIn(provider, reader, telling.body);
      const stored = await this.#commits.submit(tenant, { provider, receipts, ...admitted });
      if (stored === 'stored') return true;
      this.#addresses.forget(owner);
    }
    return false;
  }

  /** On condition that the address still is as it was when the secret was compared. */
  #commit(tenant: string, batches: readonly Batch[]): Promise<('stored' | 'outdated')[]> {
    return this.#runtime.transact(tenant, ACTOR, async (tx, accept) => {
      const versions = new Map<string, number | undefined>();
      for (const provider of new Set(batches.map((batch) => batch.provider))) {
        versions.set(provider, (await keptReceiptAddress(tx, provider))?.version);
      }
      const answers = batches.map(({ provider, version }) =>
        versions.get(provider) === version ? ('stored' as const) : ('outdated' as const),
      );
      const receipts = batches.flatMap((batch, place) => (answers[place] === 'stored' ? batch.receipts : []));
      const ids = await storeReceipts(tx, 'told', receipts, this.#clock.now());
      if (ids.length > 0) await accept(ids.map(applyReceiptJob));
      return answers;
    });
  }
}

export function applyReceiptJob(receipt: string) {
  return { kind: APPLY_RECEIPT_KIND, payload: { receipt } };
}

function receiptsIn(provider: string, reader: ReceiptReader, bytes: Buffer): NewReceipt[] {
  const body = storable(bytes.toString());
  const told = reader.split(body);
  if (told === null || told.length > RECEIPTS_MAX) return [newReceipt(provider, body, null)];
  return told.map((each) => newReceipt(provider, each, reader.read(each)));
}
