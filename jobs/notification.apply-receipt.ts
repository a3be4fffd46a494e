import { z } from 'zod';
import { applyReceipts } from '../src/notifications/receipts/apply.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'notification.apply-receipt',
  queue: 'notification-receipts',
  summary: 'Goes by what a provider told of a message: delivered, bounced, taken for spam, not wanted.',
  payload: z.strictObject({ receipt: z.uuid() }),
  result: z.strictObject({ outcome: z.string() }),
  key: ({ receipt }) => receipt,
  retry: { attempts: 12, backoff_ms: 1_000, backoff_ms_max: 600_000 },
  public: false,
  run: (tx, jobs, context) => applyReceipts(tx, jobs, context),
});
