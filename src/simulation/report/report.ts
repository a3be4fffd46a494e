import type { Checked } from '../../ledger/invariants.ts';
import { firstDifference } from '../check/state.ts';
import type { LivedDay } from '../life/live.ts';
import { replayCommand, type SimulationOptions } from '../options.ts';
import type { Simulated } from '../simulate.ts';
import type { Figures } from './figures.ts';

/** What a simulation came to, as it is printed and written down. */
export interface Report {
  command: string;
  options: SimulationOptions;
  sound: boolean;
  digest: string;
  /** The same life without faults, where it was lived too. */
  compared: { same: boolean; digest: string; difference: string | null } | null;
  invariants: Checked[];
  surprises: string[];
  took_ms: number;
  jobs_per_s: number;
  actions: number;
  calls: number;
  figures: Figures;
  days: LivedDay[];
}

const SURPRISES_MAX = 100;

export function reportOf(simulated: Simulated, plain: Simulated | null): Report {
  const { options, life, checked, state, figures, took_ms } = simulated;
  const jobs = figures.jobs.reduce((sum, row) => sum + row.jobs, 0);
  const difference = plain && firstDifference(state, plain.state);
  const compared = plain && { same: difference === null, digest: plain.state.digest, difference };
  // Of the life without faults only what does not hold is news.
  const broken = (plain?.checked ?? []).filter(({ holds }) => !holds);
  const invariants = [...checked, ...broken.map(ofThePlainLife)];
  return {
    ...{ command: replayCommand(options), options, digest: state.digest, compared, invariants },
    sound: invariants.every(({ holds }) => holds) && compared?.same !== false,
    ...{ surprises: life.surprises.slice(0, SURPRISES_MAX), took_ms: Math.round(took_ms) },
    jobs_per_s: Math.round((jobs / took_ms) * 1_000),
    ...{ actions: life.actions, calls: life.days.reduce((sum, day) => sum + day.calls, 0) },
    ...{ figures, days: life.days.map((day) => ({ ...day, took_ms: Math.round(day.took_ms) })) },
  };
}

function ofThePlainLife(checked: Checked): Checked {
  return { ...checked, name: `${checked.name}, without faults` };
}

export function isSound({ sound }: Report): boolean {
  return sound;
}

/** The report for a terminal. */
export function reportText(report: Report): string {
  const { options, figures, compared } = report;
  const count = (rows: readonly { loans: number; state: string }[]) =>
    rows.map(({ loans, state }) => `${loans} ${state}`).join(', ') || 'none';
  const jobs = figures.jobs.reduce((sum, row) => sum + row.jobs, 0);
  const retries = figures.retries.reduce((sum, { attempts }) => sum + attempts, 0);
  const broken = report.days.flatMap(({ faults }) => faults);
  const facts: [string, string][] = [
    ['seed', String(options.seed)],
    [
      'lived',
      `${options.days} days with ${options.loans} applications: ${report.actions} actions, ${report.calls} calls`,
    ],
    ['loans', count(figures.loans)],
    ['payouts', payoutsOf(figures)],
    ['books', `${figures.journals} journals, ${figures.entries} entries`],
    ['jobs', `${jobs}, ${retries} tries that failed or waited; ${report.jobs_per_s}/s`],
    ['faults', broken.length > 0 ? tally(broken) : 'none that came at a moment'],
    ['digest', report.digest],
  ];
  if (compared) {
    facts.push(['without faults', compared.same ? 'the same' : `${compared.digest}: ${compared.difference}`]);
  }
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    ...facts.map(([name, text]) => `${name.padEnd(width)}  ${text}`),
    '',
    ...report.invariants.map(
      ({ name, holds, detail }) => `${holds ? '✓' : '✗'} ${name}${detail ? `: ${detail}` : ''}`,
    ),
    '',
    `again: ${report.command}`,
  ].join('\n');
}

/** What became of the attempts to pay out, and how often the gateway did wrong. */
export function payoutsOf({ payouts, gateway }: Figures): string {
  const ended = payouts.map(({ state, attempts }) => `${attempts} ${state}`).join(', ') || 'none';
  return `${ended}; ${gateway.requests} calls to the gateway, ${gateway.failed} that went wrong`;
}

function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, times]) => `${name} ${times} times`).join(', ');
}
