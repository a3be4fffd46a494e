import type { JobDefinition } from '../../src/runtime/definition.ts';
import { type Registry, retryPolicy, timeoutOf } from '../../src/runtime/registry.ts';

/** docs/jobs.md: every kind of job and every schedule of this release. */
export function renderJobsPage(registry: Registry): string {
  const definitions = [...registry.kinds.values()].sort((one, other) => (one.kind < other.kind ? -1 : 1));
  const queues = registry.queues();
  return `# Jobs

Generated from jobs/ by \`npm run generate\`; do not edit. \`/docs\` of a running API has every field.

${definitions.length} kinds on ${queues.length} queues. A kind marked *internal* is accepted only by Kist itself, from
schedules and other jobs.
${queues.map((queue) => renderQueue(queue, definitions)).join('')}${renderSchedules(registry)}`;
}

function renderQueue(queue: string, definitions: JobDefinition[]): string {
  const rows = definitions.filter((definition) => definition.queue === queue).map(renderRow);
  return `
## Queue \`${queue}\`

| kind | what it does | mode | attempts, backoff | timeout | ordering | scope |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

function renderRow(definition: JobDefinition): string {
  const { attempts, backoff_ms, backoff_ms_max } = retryPolicy(definition);
  const cells = [
    `\`${definition.kind}\`${definition.moves_money ? ' (moves money)' : ''}`,
    definition.summary.replaceAll('|', '\\|').replace(/\s+/g, ' '),
    definition.mode === 'atomic' ? `atomic, groups of ${definition.group_max ?? 64}` : 'staged',
    `${attempts}, ${duration(backoff_ms)} … ${duration(backoff_ms_max)}`,
    duration(timeoutOf(definition)),
    ordering(definition),
    definition.public === false ? '*internal*' : `\`${definition.scope ?? `jobs:${definition.kind}`}\``,
  ];
  return `| ${cells.join(' | ')} |`;
}

function ordering({ ordering_key, when_head_rests }: JobDefinition): string {
  if (!ordering_key) return 'none';
  return when_head_rests === 'block' ? 'by key, a dead or held head blocks' : 'by key';
}

function renderSchedules({ schedules }: Registry): string {
  if (schedules.length === 0) return '';
  const rows = [...schedules]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, at, kind, summary }) => `| \`${name}\` | ${at} | \`${kind}\` | ${summary} |`);
  return `
## Schedules

Once for every business date of every tenant, from that local time on.

| schedule | from | kind | what for |
|---|---|---|---|
${rows.join('\n')}
`;
}

function duration(duration_ms: number): string {
  if (duration_ms < 1_000) return `${duration_ms} ms`;
  return duration_ms % 60_000 === 0 ? `${duration_ms / 60_000} min` : `${duration_ms / 1_000} s`;
}
