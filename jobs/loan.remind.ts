import { z } from 'zod';
import { stillOwed } from '../src/loans/reminders.ts';
import { defineAtomic } from '../src/runtime/definition.ts';
import { Cancel } from '../src/runtime/outcomes.ts';

export default defineAtomic({
  kind: 'loan.remind',
  queue: 'notifications',
  summary: 'Reminds a borrower of an instalment, unless it was paid meanwhile.',
  payload: z.strictObject({
    loan: z.uuid(),
    instalment: z.int().min(1),
    due_on: z.iso.date(),
    days_after: z.int().meta({ description: 'days after the due date; negative before it' }),
    owed: z.string(),
    currency: z.string(),
  }),
  result: z.strictObject({ outcome: z.literal('told'), event: z.literal('loan.reminder-due') }),
  key: ({ loan, instalment, days_after }) => `${loan}/${instalment}/${days_after}`,
  public: false,

  async run(tx, jobs, { clock }) {
    const owed = await stillOwed(tx, clock.now(), jobs);
    return jobs.map(({ id }) =>
      owed.has(id)
        ? { outcome: 'told' as const, event: 'loan.reminder-due' as const }
        : new Cancel('no-longer-owed', 'The instalment was paid before the reminder went out.'),
    );
  },
});
