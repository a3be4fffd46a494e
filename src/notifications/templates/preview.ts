import type { Transaction } from '../../db/pools.ts';
import { CHANNELS, type Channel, type ContentOf } from '../channels.ts';
import { choose } from './choose.ts';
import { TemplateError } from './errors.ts';
import { LAST_LOCALE } from './locales.ts';
import type { TemplateData, TemplateParts } from './parts.ts';
import { render } from './render.ts';
import { ownTemplates, templateSettingsOf } from './rows.ts';
import { countSegments, type Segments } from './segments.ts';
import { type Origin, originOf, write } from './templates.ts';
import { listTemplates, sampleOf } from './views.ts';
import { warningsOf } from './warnings.ts';

/** What to look at: a template as it stands, or a draft of it. */
export interface PreviewRequest {
  template: string;
  /** Every one that the template has, where none is named. */
  channel?: Channel | undefined;
  locale?: string | undefined;
  /** The template's examples, where none is given. */
  data?: TemplateData | undefined;
  draft?: TemplateParts | undefined;
}

/** A message as it would be sent. */
export interface Preview<C extends Channel = Channel> {
  /** What it is written from; null for a draft. */
  origin: Origin | null;
  locale: string;
  content: ContentOf[C];
  /** Of text messages. */
  segments: Segments | null;
  warnings: string[];
}

export interface TemplatePreview {
  data: TemplateData;
  channels: { [C in Channel]?: Preview<C> };
}

/** @throws TemplateError as writing the message would, unknown-template where nothing is there to look at */
export async function previewTemplate(tx: Transaction, request: PreviewRequest): Promise<TemplatePreview> {
  const { template, channel, draft } = request;
  const [view] = await listTemplates(tx, template);
  const data = request.data ?? (view ? sampleOf(view) : {});
  const offered = CHANNELS.filter((each) =>
    draft ? draft[each] : view?.wordings.some(({ channels }) => channels.includes(each)),
  );
  const wanted = channel ? [channel] : offered;
  if (wanted.length === 0) throw new TemplateError('unknown-template', `There is no template ${template}.`);
  const show = draft ? await drafted(tx, draft, request.locale, data) : await standing(tx, request, data);
  return { data, channels: Object.fromEntries(wanted.map((each) => [each, show(each)])) };
}

type Show = <C extends Channel>(channel: C) => Preview<C>;

async function drafted(
  tx: Transaction,
  parts: TemplateParts,
  asked: string | undefined,
  data: TemplateData,
): Promise<Show> {
  const locale = asked ?? (await templateSettingsOf(tx)).locale ?? LAST_LOCALE;
  return (channel) =>
    shown(channel, render({ parts, channel, data, locale }), { parts, locale, origin: null });
}

async function standing(
  tx: Transaction,
  { template, locale }: PreviewRequest,
  data: TemplateData,
): Promise<Show> {
  const own = await ownTemplates(tx, template);
  return (channel) => {
    const chosen = choose({ template, channel, locale }, own);
    const content = write(chosen, { channel, data });
    return shown(channel, content, { ...chosen, origin: originOf(chosen) });
  };
}

function shown<C extends Channel>(
  channel: C,
  content: ContentOf[C],
  { parts, locale, origin }: { parts: TemplateParts; locale: string; origin: Origin | null },
): Preview<C> {
  const segments = channel === 'sms' ? countSegments((content as ContentOf['sms']).text) : null;
  return { origin, locale, content, segments, warnings: warningsOf(channel, content, parts) };
}
