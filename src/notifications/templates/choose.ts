import type { Channel } from '../channels.ts';
import type { Category } from '../payload.ts';
import type { BuiltIn } from './built-in/built-in.ts';
import { BUILT_INS } from './built-in/catalogue.ts';
import { TemplateError } from './errors.ts';
import { localesToTry, nearestLocale } from './locales.ts';
import type { TemplateParts } from './parts.ts';
import type { OwnTemplates } from './rows.ts';

/** The built-in template `due` is called so, to be told from a tenant's own of that name. */
export const BUILT_IN_PREFIX = 'kist/';

/** The template that a message is written from. */
export interface Chosen {
  /** Its name, or `kist/` and its name where it is a built-in one. */
  template: string;
  version: number;
  locale: string;
  category: Category;
  parts: TemplateParts;
  /** Null where it is the tenant's own. */
  builtIn: BuiltIn | null;
}

/** What is asked for: a template by name, for a channel, in a locale; without one, in the tenant's. */
export interface Asked {
  template: string;
  channel: Channel;
  locale?: string | undefined;
}

/**
 * The nearest locale that has the channel; in each, the tenant's own wording before the built-in one.
 * @throws TemplateError unknown-template
 */
export function choose(asked: Asked, there: OwnTemplates): Chosen {
  const chosen = nearest(asked, there);
  if (chosen) return chosen;
  const { template, channel, locale } = asked;
  const known = there.own.length > 0 || BUILT_INS.has(template);
  const message = known
    ? `The template ${template} has no wording for ${channel} in ${locale ?? 'the default locale'}, nor in one that stands in for it.`
    : `There is no template ${template}.`;
  throw new TemplateError('unknown-template', message, [{ pointer: '/template', message }]);
}

/** As `choose`; undefined where there is none. */
export function nearest(
  { template, channel, locale }: Asked,
  { own, default_locale }: OwnTemplates,
): Chosen | undefined {
  const builtIn = BUILT_INS.get(template);
  const written = own.filter(({ parts }) => parts[channel]);
  for (const step of localesToTry(locale, default_locale ?? undefined)) {
    const ownLocale = nearestLocale(
      written.map((each) => each.locale),
      [step],
    );
    const found = written.find((each) => each.locale === ownLocale);
    if (found) return { template, ...found, builtIn: null };
    const near = builtIn && nearestLocale(Object.keys(builtIn.locales), [step]);
    if (builtIn && near) return ofBuiltIn(builtIn, near as keyof BuiltIn['locales']);
  }
  return undefined;
}

export function ofBuiltIn(builtIn: BuiltIn, locale: keyof BuiltIn['locales']): Chosen {
  const { name, version, category, locales } = builtIn;
  return { template: BUILT_IN_PREFIX + name, version, category, locale, parts: locales[locale], builtIn };
}
