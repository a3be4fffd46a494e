import type { Transaction } from '../../db/pools.ts';
import { CHANNELS, type Channel } from '../channels.ts';
import type { Category } from '../payload.ts';
import type { BuiltIn } from './built-in/built-in.ts';
import { BUILT_INS } from './built-in/catalogue.ts';
import { examplesOf, variablesIn } from './check-wording.ts';
import type { TemplateData, TemplateParts } from './parts.ts';
import { isWorded, newestVersions, type TemplateVersion, type WordedVersion } from './rows.ts';

/** A wording of a template: the tenant's own, or the one that every tenant has. */
export interface WordingView {
  locale: string;
  source: 'own' | 'built-in';
  version: number;
  category: Category;
  channels: Channel[];
  parts: TemplateParts;
  variables: VariableView[];
}

export interface VariableView {
  name: string;
  /** Null where nobody said. */
  required: boolean | null;
  about: string | null;
  example: unknown;
}

export interface TemplateView {
  name: string;
  about: string | null;
  wordings: WordingView[];
  /** The tenant's own that were taken back, and the versions that say so. */
  taken_back: { locale: string; version: number }[];
}

/**
 * Every template that the tenant can send by, built-in ones first; of one name where it is given, even if all of
 * its wordings were taken back.
 */
export async function listTemplates(tx: Transaction, name?: string): Promise<TemplateView[]> {
  const own = Map.groupBy(await newestVersions(tx, name), (version) => version.name);
  const names = new Set([...BUILT_INS.keys(), ...own.keys()]);
  return [...names]
    .filter((each) => name === undefined || each === name)
    .map((each) => templateView(each, BUILT_INS.get(each), own.get(each) ?? []))
    .filter(({ wordings }) => name !== undefined || wordings.length > 0);
}

export type WordingStanding = Omit<WordingView, 'parts' | 'variables'>;

/** The same without what they say. */
export async function listStandings(
  tx: Transaction,
): Promise<(Omit<TemplateView, 'wordings'> & { wordings: WordingStanding[] })[]> {
  return (await listTemplates(tx)).map(({ wordings, ...template }) => ({
    ...template,
    wordings: wordings.map(({ parts: _parts, variables: _variables, ...standing }) => standing),
  }));
}

/** What the preview of a wording is filled with where nobody gives data. */
export function sampleOf({ name, wordings }: TemplateView): TemplateData {
  const told = wordings.flatMap(({ variables }) => variables.filter(({ example }) => example !== undefined));
  return {
    ...BUILT_INS.get(name)?.sample,
    ...Object.fromEntries(told.map((each) => [each.name, each.example])),
  };
}

function templateView(
  name: string,
  builtIn: BuiltIn | undefined,
  own: readonly TemplateVersion[],
): TemplateView {
  return {
    name,
    about: builtIn?.about ?? null,
    wordings: [...own.filter(isWorded).map(ownWording), ...(builtIn ? builtInWordings(builtIn) : [])],
    taken_back: own
      .filter((version) => !isWorded(version))
      .map(({ locale, version }) => ({ locale, version })),
  };
}

function ownWording({ locale, version, category, parts, variables }: WordedVersion): WordingView {
  const examples = examplesOf(variables);
  // `money` reads the currency without naming it, so what was told counts as well.
  const names = new Set([...variablesIn(parts), ...Object.keys(examples)]);
  return {
    ...{ locale, source: 'own', version, category, parts, channels: channelsIn(parts) },
    variables: [...names].sort().map((name) => ({
      name,
      required: null,
      about: variables?.[name]?.about ?? null,
      example: examples[name],
    })),
  };
}

function builtInWordings({ version, category, locales, needs, sample }: BuiltIn): WordingView[] {
  return Object.entries(locales).map(([locale, parts]) => ({
    ...{ locale, source: 'built-in', version, category, parts, channels: channelsIn(parts) },
    variables: Object.keys(needs.shape).map((name) => ({
      name,
      required: !needs.shape[name]!.safeParse(undefined).success,
      about: null,
      example: sample[name],
    })),
  }));
}

function channelsIn(parts: TemplateParts): Channel[] {
  return CHANNELS.filter((channel) => parts[channel]);
}
