const devanagari = (family: string) => `@font-face { font-family: ${family};
  src: url('/delivered/devanagari.woff2') format('woff2'); unicode-range: U+0900-097F, U+20B9, U+25CC, U+A8E0-A8FF; }`;

/** The letters that mails ask for by name: a phone in India has them, the machine that shows the mail here may not. */
export const MAIL_STYLE = `<style>${devanagari("'Noto Sans Devanagari'")}</style>`;

/** What the page of delivered notices has beside the style of all pages. */
export const DELIVERED_STYLE = `
${devanagari('Devanagari')}
body { font-family: system-ui, Devanagari, sans-serif; }
:root { --bubble: #e9ecf1; --shade: 0 1px 2px #1c243014, 0 4px 14px #1c24300f; --bar: #f0f2f5;
  --email: #2f5fb3; --sms: #0f6b5c; --push: #7a4bb0; }
@media (prefers-color-scheme: dark) { :root { --bubble: #2a323e; --shade: 0 1px 2px #0006; --bar: #212935;
  --email: #86aef0; --sms: #4fc3ad; --push: #c09bf0; } }
main { max-width: 70rem; padding-top: 2.25rem; }
form.filter { display: flex; flex-wrap: wrap; gap: .6rem .9rem; align-items: center; margin: 1.25rem 0 .5rem;
  padding: .7rem; background: var(--card); border: 1px solid var(--line); border-radius: .8rem; }
form.filter input[type=search] { flex: 1 1 15rem; min-width: 0; }
form.filter input[type=search], form.filter select { font: inherit; font-size: .95rem; color: inherit;
  background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .7rem; }
form.filter button { background: var(--accent); color: var(--card); text-decoration: none; font-weight: 600;
  padding: .4rem .95rem; border-radius: .5rem; }
form.filter label { font-size: .92rem; color: var(--soft); display: inline-flex; gap: .4rem; align-items: center; }
input[type=checkbox] { accent-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.channels { display: inline-flex; background: var(--paper); border: 1px solid var(--line); border-radius: .5rem;
  overflow: hidden; font-size: .92rem; }
.channels a { padding: .4rem .8rem; color: var(--soft); text-decoration: none; }
.channels a + a { border-left: 1px solid var(--line); }
.channels a[aria-current] { background: var(--accent); color: var(--card); font-weight: 600; }
.fresh { position: sticky; top: .75rem; z-index: 2; display: block; width: max-content; margin: .75rem auto;
  padding: .4rem 1.1rem; border-radius: 2rem; background: var(--accent); color: var(--card); font-weight: 600;
  text-decoration: none; box-shadow: var(--shade); }
.fresh[hidden] { display: none; }
h2.day { display: flex; gap: .8rem; align-items: center; color: var(--soft); font-weight: 500; font-size: .92rem; }
h2.day::after { content: ''; flex: 1; border-top: 1px solid var(--line); }
.feed { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; align-items: start; }
.notice { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; box-shadow: var(--shade);
  overflow: hidden; min-width: 0; }
.notice.email { grid-column: 1 / -1; }
.notice > header { flex-wrap: nowrap; align-items: center; gap: .7rem; padding: .65rem .9rem;
  border-bottom: 1px solid var(--line); }
.notice > header > div { flex: 1; min-width: 0; line-height: 1.3; }
.notice > header strong, .notice > header small { display: block; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
small, time { color: var(--soft); font-size: .84rem; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.icon { flex: none; width: 2.1rem; height: 2.1rem; border-radius: 50%; display: grid; place-items: center;
  color: var(--tint); background: color-mix(in srgb, var(--tint) 14%, transparent); }
.icon svg { width: 1.15rem; height: 1.15rem; fill: none; stroke: currentColor; stroke-width: 1.8;
  stroke-linecap: round; stroke-linejoin: round; }
.email .icon { --tint: var(--email); } .sms .icon { --tint: var(--sms); } .push .icon { --tint: var(--push); }
.badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .8rem; font-weight: 600;
  color: var(--warn); background: color-mix(in srgb, var(--warn) 13%, transparent); white-space: nowrap; }
.is-lost { opacity: .72; } .is-lost .bubble, .is-lost .lock { text-decoration: line-through; }
.letter { padding: .8rem .9rem .7rem; }
.letter h3 { margin: 0 0 .3rem; font-size: 1.12rem; line-height: 1.35; overflow-wrap: anywhere; }
.letter small { display: block; overflow-wrap: anywhere; }
.parts { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); border-top: 1px solid var(--line); }
.parts.one { grid-template-columns: minmax(0, 1fr); }
.parts > * + * { border-left: 1px solid var(--line); }
.parts iframe { display: block; width: 100%; height: 24rem; border: 0; background: #fff; color-scheme: light; }
.parts pre { margin: 0; padding: .9rem; font: .85rem/1.55 ui-monospace, Devanagari, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; max-height: 45rem; overflow-y: auto; background: var(--bar); }
.parts figure { margin: 0; min-width: 0; display: flex; flex-direction: column; background: var(--bar); }
.parts figcaption { padding: .3rem .9rem; font-size: .78rem; color: var(--soft); background: var(--bar);
  border-bottom: 1px solid var(--line); }
.files { display: flex; flex-wrap: wrap; gap: .5rem; padding: .7rem .9rem; border-top: 1px solid var(--line); }
.files a { display: inline-flex; gap: .4rem; padding: .3rem .7rem; border: 1px solid var(--line);
  border-radius: .5rem; text-decoration: none; font-size: .88rem; max-width: 100%; overflow-wrap: anywhere; }
.phone { padding: 1.1rem .9rem 1rem; }
.bubble { width: fit-content; max-width: 92%; padding: .65rem .95rem; background: var(--bubble);
  border-radius: 1.15rem 1.15rem 1.15rem .3rem; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.42; }
.phone p, .lock + p { margin: .5rem .2rem 0; font-size: .82rem; }
.screen { padding: 1.1rem .9rem 1rem; }
.lock { display: flex; gap: .8rem; padding: .8rem .9rem; background: var(--bubble); border-radius: 1.1rem; }
.lock .app { flex: none; width: 2.3rem; height: 2.3rem; border-radius: .6rem; display: grid; place-items: center;
  background: linear-gradient(140deg, #14806e, #0b4f5f); color: #fff; font-weight: 700; }
.lock div { min-width: 0; flex: 1; line-height: 1.38; overflow-wrap: anywhere; }
.lock b { display: block; } .lock time { float: right; margin-left: .5rem; }
.data { margin: .6rem .2rem 0; font-size: .82rem; color: var(--soft); overflow-wrap: anywhere; }
.empty { padding: 3.5rem 1rem; text-align: center; border: 1px dashed var(--line); border-radius: .8rem; }
.older { display: block; margin: 1.5rem auto 0; width: max-content; }
@media (max-width: 46rem) { main { padding: 1.5rem .9rem; } .feed, .parts { grid-template-columns: minmax(0, 1fr); }
  .parts > * + * { border-left: 0; border-top: 1px solid var(--line); } .channels { width: 100%; }
  .notice > header { flex-wrap: wrap; } .notice > header > div { flex: 1 1 9rem; }
  .badge { order: 1; margin-left: 2.8rem; }
  .channels a { flex: 1; text-align: center; padding: .4rem .3rem; } }
`;

/** Gives every mail the height it has, and says when there is something new. */
export const DELIVERED_SCRIPT = `
const HEIGHT_MAX = 720;
const frames = [...document.querySelectorAll('iframe')];
const fit = (frame) => {
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  frame.style.height = '0';
  frame.style.height = Math.min(Math.max(root.scrollHeight, 120), HEIGHT_MAX) + 'px';
};
for (const frame of frames) { frame.addEventListener('load', () => fit(frame)); fit(frame); }
addEventListener('resize', () => frames.forEach(fit));
const fresh = document.querySelector('.fresh');
setInterval(async () => {
  if (document.hidden || !fresh) return;
  const { count } = await fetch('/delivered/count').then((answer) => answer.json()).catch(() => ({ count: 0 }));
  const more = count - Number(fresh.dataset.count);
  if (more > 0) { fresh.hidden = false; fresh.textContent = more + ' new'; }
}, 2000);
`;
