import { escapeHtml } from '../html/escape.ts';
import { CHANNELS, type Channel, type ContentOf } from '../notifications/channels.ts';
import type { Preview } from '../notifications/templates/preview.ts';
import type { TemplateView } from '../notifications/templates/views.ts';
import { page } from './pages.ts';

export const TEMPLATES_PATH = '/console/templates';

/** What the visitor looks at. */
export interface Look {
  template: string;
  locale: string;
  channel: Channel;
}

export interface TemplatesShown {
  tenant: string;
  /** Those that a person of the platform may look at instead. */
  tenants: readonly string[];
  csrf_token: string;
  templates: readonly TemplateView[];
  look: Look;
  /** JSON, as the visitor wrote it or as the examples are. */
  data: string;
  /** The message, or why there is none. */
  preview: Preview | string;
}

const CHANNEL_NAMES: Record<Channel, string> = { email: 'E-mail', sms: 'Text message', push: 'Push message' };

/** What a tenant's messages say, as those who get them will read it. Needs no script. */
export function templatesPage(shown: TemplatesShown): string {
  const { tenant, tenants, templates, look, preview } = shown;
  const others = tenants
    .filter((each) => each !== tenant)
    .map((each) => `<a href="${TEMPLATES_PATH}?tenant=${encodeURIComponent(each)}">${escapeHtml(each)}</a>`);
  const about = templates.find(({ name }) => name === look.template)?.about;
  return page(
    'Templates',
    `<h1>Templates of ${escapeHtml(tenant)}</h1>
<p>What messages say, as those who get them will read it.${others.length > 0 ? ` Others: ${others.join(', ')}.` : ''}</p>
${chooser(shown)}
<h2>${escapeHtml(look.template)} <small>${escapeHtml(about ?? '')}</small></h2>
${typeof preview === 'string' ? `<p class="problem" role="alert">${escapeHtml(preview)}</p>` : message(look.channel, preview)}
${dataForm(shown)}
<h2>All templates</h2>
${list(shown)}
<p><a href="/">Home</a></p>`,
    'wide',
  );
}

function chooser({ tenant, templates, look }: TemplatesShown): string {
  const locales = [...new Set(templates.flatMap(({ wordings }) => wordings.map(({ locale }) => locale)))];
  const names = templates.map(({ name }) => [name, name] as const);
  return `<form method="get" action="${TEMPLATES_PATH}" class="row"><input type="hidden" name="tenant" value="${escapeHtml(tenant)}">
${select('template', 'Template', names, look.template)}
${select(
  'locale',
  'Locale',
  [...new Set([look.locale, ...locales])].sort().map((each) => [each, each] as const),
  look.locale,
)}
${select('channel', 'Channel', Object.entries(CHANNEL_NAMES), look.channel)}
<div><button>Show</button></div></form>`;
}

function select(
  name: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
): string {
  const items = options.map(
    ([value, text]) =>
      `<option value="${escapeHtml(value)}"${value === chosen ? ' selected' : ''}>${escapeHtml(text)}</option>`,
  );
  return `<div><label for="${name}">${label}</label><select id="${name}" name="${name}">${items.join('')}</select></div>`;
}

function message(channel: Channel, { origin, warnings, content, segments }: Preview): string {
  const written = origin
    ? `Written from <strong>${escapeHtml(origin.template)}</strong>, version ${origin.version}, ${escapeHtml(origin.locale)}; ${origin.category}.`
    : '';
  const counted = segments
    ? `<p>${segments.segments} segment${segments.segments === 1 ? '' : 's'} of ${segments.encoding}: ${segments.length} of ${segments.segments * segments.per_segment} places.</p>`
    : '';
  const warned = warnings.map((warning) => `<p class="warn">${escapeHtml(warning)}</p>`).join('');
  return `<p>${written}</p>${SHOWN[channel](content as never)}${counted}${warned}`;
}

/** The mail's HTML is framed with no rights at all: no scripts, no forms, no origin of ours. */
const SHOWN: { [C in Channel]: (content: ContentOf[C]) => string } = {
  email: ({ subject, text, html }) => `<p class="said wide"><strong>${escapeHtml(subject)}</strong></p>
${html ? `<iframe sandbox title="The mail as it is shown" srcdoc="${escapeHtml(html)}"></iframe>` : ''}
<details${html ? '' : ' open'}><summary>As plain text</summary><pre>${escapeHtml(text)}</pre></details>`,
  sms: ({ text }) => `<p class="said">${escapeHtml(text)}</p>`,
  push: ({ title, body, data = {} }) =>
    `<p class="said"><strong>${escapeHtml(title)}</strong>${escapeHtml(body)}</p>${pushData(data)}`,
};

/** What the reader does not see, but the app. */
function pushData(data: Record<string, string>): string {
  const pairs = Object.entries(data).map(([name, value]) => `${name} = ${value}`);
  return pairs.length === 0 ? '' : `<p>The app is told: ${escapeHtml(pairs.join(' · '))}</p>`;
}

function dataForm({ tenant, csrf_token, look, data }: TemplatesShown): string {
  const hidden = Object.entries({ csrf_token, tenant, ...look }).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  );
  return `<details><summary>Data it is filled with</summary><form method="post" action="${TEMPLATES_PATH}">${hidden.join('')}
<label for="data">JSON</label><textarea id="data" name="data" spellcheck="false">${escapeHtml(data)}</textarea>
<button>Show with this data</button></form></details>`;
}

function list({ tenant, templates, look }: TemplatesShown): string {
  const rows = templates.map(({ name, about, wordings }) => {
    const links = wordings.map(({ locale, source, version, channels }) => {
      const channel = channels.includes(look.channel) ? look.channel : (channels[0] ?? CHANNELS[0]);
      const address = `${TEMPLATES_PATH}?${new URLSearchParams({ tenant, template: name, locale, channel })}`;
      const which = source === 'own' ? `own, version ${version}` : 'built in';
      return `<a href="${escapeHtml(address)}">${escapeHtml(locale)}</a> (${which})`;
    });
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(about ?? '')}</td><td>${links.join(', ')}</td></tr>`;
  });
  return `<table><thead><tr><th>Name</th><th>When</th><th>Wordings</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
