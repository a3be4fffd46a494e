import { escapeHtml } from './escape.ts';

/**
 * A whole page of Kist's own: nothing fetched from anywhere, and no scripts but the one handed in. `body` is HTML.
 * @param more what this page alone has of style and script
 */
export function page(title: string, body: string, more: { style?: string; script?: string } = {}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}${more.style ?? ''}</style>
</head>
<body><main>${body}</main>${more.script ? `<script>${more.script}</script>` : ''}</body>
</html>
`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** In whole units of the largest that fits. */
export function ageText(seconds: number): string {
  if (seconds >= DAY) return `${Math.floor(seconds / DAY)} d`;
  if (seconds >= HOUR) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / MINUTE)} min`;
}

/** Says so where a table does not show all there is. */
export function restText(shown: number, all: number): string {
  return shown < all ? `<p>The oldest ${shown} of ${all}.</p>` : '';
}

export function ownerCell(owner: string | null): string {
  return owner === null ? '<td class="warn">nobody</td>' : `<td>${escapeHtml(owner)}</td>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7e; --paper: #f5f6f8; --card: #fff;
  --line: #dfe3ea; --accent: #0f6b5c; --warn: #a53a1f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #93a0b3; --paper: #12161c;
  --card: #1a2029; --line: #2b3441; --accent: #4fc3ad; --warn: #ff8f6b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 2.25rem 0 .75rem; }
p { margin: .25rem 0 1rem; color: var(--soft); }
a { color: var(--accent); }
.cards { display: grid; gap: .9rem; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); }
.card { display: block; padding: 1rem 1.1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; color: inherit; text-decoration: none; }
a.card:hover { border-color: var(--accent); }
.card strong { display: block; }
.card span { color: var(--soft); font-size: .9rem; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; overflow: hidden; font-size: .92rem; }
th, td { text-align: left; padding: .55rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 500; }
th.number, td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td code { white-space: nowrap; font-size: .88em; }
table + p { margin-top: .6rem; }
@media (max-width: 46rem) { table { display: block; overflow-x: auto; } th, td { padding: .5rem .6rem; }
  th, td.lines { white-space: nowrap; } }
.warn { color: var(--warn); font-weight: 600; }
nav { display: flex; gap: 1rem; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; flex-wrap: wrap; }
button { font: inherit; color: var(--accent); background: none; border: 0; padding: 0; cursor: pointer;
  text-decoration: underline; }
`;
