import type { Transaction } from '../../db/pools.ts';
import { NotificationError } from '../errors.ts';
import { enabledRules } from '../notices/rules.ts';
import { type Gap, gapsOf } from '../notices/worded.ts';
import {
  addTakenBack,
  addVersion,
  isWorded,
  keepTemplateSettings,
  lockTemplates,
  type NewVersion,
  type TemplateSettings,
  type TemplateVersion,
  versionsOf,
} from './rows.ts';

/** What of a tenant's templates is changed here leaves each enabled rule of notices the wordings that it had. */

/**
 * Words a template: the newest version counts from then on.
 * @throws NotificationError template-in-use, where it leaves out a channel that rules need of it
 */
export function word(tx: Transaction, wish: NewVersion): ReturnType<typeof addVersion> {
  return keepingRulesWorded(tx, wish.name, () => addVersion(tx, wish));
}

/**
 * Takes the tenant's own wording of a template in a locale back: the next of the fallback order counts from then on.
 * @returns the version that says so
 * @throws NotificationError not-found where there is none; template-in-use
 */
export function takeBack(
  tx: Transaction,
  { name, locale, actor }: Omit<NewVersion, 'wording'>,
): Promise<TemplateVersion> {
  return keepingRulesWorded(tx, name, async () => {
    const [newest] = await versionsOf(tx, { name, locale, limit: 1 });
    if (!newest || !isWorded(newest)) {
      throw new NotificationError('not-found', `There is no wording of your own of ${name} in ${locale}.`);
    }
    return addTakenBack(tx, newest, actor);
  });
}

/**
 * Chooses what is written in where nobody says in which locale.
 * @throws NotificationError template-in-use, where rules have their wording in the locale chosen before alone
 */
export function chooseLocale(tx: Transaction, settings: TemplateSettings, actor: string): Promise<void> {
  return keepingRulesWorded(tx, undefined, () => keepTemplateSettings(tx, settings, actor));
}

/**
 * A rule that had no words before bars no change, which may be the one that mends it.
 * @param template what alone is changed; where it is left out, any may be
 */
async function keepingRulesWorded<Changed>(
  tx: Transaction,
  template: string | undefined,
  change: () => Promise<Changed>,
): Promise<Changed> {
  await lockTemplates(tx);
  const rules = await enabledRules(tx, template);
  const before = new Set((await gapsOf(tx, rules)).map(keyOf));
  const changed = await change();
  const lost = (await gapsOf(tx, rules)).filter((gap) => !before.has(keyOf(gap)));
  if (lost.length > 0) throw inUse(lost);
  return changed;
}

function keyOf({ rule, channel }: Gap): string {
  return `${rule} ${channel}`;
}

function inUse(lost: readonly Gap[]): NotificationError {
  const [templates, channels, rules] = (['template', 'channel', 'rule'] as const).map((field) =>
    [...new Set(lost.map((gap) => gap[field]))].join(', '),
  );
  return new NotificationError(
    'template-in-use',
    `Nothing could be written any more of ${templates} by ${channels} for the rules: ${rules}.`,
  );
}
