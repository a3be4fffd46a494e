import type { PartsOf } from '../parts.ts';
import { type BuiltInLocale, only } from './built-in.ts';

/** What a letter says; every text is Liquid. */
export interface Letter {
  subject: string;
  heading: string;
  paragraphs: readonly string[];
  /** A variable that holds several, and what is said of each `item`. */
  list?: readonly [variable: string, text: string];
  /** Label and value; with a third, the variable without which the line is left out. */
  facts: readonly (readonly [label: string, value: string, needs?: string])[];
  /** Label, and the variable that holds the link; left out where it has none. */
  button?: readonly [label: string, variable: string];
}

interface Phrases {
  greeting: string;
  regards: string;
  questions: string;
  safety: string;
}

const PHRASES: Record<BuiltInLocale, Phrases> = {
  'en-IN': {
    greeting: 'Dear {{ name }},',
    regards: 'Regards,',
    questions: 'Questions? Reach us at {{ contact }}.',
    safety: 'We never ask for your PIN, password or OTP.',
  },
  'hi-IN': {
    greeting: 'नमस्ते {{ name }} जी,',
    regards: 'सादर,',
    questions: 'कोई सवाल हो तो हमसे संपर्क करें: {{ contact }}',
    safety: 'हम आपसे PIN, पासवर्ड या OTP कभी नहीं माँगते।',
  },
};

/** The mail of a letter, as text and as HTML of the same words. */
export function letter(locale: BuiltInLocale, content: Letter): PartsOf<'email'> {
  const phrases = PHRASES[locale];
  return { subject: content.subject, text: textOf(content, phrases), html: htmlOf(locale, content, phrases) };
}

function textOf({ paragraphs, list, facts, button }: Letter, phrases: Phrases): string {
  const lines = facts.map(([label, value, needs]) => only(needs, `${label}: ${value}\n`)).join('');
  return [
    `${phrases.greeting}\n`,
    ...paragraphs.map((paragraph) => `${paragraph}\n`),
    ...(list ? [forEach(list[0], `- ${list[1]}\n`)] : []),
    lines,
    button ? only(button[1], `${button[0]}: {{ ${button[1]} }}\n`) : '',
    only('contact', `${phrases.questions}\n`),
    `${phrases.regards}\n{{ lender }}\n`,
    phrases.safety,
  ].join('\n');
}

const FONT = "font-family:'Segoe UI',Roboto,'Noto Sans','Noto Sans Devanagari',Helvetica,Arial,sans-serif";
const INK = '#1c2430';
const SOFT = '#5d6b7e';
const ACCENT = '#0f6b5c';

/** Mail clients that know dark colours take these; every other shows the letter as it is. */
const DARK = `@media (prefers-color-scheme:dark){.paper{background:#12161c!important}.card{background:#1a2029!important;border-color:#2b3441!important}.ink{color:#e6eaf0!important}.soft{color:#93a0b3!important}.line{border-color:#2b3441!important}.brand{color:#4fc3ad!important}}`;

/** Tables and styles on the elements: what every mail client shows, old Outlook too. Nothing is fetched. */
function htmlOf(locale: BuiltInLocale, letter: Letter, phrases: Phrases): string {
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>${letter.subject}</title>
<style>:root{color-scheme:light dark}${DARK}</style>
</head>
<body class="paper" style="margin:0;padding:0;background:#f5f6f8">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="paper" style="background:#f5f6f8">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px">
<tr><td class="brand" style="${FONT};padding:0 4px 14px;font-size:15px;font-weight:600;color:${ACCENT}">{{ lender }}</td></tr>
<tr><td class="card" style="background:#ffffff;border:1px solid #dfe3ea;border-radius:10px;padding:28px 26px">
<h1 class="ink" style="${FONT};margin:0 0 18px;font-size:21px;line-height:1.35;font-weight:600;color:${INK}">${letter.heading}</h1>
${[phrases.greeting, ...letter.paragraphs].map(paragraphHtml).join('\n')}${listHtml(letter.list)}
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:6px 0 18px">
${letter.facts.map(factHtml).join('\n')}
</table>
${letter.button ? buttonHtml(letter.button) : ''}
${only('contact', paragraphHtml(phrases.questions))}
${paragraphHtml(`${phrases.regards}<br>{{ lender }}`)}
</td></tr>
<tr><td class="soft" style="${FONT};padding:14px 4px 0;font-size:13px;line-height:1.5;color:${SOFT}">${phrases.safety}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>`;
}

function paragraphHtml(text: string): string {
  return `<p class="ink" style="${FONT};margin:0 0 14px;font-size:16px;line-height:1.55;color:${INK}">${text}</p>`;
}

function listHtml(list: Letter['list']): string {
  if (!list) return '';
  const [variable, text] = list;
  const style = `${FONT};margin:0 0 10px;font-size:16px;line-height:1.55;color:${INK}`;
  return `\n<ul style="margin:0 0 14px;padding-left:22px">${forEach(variable, `<li class="ink" style="${style}">${text}</li>`)}</ul>`;
}

function factHtml([label, value, needs]: Letter['facts'][number]): string {
  const cell = `${FONT};padding:9px 0;border-top:1px solid #dfe3ea;font-size:15px;line-height:1.45`;
  return only(
    needs,
    `<tr><td class="soft line" style="${cell};color:${SOFT};padding-right:12px">${label}</td>` +
      `<td align="right" class="ink line" style="${cell};color:${INK};font-weight:600">${value}</td></tr>`,
  );
}

function buttonHtml([label, variable]: NonNullable<Letter['button']>): string {
  return only(
    variable,
    `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 20px"><tr>` +
      `<td bgcolor="${ACCENT}" style="border-radius:7px"><a href="{{ ${variable} }}" style="${FONT};display:inline-block;` +
      `padding:12px 22px;font-size:16px;font-weight:600;color:#ffffff;text-decoration:none">${label}</a></td></tr></table>`,
  );
}

function forEach(variable: string, text: string): string {
  return `{% for item in ${variable} %}${text}{% endfor %}`;
}
