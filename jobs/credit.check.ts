import { z } from 'zod';
import { beginCheck, concludeCheck } from '../src/loans/credit-check.ts';
import { decisionInputs as inputs, REASON_CODES, REASONS } from '../src/loans/decision.ts';
import { defineStaged } from '../src/runtime/definition.ts';
import { Refuse } from '../src/runtime/outcomes.ts';

const reasoned = { code: z.enum(REASON_CODES), message: z.string(), reasons: z.array(z.enum(REASON_CODES)) };

export default defineStaged({
  kind: 'credit.check',
  queue: 'credit-checks',
  summary: 'Asks the credit bureau about an applicant and decides the application by its product’s rules.',
  payload: z.strictObject({ application: z.uuid() }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('offered'), application: z.uuid(), inputs }),
    z.strictObject({ outcome: z.literal('referred'), application: z.uuid(), inputs, ...reasoned }),
    z.strictObject({ outcome: z.literal('refused'), application: z.uuid(), inputs, ...reasoned }),
  ]),
  key: ({ application }) => application,
  retry: { attempts: 8, backoff_ms: 200, backoff_ms_max: 30_000 },
  timeout_ms: 10_000,
  concurrency: 16,

  async prepare(tx, { tenant, payload }, { clock }) {
    const intent = await beginCheck(tx, { tenant, now: clock.now() }, payload.application);
    if (!intent) throw new Refuse('unknown-application', `There is no application ${payload.application}.`);
    return intent;
  },

  call: ({ applicant }, { services, provider_key, signal }) =>
    services.bureau.report({ reference: applicant, provider_key, signal }),

  async settle(tx, { tenant, payload: { application } }, report, { clock }) {
    const moment = { tenant, now: clock.now() };
    const { outcome, reasons, inputs } = await concludeCheck(tx, moment, application, report);
    const [code] = reasons;
    if (outcome === 'offered' || !code) return { outcome: 'offered' as const, application, inputs };
    return { outcome, application, inputs, code, message: REASONS[code], reasons };
  },
});
