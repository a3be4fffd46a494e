import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { findJob } from '../runtime/queries.ts';
import { defineAction } from './define.ts';
import { moneyMoved } from './money-moved.ts';

export default defineAction({
  action: 'job.redrive',
  summary: 'Send a dead job back to work, with fresh attempts',
  scope: { propose: 'jobs:operate', approve: 'jobs:approve' },
  request: z.strictObject({ job: z.uuid() }),

  async facts(tx, { job: id }) {
    const job = await findJob(tx, id);
    if (!job) throw new ActionRefused('not-found', `There is no job ${id}.`);
    if (job.state !== 'dead') {
      throw new ActionRefused(
        'illegal-transition',
        `To redrive a job it must be dead; this one is ${job.state}.`,
      );
    }
    const money = await moneyMoved(tx, id);
    const { kind, key, code, message } = job;
    return {
      kind,
      key,
      died_of: { code, message },
      amount: money?.amount ?? null,
      currency: money?.currency ?? null,
    };
  },

  describe: ({ job, kind, amount, currency }) =>
    `Send ${kind} ${job} back to work${amount === null ? '' : `: it moves ${[amount, currency].filter(Boolean).join(' ')}`}.`,

  amount: ({ amount }) => amount,

  async apply(_tx, { job: id }, { means }) {
    const wish = await means.redrive(id);
    if (!wish.done) throw new ActionRefused(wish.code, wish.message);
    return { job: id };
  },
});
