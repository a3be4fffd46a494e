import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { escapeHtml } from '../html/escape.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#1c2733;--paper:#f6f7f9;--card:#fff;--line:#d8dee6;--accent:#1f6f5c;--bad:#a4262c}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--paper:#12171d;--card:#1b222b;--line:#33404e;--accent:#4fb89c;--bad:#ff8a8f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{width:min(24rem,92vw);margin:2rem 0;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:12px}
main.wide{width:min(52rem,92vw)}
h1{margin:0 0 .25rem;font-size:1.5rem}h2{margin:1.5rem 0 .25rem;font-size:1.05rem}
h2 small{font-weight:400;opacity:.7}p{margin:.25rem 0 1rem;overflow-wrap:anywhere}
label{display:block;margin:1rem 0 .25rem;font-weight:600}
input,select,textarea{width:100%;padding:.6rem .7rem;border:1px solid var(--line);border-radius:8px;background:var(--card);color:inherit;font:inherit}
textarea{min-height:14rem;font:13px/1.5 ui-monospace,monospace;resize:vertical}
input:focus-visible,select:focus-visible,textarea:focus-visible,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
button{width:100%;margin-top:1.5rem;padding:.65rem;border:0;border-radius:8px;background:var(--accent);color:var(--card);font:inherit;font-weight:600;cursor:pointer}
a{color:var(--accent)}button.quiet{margin-top:.75rem;background:transparent;color:inherit;border:1px solid var(--line)}
.row{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:0 .75rem;align-items:end}
.row button{margin-top:1rem}iframe{display:block;width:100%;height:40rem;border:1px solid var(--line);border-radius:8px;background:#fff}
@media(prefers-color-scheme:dark){iframe{background:#12171d}}
.said{max-width:26rem;padding:.8rem 1rem;margin:.5rem 0;border:1px solid var(--line);border-radius:14px;background:var(--paper);overflow-wrap:anywhere;white-space:pre-wrap}
.said.wide{max-width:none;border-radius:8px}.said strong{display:block}@media(max-width:40rem){table{display:block;overflow-x:auto}}.warn{padding:.4rem .8rem;margin:.35rem 0;border-left:4px solid #c98a1b}pre{white-space:pre-wrap;overflow-wrap:anywhere}summary{cursor:pointer;margin:.75rem 0}
.problem{padding:.6rem .8rem;border-left:4px solid var(--bad);color:var(--bad)}
table{width:100%;border-collapse:collapse;margin:0 0 1rem}th,td{padding:.4rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td:last-child{overflow-wrap:anywhere;white-space:pre-wrap}
th{font-weight:600;opacity:.7}dt{font-weight:600;opacity:.7}dd{margin:0 0 .5rem}section:target{outline:2px solid var(--accent);outline-offset:.5rem;border-radius:4px}
`;

/** Only this very style sheet, forms to ourselves, and nothing else at all. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** As PAGE_POLICY, for a page that frames a mail: a mail's styles stand on its elements. */
export const MAIL_POLICY = PAGE_POLICY.replace(/style-src [^;]+/, "style-src 'unsafe-inline'; img-src data:");

/** A whole page without script or anything fetched from elsewhere; `from` is whose it is to the reader. */
export function page(
  title: string,
  content: string,
  width: 'narrow' | 'wide' = 'narrow',
  from = 'Kist',
): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · ${escapeHtml(from)}</title><style>${STYLE}</style></head>
<body><main class="${width}">${content}</main></body></html>`;
}

export function sendPage(reply: FastifyReply, html: string, policy = PAGE_POLICY): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .serializer(String)
    .send(html);
}
