import { z } from 'zod';
import { amountSchema } from '../src/ledger/money.ts';
import {
  beginDebit,
  concludeDebit,
  DEBIT_REFUSALS,
  present,
} from '../src/payments/collections/presenting.ts';
import { DEBIT_STATES } from '../src/payments/collections/states.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'payments.debit-mandate',
  queue: 'collections',
  summary:
    'Presents a mandate for an instalment; never again before it is known what became of the last attempt.',
  payload: z.strictObject({
    mandate: z.uuid(),
    instalment: z.int().min(1).max(480),
    amount: amountSchema
      .optional()
      .meta({ description: 'what the instalment still asks for where it is left out' }),
    reference: z.string().min(1).max(100).meta({ description: 'The caller’s own name for this attempt' }),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('presented'),
      debit: z.uuid(),
      attempt: z.int(),
      state: z.enum(DEBIT_STATES),
      reason: z.string().nullable(),
    }),
    z.strictObject({ outcome: z.literal('refused'), code: z.enum(DEBIT_REFUSALS), message: z.string() }),
  ]),
  key: ({ reference }) => reference,
  ordering_key: ({ mandate }) => `mandate/${mandate}`,
  when_head_rests: 'pass',
  retry: { attempts: 10, backoff_ms: 500, backoff_ms_max: 60_000 },
  timeout_ms: 45_000,
  concurrency: 16,
  moves_money: true,

  async prepare(tx, { tenant, id, payload }, { clock }) {
    return { tenant, ...(await beginDebit(tx, { tenant, clock }, id, payload)) };
  },

  call: async (intent, calling) =>
    'refused' in intent ? null : present(intent.debit, { ...calling, tenant: intent.tenant }),

  async settle(tx, { tenant }, presented, { clock, accept, intent }) {
    if ('refused' in intent) return intent.refused;
    const debit = await concludeDebit(tx, { tenant, clock, accept }, intent.debit, presented!);
    const { id, attempt, state, reason } = debit;
    return { outcome: 'presented' as const, debit: id, attempt, state, reason };
  },
});
