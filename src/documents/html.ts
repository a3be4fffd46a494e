import { createHash } from 'node:crypto';
import { escapeHtml } from '../html/escape.ts';
import type { Block, Column, Facts, Paper, Table } from './paper.ts';
import { svgOf } from './svg.ts';

const STYLE = `
:root{--ink:#1b2430;--soft:#5a6675;--line:#cfd6de;--band:#f3f5f8;--accent:#1f4e79}
*{box-sizing:border-box}
html{background:#e9ecf0;color:var(--ink);font:14px/1.45 "Noto Sans","Noto Sans Devanagari",system-ui,sans-serif;font-variant-numeric:tabular-nums lining-nums}
body{margin:0}
main{width:min(210mm,100%);margin:1.5rem auto;padding:14mm 15mm;background:#fff;box-shadow:0 1px 6px #0002}
header{border-bottom:2px solid var(--accent);padding-bottom:.75rem;margin-bottom:1rem}
header p{margin:0;color:var(--soft)}header .from{color:var(--accent);font-weight:600;letter-spacing:.01em}
h1{margin:.1rem 0 .15rem;font-size:1.6rem;line-height:1.2}
h2{margin:1.5rem 0 .5rem;font-size:1.05rem;color:var(--accent);break-after:avoid}
dl{display:grid;grid-template-columns:max-content 1fr;margin:0;column-gap:1.2rem;row-gap:.2rem}
dl.two{grid-template-columns:max-content 1fr max-content 1fr}
dl.one{grid-template-columns:minmax(10rem,34%) 1fr}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}dl.one dd{font-weight:600}
table{width:100%;border-collapse:collapse;margin:0 0 .5rem;font-size:.9rem}
caption{text-align:left;color:var(--soft);padding-bottom:.3rem}
thead{display:table-header-group}tr{break-inside:avoid}
th{text-align:left;font-weight:600;background:var(--band);border-bottom:1.5px solid var(--accent);vertical-align:bottom}
th,td{padding:.28rem .45rem}td{border-bottom:1px solid var(--line);vertical-align:top}
.right{text-align:right;white-space:nowrap}th.right{white-space:normal}
tr.strong td{font-weight:600;background:var(--band)}
.note{color:var(--soft);margin:.4rem 0;font-size:.9rem}.code{font-family:"Noto Sans Mono",ui-monospace,monospace;font-size:.8rem;overflow-wrap:anywhere}
figure{margin:.5rem 0;break-inside:avoid}svg{display:block;width:100%;height:auto}
@media(max-width:640px){main{padding:1rem}dl.two{grid-template-columns:max-content 1fr}.wide{overflow-x:auto}}
@media print{html{background:#fff;font-size:10.5px}main{width:auto;margin:0;padding:0;box-shadow:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;

/** Where the browser may get things from for such a page: nowhere. Its style alone is let in, by its hash. */
function policyOf(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return [
    ...["default-src 'none'", `style-src 'sha256-${hash}'`, "frame-ancestors 'none'", "base-uri 'none'"],
    // The empty icon, so that browsers ask for none.
    ...['img-src data:', "form-action 'none'"],
  ].join('; ');
}

export interface HtmlPage {
  html: string;
  /** For the header Content-Security-Policy. */
  policy: string;
}

/** The paper as a page without scripts, nothing fetched, that prints on A4. */
export function htmlOf(paper: Paper): HtmlPage {
  const { language, title, from, subtitle, blocks } = paper;
  const style = STYLE + pagesOf(paper);
  const html = `<!doctype html>
<html lang="${escapeHtml(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><link rel="icon" href="data:,">
<title>${escapeHtml(`${title} · ${from}`)}</title><style>${style}</style></head>
<body><main>
<header><p class="from">${escapeHtml(from)}</p><h1>${escapeHtml(title)}</h1><p>${escapeHtml(subtitle)}</p></header>
${blocks.map(blockOf).join('\n')}
</main></body></html>
`;
  return { html, policy: policyOf(style) };
}

/** Page numbers, and what paper it is, at the foot of each page. */
function pagesOf({ footer }: Paper): string {
  return `@page{size:A4;margin:14mm 15mm 16mm;@bottom-left{content:${cssText(footer)};font:8px sans-serif;color:#5a6675}@bottom-right{content:counter(page) " / " counter(pages);font:8px sans-serif;color:#5a6675}}`;
}

/** As a CSS string: whatever is no plain character is written as its code. */
function cssText(text: string): string {
  const escaped = [...text].map((each) =>
    /[A-Za-z0-9 .,:·-]/.test(each) ? each : `\\${each.codePointAt(0)!.toString(16)} `,
  );
  return `"${escaped.join('')}"`;
}

function blockOf(block: Block, index: number): string {
  switch (block.is) {
    case 'heading':
      return `<h2>${escapeHtml(block.text)}</h2>`;
    case 'facts':
      return factsOf(block);
    case 'table':
      return tableOf(block);
    case 'note':
      return `<p class="note${block.code ? ' code' : ''}">${escapeHtml(block.text)}</p>`;
    case 'chart':
      return `<figure>${svgOf(block.chart, `chart-${index}`)}</figure>`;
  }
}

function factsOf({ columns, pairs }: Facts): string {
  const items = pairs.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<dl class="${columns === 2 ? 'two' : 'one'}">${items.join('')}</dl>`;
}

function tableOf({ caption, columns, rows }: Table): string {
  const right = ({ align }: Column) => (align === 'right' ? ' class="right"' : '');
  const titles = columns.map((column) => `<th scope="col"${right(column)}>${escapeHtml(column.title)}</th>`);
  const lines = rows.map(({ cells, strong }) => {
    const texts = cells.map((cell, index) => `<td${right(columns[index]!)}>${escapeHtml(cell)}</td>`);
    return `<tr${strong ? ' class="strong"' : ''}>${texts.join('')}</tr>`;
  });
  return `<div class="wide"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${titles.join('')}</tr></thead>
<tbody>${lines.join('\n')}</tbody></table></div>`;
}
