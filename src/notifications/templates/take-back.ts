import type { Transaction } from '../../db/pools.ts';
import { NotificationError } from '../errors.ts';
import { rulesBy } from '../notices/rules.ts';
import { nearest } from './choose.ts';
import {
  addTakenBack,
  isWorded,
  lockTemplates,
  ownTemplates,
  type TemplateVersion,
  versionsOf,
} from './rows.ts';

export interface TakenBack {
  name: string;
  locale: string;
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
}

/**
 * Takes the tenant's own wording of a template in a locale back: the next of the fallback order counts from then on.
 * @returns the version that says so
 * @throws NotificationError not-found where there is none; template-in-use, naming the enabled rules that would be
 *   left without a wording
 */
export async function takeBack(
  tx: Transaction,
  { name, locale, actor }: TakenBack,
): Promise<TemplateVersion> {
  await lockTemplates(tx);
  const [newest] = await versionsOf(tx, { name, locale, limit: 1 });
  if (!newest || !isWorded(newest)) {
    throw new NotificationError('not-found', `There is no wording of your own of ${name} in ${locale}.`);
  }
  const version = await addTakenBack(tx, newest, actor);
  await assertRulesAreWorded(tx, name);
  return version;
}

/** As `setRule` had it when they were made: a wording for each channel, whoever reads it. */
async function assertRulesAreWorded(tx: Transaction, template: string): Promise<void> {
  const own = await ownTemplates(tx, template);
  const wordless = (await rulesBy(tx, template)).filter(
    ({ channels }) => !channels.every((channel) => nearest({ template, channel }, own)),
  );
  if (wordless.length === 0) return;
  const names = wordless.map(({ name }) => name).join(', ');
  throw new NotificationError(
    'template-in-use',
    `Without this wording of ${template} nothing could be written for the rules: ${names}.`,
  );
}
