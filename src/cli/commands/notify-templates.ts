import { type Command, Option } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import { CHANNELS, type Channel, type ContentOf } from '../../notifications/channels.ts';
import { localeName, templateName } from '../../notifications/payload.ts';
import { checkWording } from '../../notifications/templates/check-wording.ts';
import { templateData, templateWording } from '../../notifications/templates/parts.ts';
import { type Preview, previewTemplate } from '../../notifications/templates/preview.ts';
import { takeBack, word } from '../../notifications/templates/reword.ts';
import { listStandings, type WordingStanding } from '../../notifications/templates/views.ts';
import { changeInTenant } from '../changing.ts';
import { channelOption } from '../channel.ts';
import { addCommand, addGroup, type Shell } from '../command.ts';
import { type Column, facts, instant, plural, table } from '../output.ts';
import { jsonFrom, readJson } from '../payload.ts';

export function templateCommands(notify: Command, shell: Shell): void {
  addCommand(notify, shell, 'templates', {
    summary: 'Every template that messages can be sent by, with its wordings',
    examples: ['kist notify templates'],
    async run(context) {
      const tenant = await context.tenant();
      const templates = await inTenant(await context.pool(), tenant, listStandings);
      const rows = templates.flatMap(({ name, wordings }) => wordings.map((each) => ({ name, ...each })));
      context.output.answer({ templates }, () => table(rows, COLUMNS, ''));
    },
  });
  const group = addGroup(notify, 'template', 'Templates: what messages say');
  addSet(group, shell);
  addTakeBack(group, shell);
  addPreview(group, shell);
}

function addSet(group: Command, shell: Shell): void {
  addCommand<{ from: string }>(group, shell, 'set <name> <locale>', {
    summary: 'Word a template in a locale: a new version, which every message is written from at once',
    examples: ['kist notify template set payment-received en-IN --from wording.json'],
    options: [jsonFrom('the wording as JSON (docs/templates.md)').makeOptionMandatory()],
    async run(context, { from }, givenName, givenLocale) {
      const [name, locale] = [templateName.parse(givenName), localeName.parse(givenLocale)];
      const wording = templateWording.parse(await readJson(from));
      checkWording(wording, locale);
      const about = {
        ...{ action: 'cli.notify.template-set', subject: `${name}/${locale}` },
        arguments: { category: wording.category, channels: Object.keys(wording.parts) },
      };
      const { version, added } = await changeInTenant(context, about, (tx) =>
        word(tx, { name, locale, wording, actor: context.actor }),
      );
      context.output.answer({ ...version, added }, () =>
        facts([
          ['template', name],
          ['locale', locale],
          ['version', added ? version.version : `${version.version}, which says the same already`],
          ['category', version.category],
          ['channels', Object.keys(version.parts).join(', ')],
          ['made', `${instant(version.made_at)} by ${version.made_by}`],
        ]),
      );
    },
  });
}

function addTakeBack(group: Command, shell: Shell): void {
  addCommand(group, shell, 'take-back <name> <locale>', {
    summary: 'Take your own wording in a locale back: the next of the fallback order counts at once',
    examples: ['kist notify template take-back payment-received en-IN'],
    async run(context, _options, givenName, givenLocale) {
      const [name, locale] = [templateName.parse(givenName), localeName.parse(givenLocale)];
      const about = { action: 'cli.notify.template-take-back', subject: `${name}/${locale}` };
      const version = await changeInTenant(context, about, (tx) =>
        takeBack(tx, { name, locale, actor: context.actor }),
      );
      context.output.answer(version, () =>
        facts([
          ['template', name],
          ['locale', locale],
          ['version', `${version.version}, which takes the wording back`],
          ['made', `${instant(version.made_at)} by ${version.made_by}`],
        ]),
      );
    },
  });
}

interface PreviewOptions {
  channel?: Channel;
  locale?: string;
  data?: string;
}

function addPreview(group: Command, shell: Shell): void {
  addCommand<PreviewOptions>(group, shell, 'preview <name>', {
    summary: 'The message that a template makes; nothing is sent',
    examples: [
      'kist notify template preview payment-received',
      'kist notify template preview overdue --channel sms --locale hi-IN --data data.json',
    ],
    options: [
      channelOption('default: every one that it has a wording for'),
      new Option('--locale <locale>', 'default: the tenant’s own'),
      new Option('--data <file>', 'JSON that it is filled with, -: standard input; default: its examples'),
    ],
    async run(context, { channel, locale, data }, given) {
      const asked = {
        ...{ template: templateName.parse(given), channel },
        locale: localeName.optional().parse(locale),
        data: data === undefined ? undefined : templateData.parse(await readJson(data)),
      };
      const tenant = await context.tenant();
      const preview = await inTenant(await context.pool(), tenant, (tx) => previewTemplate(tx, asked));
      context.output.answer(preview, () =>
        CHANNELS.flatMap((each) => previewText(each, preview.channels[each])).join('\n\n'),
      );
    },
  });
}

function previewText<C extends Channel>(channel: C, preview: Preview<C> | undefined): string[] {
  if (!preview) return [];
  const { origin, locale, content, segments, warnings } = preview;
  const written = origin ? `, from ${origin.template} version ${origin.version}, ${origin.category}` : '';
  const lines = [`${channel}, ${origin?.locale ?? locale}${written}`, ...SAID[channel](content)];
  if (segments) lines.push(`(${plural(segments.segments, 'segment')} of ${segments.encoding})`);
  return [[...lines, ...warnings.map((warning) => `Beware: ${warning}`)].join('\n')];
}

/** The HTML of a mail is for --json, and for /console/templates. */
const SAID: { [C in Channel]: (content: ContentOf[C]) => string[] } = {
  email: ({ subject, text }) => [subject, '', text],
  sms: ({ text }) => [text],
  push: ({ title, body, data = {} }) => [
    ...[title, body],
    ...Object.entries(data).map(([name, value]) => `(the app is told ${name} = ${value})`),
  ],
};

const COLUMNS: Column<WordingStanding & { name: string }>[] = [
  { title: 'template', text: ({ name }) => name },
  { title: 'locale', text: ({ locale }) => locale },
  { title: 'wording', text: ({ source }) => source },
  { title: 'version', align: 'right', text: ({ version }) => version },
  { title: 'category', text: ({ category }) => category },
  { title: 'channels', text: ({ channels }) => channels.join(', ') },
];
