import { bars, escaped, lines, ranked, type Series, stacked } from './charts.ts';
import { STYLE } from './page-style.ts';
import { payoutsOf, type Report } from './report.ts';

const CLASSES = ['standard', 'sma-0', 'sma-1', 'sma-2', 'npa'];
const STATES: Record<string, number> = { done: 1, cancelled: 5, pending: 3, held: 4, dead: 6 };

/** The report as one page that needs nothing else. */
export function reportPage(report: Report): string {
  const { options, sound } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated life, seed ${options.seed}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="verdict ${sound ? 'good' : 'bad'}">${sound ? '✓ Everything holds' : '✗ Something does not hold'}</p>
<h1>Simulated life, seed ${options.seed}</h1>
<p>${options.loans} applications over ${options.days} days on the ${options.carrier === 'redis' ? 'Redis' : 'PostgreSQL'} carrier${
    options.faults.length > 0 ? `, with ${escaped(options.faults.join(', '))}` : ', with nothing going wrong'
  }.</p>
<pre>${escaped(report.command)}</pre>
</header>
${cards(report)}
${section('What must hold', invariants(report))}
${section('Days', timeline(report), 'How long each day took, actions and close; a dot marks days on which something was broken.')}
${section('Balances', balances(report), 'Of the books, at the end of each business date, in lakhs of rupees.')}
${section('Asset classes', classes(report), 'Active loans, as each close of day found them.')}
${section('Days past due', pastDue(report), 'Active loans at the end.')}
${section('Jobs', jobs(report), 'By kind; dispatches above the number of jobs are those that went out again.')}
${section('Tries that failed or waited', retries(report))}
</body>
</html>
`;
}

function section(title: string, content: string, note = ''): string {
  return `<section><h2>${title}</h2>${note ? `<p class="about">${note}</p>` : ''}${content}</section>`;
}

function cards({ figures, actions, calls, jobs_per_s, took_ms, digest, compared }: Report): string {
  const jobs = figures.jobs.reduce((sum, row) => sum + row.jobs, 0);
  const facts = [
    ['Actions', `${count(actions)}`, `${count(calls)} calls`],
    ['Jobs', count(jobs), `${count(jobs_per_s)} a second`],
    ['Journals', count(figures.journals), `${count(figures.entries)} entries`],
    [
      'Loans',
      count(figures.loans.reduce((sum, { loans }) => sum + loans, 0)),
      figures.loans.map(({ state, loans }) => `${loans} ${state}`).join(', '),
    ],
    ['Payouts', count(figures.payouts.reduce((sum, { attempts }) => sum + attempts, 0)), payoutsOf(figures)],
    ['Bureau', count(figures.bureau.requests), `requests, ${count(figures.bureau.failed)} failed`],
    ['Time', `${(took_ms / 1_000).toFixed(1)} s`, 'lived through'],
  ];
  const shown = facts.map(
    ([name, value, note]) =>
      `<div><span>${name}</span><strong>${escaped(value!)}</strong><span>${escaped(note!)}</span></div>`,
  );
  const other = compared
    ? `<p class="${compared.same ? 'good' : 'bad'}">${
        compared.same
          ? '✓ The same life without faults came to the same digest.'
          : `✗ Without faults: ${escaped(compared.digest)}. ${escaped(compared.difference ?? '')}`
      }</p>`
    : '';
  return `<section class="cards">${shown.join('')}</section>
<section class="digest"><span>Digest of the final state</span><code>${digest}</code>${other}</section>`;
}

function invariants({ invariants: checked, surprises }: Report): string {
  const rows = checked.map(
    ({ name, holds, detail }) =>
      `<li class="${holds ? 'good' : 'bad'}"><b>${holds ? '✓' : '✗'}</b> ${escaped(name)}${
        detail ? `<p>${escaped(detail)}</p>` : ''
      }</li>`,
  );
  const more = surprises.map((line) => `<li>${escaped(line)}</li>`);
  return `<ul class="checks">${rows.join('')}</ul>${more.length > 0 ? `<ul>${more.join('')}</ul>` : ''}`;
}

function timeline({ days }: Report): string {
  const marks = new Map(
    days.flatMap(({ faults }, index) => (faults.length > 0 ? [[index, faults] as const] : [])),
  );
  const frame = {
    labels: days.map(({ date }) => date),
    text: (ms: number) => `${(ms / 1_000).toFixed(1)} s`,
  };
  const took = bars(frame, { name: 'took', colour: 1, values: days.map(({ took_ms }) => took_ms) }, marks);
  const listed = days
    .filter(({ faults }) => faults.length > 0)
    .map(({ date, faults }) => `<tr><td>${date}</td><td>${escaped(faults.join(', '))}</td></tr>`);
  if (listed.length === 0) return took;
  return `${took}<details><summary>${listed.length} days with faults</summary><table>${listed.join('')}</table></details>`;
}

const RUPEES_A_LAKH = 100_000;

function balances({ figures }: Report): string {
  const rows = figures.balances;
  const frame = {
    labels: rows.map(({ date }) => date),
    height: 150,
    text: (value: number) => value.toLocaleString('en', { maximumFractionDigits: 2 }),
  };
  const series = (name: 'principal' | 'income' | 'suspense', title: string, colour: number): Series => ({
    ...{ name: title, colour, values: rows.map((row) => Number(row[name]) / RUPEES_A_LAKH) },
  });
  // On an axis of its own: income is small beside what it is earned on.
  return (
    lines(frame, [series('principal', 'principal outstanding', 1)]) +
    lines(frame, [series('income', 'income so far', 2), series('suspense', 'in suspense', 3)])
  );
}

function classes({ figures }: Report): string {
  const labels = [...new Set(figures.classes.map(({ date }) => date))];
  const loans = new Map(figures.classes.map((row) => [`${row.date} ${row.asset_class}`, row.loans]));
  const series = CLASSES.map((name, index) => ({
    ...{ name, colour: [1, 2, 3, 4, 6][index]! },
    values: labels.map((date) => loans.get(`${date} ${name}`) ?? 0),
  }));
  return stacked({ labels, height: 160 }, series);
}

function pastDue({ figures }: Report): string {
  if (figures.past_due.length === 0) return '<p>None is active any more.</p>';
  return ranked(
    figures.past_due.map(({ bucket, loans }, index) => ({
      ...{ name: bucket === 'none' ? 'not past due' : `${bucket} days`, note: count(loans) },
      parts: [{ colour: [1, 2, 3, 4, 6][index] ?? 6, value: loans }],
    })),
  );
}

function jobs({ figures }: Report): string {
  const kinds = [...new Set(figures.jobs.map(({ kind }) => kind))];
  const rows = kinds.map((kind) => {
    const own = figures.jobs.filter((row) => row.kind === kind);
    const sum = (name: 'jobs' | 'dispatches') => own.reduce((total, row) => total + row[name], 0);
    const again = sum('dispatches') - sum('jobs');
    const states = own.map((row) => `${count(row.jobs)} ${row.state}`).join(', ');
    return {
      ...{ name: kind, note: again > 0 ? `${states}; ${count(again)} sent out again` : states },
      parts: own.map((row) => ({ colour: STATES[row.state] ?? 6, value: row.jobs })),
    };
  });
  return ranked(rows.sort((one, other) => jobsOf(other.parts) - jobsOf(one.parts)));
}

function jobsOf(parts: readonly { value: number }[]): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}

function retries({ figures }: Report): string {
  if (figures.retries.length === 0) return '<p>None.</p>';
  const rows = figures.retries.map(
    ({ kind, word, code, attempts }) =>
      `<tr><td>${escaped(kind)}</td><td>${escaped(word)}</td><td>${escaped(code)}</td><td class="number">${count(attempts)}</td></tr>`,
  );
  return `<table><tr><th>kind</th><th>outcome</th><th>code</th><th class="number">tries</th></tr>${rows.join('')}</table>`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}
