import { Context, Liquid, LiquidError, type Template } from 'liquidjs';
import { LRUCache } from 'lru-cache';
import { escapeHtml } from '../../html/escape.ts';
import { TemplateError } from './errors.ts';
import { localDate, localMoney, localPercent, plainMoney } from './locales.ts';

/** Liquid with what a message needs and nothing more: no files, no arithmetic on money, no way around escaping. */

const PARSE_CHARACTERS_MAX = 200_000;
/** Pieces written, those in loops as often as they are; never time: a machine that stalls loses no message. */
const RENDER_STEPS_MAX = 50_000;
const RENDER_MEMORY_MAX = 1_000_000;
const RENDERED_CHARACTERS_MAX = 500_000;
const PARSED_MAX = 2_000;
const PARSED_CHARACTERS_MAX = 8_000_000;

const TAGS = 'assign break capture case comment continue echo for if raw unless #'.split(' ');
/** Liquid reckons in floats, so nothing that reckons is here; nothing by chance either: a repeat writes the same. */
const FILTERS = (
  'append capitalize concat default downcase escape first join last map prepend remove replace replace_first ' +
  'reverse size slice sort split squish strip strip_newlines truncate truncatewords uniq upcase url_encode where'
).split(' ');
export const OWN_FILTERS = ['money', 'date', 'percent'] as const;
/** What templates may use; docs/templates.md lists them. */
export const ALLOWED = { tags: TAGS, filters: [...FILTERS, ...OWN_FILTERS] } as const;

/** How a part is written: `html` escapes what is filled in, `sms` writes amounts for the networks' alphabet. */
export type Style = 'html' | 'text' | 'sms';

/** Under it the filters find for whom they write; templates cannot name a symbol. */
const LOCALE = Symbol('locale');

const parsed = new LRUCache<string, Template[]>({
  max: PARSED_MAX,
  maxSize: PARSED_CHARACTERS_MAX,
  sizeCalculation: (_, key) => key.length,
});

/** Thrown by filters and outputs: the value given cannot be shown. */
class UnfitValue extends Error {}

const engines: Record<Style, Liquid> = {
  html: engine((value) => escapeHtml(shown(value)), localMoney),
  text: engine(shown, localMoney),
  sms: engine(shown, plainMoney),
};

/**
 * Reads a template; what was read before is not read again.
 * @param pointer where it stands, for the error: `/parts/email/html`
 * @throws TemplateError invalid-template, with line and column
 */
export function parse(style: Style, source: string, pointer: string): Template[] {
  const key = `${style}:${source}`;
  const kept = parsed.get(key);
  if (kept) return kept;
  try {
    const template = engines[style].parse(source);
    parsed.set(key, template);
    return template;
  } catch (error) {
    throw invalid(pointer, error);
  }
}

/**
 * Fills a template in.
 * @throws TemplateError template-variable-missing, invalid-template-data, template-too-costly; invalid-template
 */
export function fill(
  style: Style,
  source: string,
  { pointer, data, locale }: { pointer: string; data: object; locale: string },
): string {
  const template = parse(style, source, pointer);
  let text: string;
  try {
    text = engines[style].renderSync(template, contextOf(engines[style], data, locale));
  } catch (error) {
    throw unfilled(pointer, error);
  }
  if (text.length > RENDERED_CHARACTERS_MAX) throw tooCostly(pointer);
  return text;
}

function contextOf(liquid: Liquid, data: object, locale: string): Context {
  let steps = 0;
  // Liquid asks before every piece, meaning the time.
  const renderLimit = {
    check: () => {
      steps += 1;
      if (steps > RENDER_STEPS_MAX) throw new RangeError('Too many steps.');
    },
  };
  return new Context(data, liquid.options, { globals: { [LOCALE]: locale }, sync: true }, {
    liquid,
    renderLimit,
  } as unknown as ConstructorParameters<typeof Context>[3]);
}

/** The names of the variables that a template reads, those in conditions too. */
export function variablesOf(style: Style, source: string, pointer: string): string[] {
  return engines[style].globalVariablesSync(parse(style, source, pointer), { partials: false });
}

function engine(
  write: (value: unknown) => string,
  money: (amount: unknown, currency: unknown, locale: string) => string,
): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    ownPropertyOnly: true,
    outputEscape: write,
    templates: {},
    parseLimit: PARSE_CHARACTERS_MAX,
    memoryLimit: RENDER_MEMORY_MAX,
  });
  for (const name of Object.keys(liquid.tags)) if (!TAGS.includes(name)) delete liquid.tags[name];
  for (const name of Object.keys(liquid.filters)) {
    if (!FILTERS.includes(name)) liquid.unregisterFilter(name);
  }
  liquid.registerFilter('money', function (amount, currency) {
    return fitting(() => money(amount, currency ?? this.context.getSync(['currency']), localeOf(this)));
  });
  liquid.registerFilter('date', function (date) {
    return fitting(() => localDate(date, localeOf(this)));
  });
  liquid.registerFilter('percent', (fraction) => fitting(() => localPercent(fraction)));
  return liquid;
}

function localeOf({ context }: { context: Context }): string {
  return (context.globals as unknown as Record<symbol, string>)[LOCALE]!;
}

function fitting(write: () => string): string {
  try {
    return write();
  } catch (error) {
    if (error instanceof RangeError) throw new UnfitValue(error.message);
    throw error;
  }
}

/** What is written for a value: lists and objects have no form that a borrower should read. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return '';
  throw new UnfitValue('a list or an object cannot be written as text');
}

function invalid(pointer: string, error: unknown): TemplateError {
  const { message } = plainFault(error);
  const text = `${message}${placeOf(error)}`;
  return new TemplateError('invalid-template', `${pointer}: ${text}`, [{ pointer, message: text }]);
}

function unfilled(pointer: string, error: unknown): Error {
  const fault = plainFault(error);
  if (fault instanceof UnfitValue) {
    const message = `${partOf(pointer)}${placeOf(error)}: ${fault.message}`;
    return new TemplateError('invalid-template-data', message, [{ pointer: '/data', message }]);
  }
  const missing = (fault as { variableName?: unknown }).variableName;
  if (typeof missing === 'string') {
    const message = `${partOf(pointer)} needs the variable ${missing}`;
    const at = `/data/${missing.replaceAll('.', '/')}`;
    return new TemplateError('template-variable-missing', `${message}.`, [{ pointer: at, message }]);
  }
  // Limits reached: Liquid's own, and the length that a string can have.
  if (fault.name === 'AssertionError' || fault instanceof RangeError) return tooCostly(pointer);
  return invalid(pointer, error);
}

function tooCostly(pointer: string): TemplateError {
  const message = `${partOf(pointer)} takes more time or space than a message may`;
  return new TemplateError('template-too-costly', `${message}.`, [{ pointer, message }]);
}

/** Liquid wraps what was thrown inside, and adds where. */
function plainFault(error: unknown): Error {
  return (LiquidError.is(error) && error.originalError) || (error as Error);
}

function placeOf(error: unknown): string {
  if (!LiquidError.is(error)) return '';
  const [line, column] = error.token.getPosition();
  return ` (line ${line}, column ${column})`;
}

/** `/parts/email/html` → `email.html`. */
function partOf(pointer: string): string {
  return pointer.split('/').slice(2).join('.');
}
