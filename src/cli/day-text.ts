import type { Checked } from '../ledger/invariants.ts';
import type { DayPreview } from '../loans/day/preview.ts';
import type { DayReport } from '../loans/day/report.ts';
import type { DaysStanding, DayView, DayWithReport, LoanSetAside, Waiting } from '../loans/day/views.ts';
import { facts, instant, plural, table } from './output.ts';
import type { Signature } from './signed.ts';

/** What `kist day` says to people. */

export function standingText(standing: DaysStanding): string {
  const { closing, missed, next, is_due, set_aside } = standing;
  const state = facts([
    ['today', `${standing.today} (${standing.time_zone})`],
    ['books of', standing.books_of],
    ['shut through', standing.shut_through ?? 'no day yet'],
    ['being closed', closing && progressOf(closing)],
    ['missed', missed.length > 0 ? missed.join(', ') : null],
    ['next', closing ? null : `${next}${is_due ? '' : ', from 23:00 on'}`],
  ]);
  const parts = [state];
  if (closing) parts.push(`It waits for\n${waitingTable(closing.waits_for)}`);
  if (set_aside.length > 0) parts.push(`Set aside\n${asideTable(set_aside)}`);
  return parts.join('\n\n');
}

function progressOf({ business_date, state, chunks, chunks_done }: DayView): string {
  const of = state === 'carrying' ? `, ${chunks_done} of ${plural(chunks, 'chunk')} done` : '';
  return `${business_date} (${state}${of})`;
}

function waitingTable(waiting: readonly Waiting[]): string {
  return table(
    waiting,
    [
      { title: 'job', text: ({ id }) => id },
      { title: 'kind', text: ({ kind }) => kind },
      { title: 'state', text: ({ state }) => state },
      { title: 'why', text: ({ code, message }) => (code ? `${code}: ${message}` : '') },
    ],
    'a worker.',
  );
}

function asideTable(loans: readonly LoanSetAside[]): string {
  return table(
    loans,
    [
      { title: 'loan', text: ({ loan }) => loan },
      { title: 'since', text: ({ business_date }) => business_date },
      { title: 'reason', text: ({ code, message }) => `${code}: ${message}` },
    ],
    'no loan.',
  );
}

export function outcomeText(days: readonly DayView[], waits_for: readonly Waiting[]): string {
  if (days.length === 0) return 'No day is missed.';
  const lines = days.map((day) =>
    day.state === 'closed'
      ? `${day.business_date} is closed: ${plural(day.loans, 'loan')} in ${plural(day.chunks, 'chunk')}, ${day.refused} refused.`
      : `${progressOf(day)} is not closed. It waits for`,
  );
  return days.at(-1)!.state === 'closed' ? lines.join('\n') : [...lines, waitingTable(waits_for)].join('\n');
}

export function previewText(days: readonly DayPreview[], through: string): string {
  const sums = table(
    days,
    [
      { title: 'books of', text: ({ business_date }) => business_date },
      { title: 'loans', align: 'right', text: ({ loans }) => loans },
      { title: 'journals', align: 'right', text: ({ journals }) => journals },
      { title: 'interest', align: 'right', text: ({ interest }) => interest },
      { title: 'penal', align: 'right', text: ({ penal }) => penal },
      { title: 'tax', align: 'right', text: ({ tax }) => tax },
      { title: 'missed', align: 'right', text: ({ missed }) => missed },
      { title: 'reminders', align: 'right', text: ({ reminders }) => reminders },
      { title: 'closes', align: 'right', text: ({ closes }) => closes },
    ],
    `Nothing would be posted through ${through}.`,
  );
  const changes = days.flatMap(({ business_date, class_changes }) =>
    Object.entries(class_changes).map(([change, loans]) => ({ business_date, change, loans })),
  );
  const classes = table(
    changes,
    [
      { title: 'books of', text: ({ business_date }) => business_date },
      { title: 'asset class', text: ({ change }) => change },
      { title: 'loans', align: 'right', text: ({ loans }) => loans },
    ],
    'No loan would change its asset class.',
  );
  const moved = days.flatMap(({ business_date, accounts }) =>
    Object.entries(accounts).map(([account, amount]) => ({ business_date, account, amount })),
  );
  const accounts = table(
    moved,
    [
      { title: 'books of', text: ({ business_date }) => business_date },
      { title: 'accounts', text: ({ account }) => account },
      { title: 'debits less credits', align: 'right', text: ({ amount }) => amount },
    ],
    'No money would move.',
  );
  return [sums, classes, accounts].join('\n\n');
}

export function reportText(
  day: DayWithReport,
  report: DayReport | null,
  signature: Signature | null,
): string {
  if (!report) return `${progressOf(day)}: there is no report yet.`;
  const { carried, lapsed, seal } = report;
  const head = facts([
    ['business date', day.business_date],
    ['closed', instant(day.closed_at)],
    ['signature', `${signature} (key ${day.key_id})`],
    [
      'loans',
      `${carried.loans} in ${plural(carried.chunks, 'chunk')}: ${carried.done} done, ${carried.refused} refused`,
    ],
    ['interest', carried.interest],
    ['penal charges', `${carried.penal}, tax ${carried.tax}`],
    ['reminders', carried.reminders],
    [
      'lapsed',
      `${plural(lapsed.approvals, 'approval')}, ${plural(lapsed.quotes, 'quote')}, ${plural(lapsed.holds, 'hold')}`,
    ],
    ['invariants', `${report.invariants.length} hold`],
    ['seal', seal && `${seal.number} ${seal.hash}`],
    ['set aside', plural(report.set_aside.length, 'loan')],
    ['for a person', report.troubled.map(({ jobs, kind, state }) => `${jobs} ${kind} ${state}`).join(', ')],
  ]);
  const journals = table(
    report.journals,
    [
      { title: 'journals of', text: ({ kind }) => kind },
      { title: 'number', align: 'right', text: ({ journals: number }) => number },
      { title: 'amount', align: 'right', text: ({ amount }) => amount },
      { title: 'currency', text: ({ currency }) => currency },
    ],
    'No journals.',
  );
  return `${head}\n\n${journals}`;
}

export function checkedText(checked: readonly Checked[]): string {
  const all = table(
    checked,
    [
      { title: 'invariant', text: ({ name }) => name },
      { title: 'holds', text: ({ holds }) => (holds ? 'yes' : 'NO') },
    ],
    '',
  );
  const broken = checked.filter(({ holds }) => !holds).map(({ name, detail }) => `${name}: ${detail}`);
  return [all, ...broken].join('\n\n');
}
