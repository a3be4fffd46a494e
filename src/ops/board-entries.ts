/** What a job's data may show on the board; the carrier holds no more, and should it ever, this holds it back. */
const SHOWN_FIELDS = ['kind', 'key', 'tenant', 'id', 'attempts', 'code', 'alone', 'asked_by'];

/** A job's data as the board shows it: where it belongs, never what is in it. */
export function presentJob(data: unknown): Record<string, unknown> {
  const given = (data ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    SHOWN_FIELDS.filter((field) => given[field] !== undefined).map((field) => [field, given[field]]),
  );
}

/** A card's title: kind, key, tenant and, of a dead job, its attempts. */
export function titleOf(job: { name?: string; data?: unknown }): string {
  const { key, tenant, attempts } = presentJob(job.data);
  const parts = [
    job.name,
    key,
    tenant,
    attempts === undefined ? undefined : attempts === 1 ? '1 attempt' : `${attempts} attempts`,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

interface ShownJob {
  failedReason?: string;
  stacktrace?: string[];
}

/** The board's formatters do not reach errors; so they are redacted on their way out. Stacks stay inside. */
export function redactAnswer(answer: unknown, redactText: (text: string) => string): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  const redacted = (job: ShownJob): ShownJob => ({
    ...job,
    stacktrace: [],
    ...(job.failedReason ? { failedReason: redactText(job.failedReason) } : {}),
  });
  if ('queues' in answer && Array.isArray(answer.queues)) {
    const queues = answer.queues.map((queue) => ({ ...queue, jobs: (queue.jobs ?? []).map(redacted) }));
    return { ...answer, queues };
  }
  if ('job' in answer) return { ...answer, job: redacted(answer.job as ShownJob) };
  return answer;
}
