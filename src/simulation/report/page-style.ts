/** The page's look, by day and by night. */
export const STYLE = `
:root { --page: #f6f7f9; --card: #fff; --ink: #1a2230; --faint: #667085; --rule: #e3e7ed; --good: #16794c; --bad: #c02626;
  --c1: #3563e9; --c2: #0f9d8a; --c3: #e0a100; --c4: #e06c1f; --c5: #98a2b3; --c6: #c02640; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0f141c; --card: #182030; --ink: #e8edf5; --faint: #93a0b5; --rule: #2a3548; --good: #4cc38a; --bad: #ff7b72;
    --c1: #6c92ff; --c2: #35c2ae; --c3: #f0bd3a; --c4: #f08b4a; --c5: #66738a; --c6: #ff6b7d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px 64px; max-width: 1040px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 28px; } h2 { margin: 0 0 4px; font-size: 18px; }
header p { margin: 4px 0 12px; color: var(--faint); }
header .verdict { margin: 0 0 8px; font-weight: 600; }
.good, header .good { color: var(--good); } .bad, header .bad { color: var(--bad); }
pre, .digest { padding: 10px 14px; border: 1px solid var(--rule); border-radius: 8px; background: var(--card); white-space: pre-wrap; }
pre, code { font: 13px/1.5 ui-monospace, monospace; }
section { margin-top: 20px; padding: 18px 20px; border: 1px solid var(--rule); border-radius: 10px; background: var(--card); }
.about, .legend, .digest span { margin: 0 0 10px; color: var(--faint); font-size: 13px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 16px; padding: 16px 20px; }
.cards div { display: flex; flex-direction: column; } .cards strong { font-size: 24px; line-height: 1.3; }
.cards span { color: var(--faint); font-size: 13px; }
.digest { margin-top: 12px; } .digest span { margin-right: 12px; } .digest p { margin: 4px 0 0; } .digest code { word-break: break-all; }
.checks { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 4px 20px; margin: 10px 0 0; padding: 0; list-style: none; }
.checks li { color: var(--ink); } .checks .good b { color: var(--good); } .checks .bad { grid-column: 1 / -1; color: var(--bad); }
.checks p { margin: 0 0 6px 20px; font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; margin-top: 8px; }
.axis { fill: var(--faint); font: 12px system-ui, sans-serif; } .grid { stroke: var(--rule); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; } .mark { fill: var(--c6); } .hover { fill: transparent; } g:hover .hover { fill: var(--rule); }
${[1, 2, 3, 4, 5, 6].map((n) => `.c${n} { fill: var(--c${n}); } .s${n} { stroke: var(--c${n}); } .b${n} { background: var(--c${n}); }`).join('\n')}
.marked { opacity: 0.65; }
.legend span { margin-right: 16px; } .legend i { display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 3px; }
.legend { margin: 6px 0 0 64px; }
.ranked { display: grid; grid-template-columns: max-content 1fr max-content; gap: 6px 14px; align-items: center; margin-top: 10px; font-size: 14px; }
.ranked .bar { display: flex; height: 12px; border-radius: 4px; background: var(--page); overflow: hidden; } .ranked .note { color: var(--faint); font-size: 13px; }
table { border-collapse: collapse; margin-top: 8px; font-size: 14px; } td, th { padding: 3px 18px 3px 0; text-align: left; }
th { color: var(--faint); font-weight: 500; } .number { text-align: right; font-variant-numeric: tabular-nums; }
details { margin-top: 8px; } summary { cursor: pointer; color: var(--faint); font-size: 13px; }
`;
