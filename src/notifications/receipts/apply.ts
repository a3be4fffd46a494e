import type { Transaction } from '../../db/pools.ts';
import { type EventDraft, emit } from '../../events/emit.ts';
import type { Job, TransactionContext } from '../../runtime/definition.ts';
import { type Outcome, Refuse, Retry } from '../../runtime/outcomes.ts';
import type { Receipt } from '../providers/receipt.ts';
import { suppress } from '../rules/suppression.ts';
import { afterReceipt } from '../sending/states.ts';
import { dltRejected } from './dlt.ts';
import {
  lockMessages,
  messageOf,
  moveByReceipt,
  type ReceiptMessage,
  unansweredMessage,
} from './messages.ts';
import { readersOf } from './readers.ts';
import { markReceiptApplied, receiptsById, type StoredReceipt } from './rows.ts';

const READERS = readersOf();

/**
 * From this try on a receipt whose id nobody knows is held against messages whose answer was lost: by then the
 * answers that were under way have come.
 */
const LOST_ANSWERS_FROM_TRY = 3;

type ApplyJob = Job<{ receipt: string }>;
type Context = Pick<TransactionContext, 'clock' | 'services'>;

/** A receipt with what it says, and the message it is of. */
interface Found {
  receipt: StoredReceipt;
  read: Receipt | null;
  message: string | null;
  /** Whether its message may yet become known. */
  is_early: boolean;
}

/**
 * Goes by receipts: moves their messages, and keeps addresses from being written to that nothing reaches.
 * @returns for each what it came to, or Retry while its message is not known: the answer may be under way
 */
export async function applyReceipts(
  tx: Transaction,
  jobs: readonly ApplyJob[],
  { clock, services }: Context,
): Promise<({ outcome: string } | Outcome)[]> {
  const stored = new Map(
    (
      await receiptsById(
        tx,
        jobs.map(({ payload }) => payload.receipt),
      )
    ).map((each) => [each.id, each]),
  );
  const found = new Map<string, Found>();
  for (const { payload, attempt } of jobs) {
    const receipt = stored.get(payload.receipt);
    if (receipt && receipt.outcome === null) found.set(receipt.id, await find(tx, receipt, attempt));
  }
  const ids = [...found.values()].flatMap(({ message }) => message ?? []);
  const messages = await lockMessages(tx, [...new Set(ids)]);
  const events: EventDraft[] = [];
  const answers: ({ outcome: string } | Outcome)[] = [];
  for (const job of jobs) {
    const receipt = stored.get(job.payload.receipt);
    const each = found.get(job.payload.receipt);
    if (!receipt) answers.push(new Refuse('unknown-receipt', `There is no receipt ${job.payload.receipt}.`));
    else if (!each) answers.push({ outcome: receipt.outcome! });
    else {
      const message = each.message === null ? undefined : messages.get(each.message);
      answers.push(await applyOne(tx, job, each, message, { clock, services, events }));
    }
  }
  await emit(tx, events);
  return answers;
}

async function find(tx: Transaction, receipt: StoredReceipt, attempt: number): Promise<Found> {
  const { provider, body, received_at } = receipt;
  const reader = READERS.get(provider);
  const read = reader?.read(body) ?? null;
  if (!reader || !read) return { receipt, read: null, message: null, is_early: false };
  const found = { receipt, read, is_early: !reader.names_messages };
  const known = await messageOf(tx, provider, reader.channel, read);
  if (known !== null || attempt < LOST_ANSWERS_FROM_TRY) return { ...found, message: known };
  return { ...found, message: await unansweredMessage(tx, provider, read, received_at) };
}

async function applyOne(
  tx: Transaction,
  { tenant, attempt }: ApplyJob,
  { receipt, read, is_early }: Found,
  message: ReceiptMessage | undefined,
  { clock, services, events }: Context & { events: EventDraft[] },
): Promise<{ outcome: string } | Outcome> {
  const at = clock.now();
  if (read && !message && is_early) {
    const after_ms = services.notifications.pace.strangers_ms[attempt];
    const { event, provider_id } = read;
    const stranger = `Not known here, or not yet: ${event} of ${provider_id ?? 'a message'}.`;
    if (after_ms !== undefined) return new Retry('unknown-message', stranger, { after_ms });
  }
  const outcome = !read
    ? 'unreadable'
    : !message
      ? 'unknown-message'
      : await goBy(tx, tenant, { receipt, read, message, at, events });
  if (message && outcome === message.state) {
    services.notifications.events.emit('message-told', { channel: message.channel, state: message.state });
  }
  await markReceiptApplied(tx, { receipt: receipt.id, message: message?.id ?? null, outcome, at });
  return { outcome };
}

interface Known {
  receipt: StoredReceipt;
  read: Receipt;
  message: ReceiptMessage;
  at: Date;
  events: EventDraft[];
}

/** @returns the state that the message was moved to, or `same` */
async function goBy(
  tx: Transaction,
  tenant: string,
  { receipt, read, message, at, events }: Known,
): Promise<string> {
  const { says, code, suppress: reason, provider_id } = read;
  const { channel, address } = message;
  if (reason !== null) await suppress(tx, { channel, address, reason, detail: receipt.event, since: at });
  if (says === 'nothing') return 'same';
  const state = afterReceipt(message.state, says);
  if (state === null) return 'same';
  const moved = { state, code: state === 'bounced' ? code : null, provider_id, at };
  await moveByReceipt(tx, message.id, { ...moved, provider: receipt.provider });
  if (read.is_dlt_rejection) {
    const event = await dltRejected(tx, tenant, message, at);
    if (event) events.push(event);
  }
  message.state = state;
  return state;
}
