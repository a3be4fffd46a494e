import { z } from 'zod';
import { beginCheck, CHECK_KIND, CHECKS_MAX, checkKey } from '../src/payments/account-checks/asking.ts';
import { callCheck } from '../src/payments/account-checks/calling.ts';
import { checkResult, concludeCheck } from '../src/payments/account-checks/conclude.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: CHECK_KIND,
  queue: 'account-checks',
  summary:
    'Has the gateway check by a small payment whether a borrower’s bank account is there, and whose it is.',
  payload: z.strictObject({
    bank_account: z.uuid(),
    attempt: z.int().min(1).max(CHECKS_MAX).default(1).meta({
      description: 'each costs money; from the second on for people, not services',
    }),
    gateway: z.string().min(2).max(40).default('razorpay'),
  }),
  result: checkResult,
  key: checkKey,
  scope: 'bank-accounts:check',
  retry: { attempts: 10, backoff_ms: 500, backoff_ms_max: 60_000 },
  timeout_ms: 45_000,
  concurrency: 8,
  moves_money: true,

  async prepare(tx, { tenant, accepted_by, payload }, { clock, services }) {
    const { gateways } = services.payments;
    return { tenant, ...(await beginCheck(tx, { tenant, clock, gateways }, accepted_by, payload)) };
  },

  async call(intent, calling) {
    if ('refused' in intent) return null;
    return callCheck(intent.check, { ...calling, tenant: intent.tenant });
  },

  async settle(tx, { tenant }, checked, { clock, intent }) {
    if ('refused' in intent) return intent.refused;
    return concludeCheck(tx, { tenant, clock }, intent.check, checked!);
  },
});
