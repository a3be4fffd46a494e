import { escapeHtml } from '../../html/escape.ts';
import { page } from '../../html/page.ts';
import { DELIVERED_SCRIPT, DELIVERED_STYLE, MAIL_STYLE } from './delivered-style.ts';
import type { Notice, NoticeChannel, NoticeFile } from './inbox.ts';

/** What the page was asked to show. */
export interface Shown {
  person: string;
  channel: NoticeChannel | null;
  account: string | null;
  /** Also what never arrived, and what a device replaced. */
  all: boolean;
}

export interface DeliveredPage {
  shown: Shown;
  /** Newest first. */
  notices: readonly Notice[];
  accounts: readonly string[];
  /** How many there are of what was asked for, beyond those on the page as well. */
  found: number;
  /** How many were ever accepted. */
  count: number;
  /** The message that the next page begins after. */
  older: string | null;
}

type Of<Channel extends NoticeChannel> = Extract<Notice, { channel: Channel }>;

const ZONE = 'Asia/Kolkata';
const DAY = new Intl.DateTimeFormat('en-IN', {
  ...{ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: ZONE },
});
const TIME = new Intl.DateTimeFormat('en-GB', {
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: ZONE },
});
const TOKEN_SHOWN = 8;
const CHANNEL_NAMES: Record<NoticeChannel, string> = { email: 'Mail', sms: 'SMS', push: 'Push' };
const PROVIDER_NAMES = { brevo: 'Brevo', smtp: 'SMTP', 'two-factor': '2Factor', fcm: 'Firebase' } as const;
const ICONS: Record<NoticeChannel, string> = {
  email: '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m3.5 7 8.5 6 8.5-6"/>',
  sms: '<path d="M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Z"/>',
  push: '<path d="M6 16V11a6 6 0 0 1 12 0v5l2 2H4l2-2Z"/><path d="M10 21h4"/>',
};

/** What people have before them, as they see it. */
export function deliveredPage(asked: DeliveredPage): string {
  const { shown, notices, found, count, older } = asked;
  const days = Map.groupBy(notices, ({ at }) => DAY.format(new Date(at)));
  const feed = [...days].map(
    ([day, of]) => `<h2 class="day">${day}</h2><div class="feed">${of.map(card).join('')}</div>`,
  );
  return page(
    'Delivered',
    `<header><h1>Delivered</h1><small>Indian time</small></header>
     <p>${found} ${found === 1 ? 'message' : 'messages'}${shown.all ? '' : ', as people see them'}.</p>
     ${filterForm(asked)}
     <a class="fresh" data-count="${count}" href="${link(shown, {})}" hidden>New</a>
     ${feed.join('') || '<p class="empty">Nobody has got anything yet.</p>'}
     ${older === null ? '' : `<a class="older" href="${link(shown, { before: older })}">Older</a>`}`,
    { style: DELIVERED_STYLE, script: DELIVERED_SCRIPT },
  );
}

function filterForm({ shown, accounts }: DeliveredPage): string {
  const channels = [null, 'email', 'sms', 'push'] as const;
  const links = channels.map((channel) => {
    const current = channel === shown.channel ? ' aria-current="true"' : '';
    const name = channel === null ? 'All' : CHANNEL_NAMES[channel];
    return `<a href="${link({ ...shown, channel }, {})}"${current}>${name}</a>`;
  });
  const options = accounts.map(
    (id) => `<option${id === shown.account ? ' selected' : ''}>${escapeHtml(id)}</option>`,
  );
  const account =
    accounts.length < 2
      ? ''
      : `<select name="account" aria-label="Account"><option value="">Every account</option>${options.join('')}</select>`;
  const channel = shown.channel ? `<input type="hidden" name="channel" value="${shown.channel}">` : '';
  return `<form class="filter" role="search">
    <input type="search" name="person" value="${escapeHtml(shown.person)}" aria-label="Person"
      placeholder="Address, number or name">${channel}${account}
    <label><input type="checkbox" name="all" value="1"${shown.all ? ' checked' : ''}> what never arrived, too</label>
    <button>Show</button><nav class="channels" aria-label="Channel">${links.join('')}</nav></form>`;
}

function link(shown: Shown, more: Record<string, string>): string {
  const asked = {
    ...(shown.person && { person: shown.person }),
    ...(shown.channel && { channel: shown.channel }),
    ...(shown.account && { account: shown.account }),
    ...(shown.all && { all: '1' }),
    ...more,
  };
  const query = new URLSearchParams(asked).toString();
  return escapeHtml(query ? `/delivered?${query}` : '/delivered');
}

function card(notice: Notice): string {
  const { channel, at, account, provider, arrived } = notice;
  return `<article class="notice ${channel}${arrived && !notice.is_replaced ? '' : ' is-lost'}" data-id="${notice.id}">
    <header><span class="icon" title="${CHANNEL_NAMES[channel]}"><svg viewBox="0 0 24 24" aria-hidden="true">${ICONS[channel]}</svg></span>
      <div><strong>${escapeHtml(notice.name ?? addressOf(notice))}</strong>
      <small>${notice.name === null ? '' : `${escapeHtml(addressOf(notice))} · `}${escapeHtml(account)} · ${PROVIDER_NAMES[provider]}</small></div>
      ${badges(notice)}<time datetime="${at}">${TIME.format(new Date(at))}</time></header>
    ${bodyOf(notice)}</article>`;
}

function badges({ copy, fate, channel, is_replaced, arrived }: Notice): string {
  const words = [
    fate,
    is_replaced ? 'replaced' : null,
    // On a device the later one stands in the place of the earlier.
    arrived && copy > 1 && channel !== 'push' ? `came ${copy} times` : null,
  ];
  return words
    .map((word) => (word === null ? '' : `<span class="badge">${escapeHtml(word)}</span>`))
    .join('');
}

function bodyOf(notice: Notice): string {
  switch (notice.channel) {
    case 'email':
      return letter(notice);
    case 'sms':
      return bubble(notice);
    case 'push':
      return lockScreen(notice);
  }
}

function letter(mail: Of<'email'>): string {
  const { from, reply_to, subject, html, text, files, headers } = mail;
  const sender = from.name === null ? from.email : `${from.name} <${from.email}>`;
  const parts = [
    html === null
      ? ''
      : `<figure><figcaption>As it looks</figcaption>
         <iframe sandbox="allow-same-origin" title="${escapeHtml(subject)}" srcdoc="${escapeHtml(html + MAIL_STYLE)}"></iframe></figure>`,
    text === null
      ? ''
      : `<figure><figcaption>Its text part</figcaption><pre>${escapeHtml(text)}</pre></figure>`,
  ].filter(Boolean);
  return `<div class="letter"><h3>${escapeHtml(subject)}</h3><small>From ${escapeHtml(sender)}</small>
      ${reply_to === null ? '' : `<small>Answers to ${escapeHtml(reply_to)}</small>`}
      ${unsubscribeLink(headers)}
      ${text === null ? '<small>It has no text part.</small>' : ''}</div>
    <div class="parts${parts.length === 1 ? ' one' : ''}">${parts.join('')}</div>
    ${files.length === 0 ? '' : `<div class="files">${files.map((file, index) => fileLink(mail, file, index)).join('')}</div>`}`;
}

/** As mail programs show it beside a mail whose headers name a page (RFC 2369). */
function unsubscribeLink(headers: Record<string, string>): string {
  const [, value = ''] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'list-unsubscribe') ?? [];
  const [, address] = /<(https?:[^<>\s]+)>/.exec(value) ?? [];
  if (address === undefined) return '';
  return `<small><a href="${escapeHtml(address)}" target="_blank" rel="noopener noreferrer">Unsubscribe</a></small>`;
}

function fileLink({ id }: Notice, { name, bytes }: NoticeFile, index: number): string {
  return `<a href="/delivered/${id}/files/${index}">${escapeHtml(name)} <small>${sizeText(bytes)}</small></a>`;
}

function bubble({ from, text, segments, encoding, template }: Of<'sms'>): string {
  const parts = `${segments} ${segments === 1 ? 'segment' : 'segments'} · ${encoding} · ${[...text].length} characters`;
  return `<div class="phone"><small>${escapeHtml(from)}</small><div class="bubble">${escapeHtml(text)}</div>
    <p>${parts}${template === null ? '' : ` · template ${escapeHtml(template)}`}</p></div>`;
}

function lockScreen({ account, at, title, body, data }: Of<'push'>): string {
  const pairs = Object.entries(data).map(([name, value]) => `${name} = ${value}`);
  return `<div class="screen"><div class="lock"><span class="app">${escapeHtml(account.slice(0, 1).toUpperCase())}</span>
      <div><time>${TIME.format(new Date(at)).slice(0, 5)}</time><b>${escapeHtml(title)}</b>${escapeHtml(body)}</div></div>
    ${pairs.length === 0 ? '' : `<p class="data">${escapeHtml(pairs.join(' · '))}</p>`}</div>`;
}

/** The address; of a device's long token, its ends. */
function addressOf({ channel, to }: Notice): string {
  if (channel !== 'push' || to.length <= 2 * TOKEN_SHOWN) return to;
  return `device ${to.slice(0, TOKEN_SHOWN)}…${to.slice(-TOKEN_SHOWN)}`;
}

function sizeText(bytes: number): string {
  return bytes < 1_024 ? `${bytes} B` : `${Math.round(bytes / 1_024)} KB`;
}
