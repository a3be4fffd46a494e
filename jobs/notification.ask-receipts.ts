import { z } from 'zod';
import { CHANNELS } from '../src/notifications/channels.ts';
import { askForReceipts, concludeAsking } from '../src/notifications/receipts/ask.ts';
import { ASKS_PER_JOB_MAX } from '../src/notifications/receipts/asks.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'notification.ask-receipts',
  queue: 'notification-asks',
  summary: 'Asks a provider what became of messages of which it told nothing.',
  payload: z.strictObject({
    channel: z.enum(CHANNELS),
    provider: z.string(),
    messages: z.array(z.uuid()).min(1).max(ASKS_PER_JOB_MAX),
    at: z.iso.datetime(),
  }),
  result: z.strictObject({ asked: z.int(), receipts: z.int() }),
  key: ({ messages, at }) => `${messages[0]}/${at}`,
  // One account is asked by one job at a time: providers count questions.
  ordering_key: ({ channel, provider }) => `receipts/${channel}/${provider}`,
  retry: { attempts: 4, backoff_ms: 60_000, backoff_ms_max: 600_000 },
  timeout_ms: 60_000,
  concurrency: 8,
  public: false,

  prepare: async (_tx, { tenant, payload }) => ({ tenant, ...payload }),
  call: (asked, call) => askForReceipts(asked, call),
  settle: (tx, { payload }, heard, context) => concludeAsking(tx, payload, heard, context),
});
