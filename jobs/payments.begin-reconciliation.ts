import { z } from 'zod';
import { enabledGateways } from '../src/payments/reconciliation/fetch.ts';
import { defineAtomic, defineSchedule } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'payments.begin-reconciliation',
  queue: 'reconciliation',
  summary: 'Has our books held against the statements of each gateway that the tenant uses.',
  payload: z.strictObject({ business_date: z.iso.date() }),
  result: z.strictObject({ outcome: z.literal('begun'), gateways: z.array(z.string()) }),
  key: ({ business_date }) => business_date,
  group_max: 1,
  public: false,

  async run(tx, [job], { accept }) {
    const { business_date } = job!.payload;
    const gateways = await enabledGateways(tx);
    await accept(
      gateways.map((gateway) => ({ kind: 'payments.reconcile', payload: { gateway, business_date } })),
    );
    return [{ outcome: 'begun' as const, gateways }];
  },
});

export const schedule = defineSchedule({
  name: 'reconcile-payments',
  summary: 'Each business day’s payments are held against gateway and bank after the close of day.',
  kind: 'payments.begin-reconciliation',
  at: '23:45',
  payload: ({ business_date }) => ({ business_date }),
});
