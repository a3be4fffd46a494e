import type { AttemptView, JobView } from '../runtime/types.ts';
import type { Exit } from './exit.ts';
import { type Column, facts, instant, table } from './output.ts';

/** A job and its failed attempts, for people. */
export function jobText(job: JobView, attempts: readonly AttemptView[] = []): string {
  const why = [job.code, job.message].filter(Boolean).join(': ');
  const about = facts([
    ['id', job.id],
    ['kind', job.kind],
    ['key', job.key],
    ['tenant', job.tenant],
    ['state', job.state],
    ['why', why],
    ['result', job.result],
    ['queue', job.queue],
    ['priority', job.priority],
    ['attempts', `${job.attempt} failed of ${job.attempt_limit}`],
    ['accepted', `${instant(job.accepted_at)} by ${job.accepted_by}`],
    ['runs at', job.rested_at === null ? job.run_at : null],
    ['rested', job.rested_at],
  ]);
  return attempts.length === 0 ? about : `${about}\n\n${table(attempts, ATTEMPT_COLUMNS, '')}`;
}

const ATTEMPT_COLUMNS: Column<AttemptView>[] = [
  { title: 'attempt', align: 'right', text: ({ attempt }) => attempt },
  { title: 'started', text: ({ started_at }) => instant(started_at) },
  {
    title: 'ms',
    align: 'right',
    text: ({ started_at, ended_at }) => ended_at.getTime() - started_at.getTime(),
  },
  { title: 'worker', text: ({ worker }) => worker },
  { title: 'word', text: ({ word }) => word },
  { title: 'code', text: ({ code }) => code },
  { title: 'message', text: ({ message }) => message },
];

export const JOB_COLUMNS: Column<JobView>[] = [
  { title: 'id', text: ({ id }) => id },
  { title: 'kind', text: ({ kind }) => kind },
  { title: 'key', text: ({ key }) => key },
  { title: 'state', text: ({ state }) => state },
  { title: 'failed', align: 'right', text: ({ attempt }) => attempt },
  { title: 'accepted', text: ({ accepted_at }) => instant(accepted_at) },
  { title: 'why', text: ({ code, message }) => [code, message].filter(Boolean).join(': ') },
];

/** How a command that waited for the job exits: 0 only where it is done, and not with a no. */
export function exitOf(job: JobView): Exit {
  if (job.state !== 'done') return 'no';
  const { outcome } = (job.result ?? {}) as { outcome?: unknown };
  return outcome === 'refused' ? 'no' : 'ok';
}
