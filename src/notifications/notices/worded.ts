import type { Transaction } from '../../db/pools.ts';
import type { Channel } from '../channels.ts';
import { nearest } from '../templates/choose.ts';
import { ownTemplates } from '../templates/rows.ts';
import type { StoredRule } from './rules.ts';

/** A channel by which a rule is to tell, and has nothing to say. */
export interface Gap {
  rule: string;
  template: string;
  channel: Channel;
}

/**
 * Where these rules have no wording in the tenant's own locale, nor in one that stands in for it. The caller holds
 * the lock on templates. A query for each template.
 */
export async function gapsOf(
  tx: Transaction,
  rules: readonly Pick<StoredRule, 'name' | 'template' | 'channels'>[],
): Promise<Gap[]> {
  const gaps: Gap[] = [];
  for (const [template, theirs] of Map.groupBy(rules, (rule) => rule.template)) {
    const own = await ownTemplates(tx, template);
    for (const { name, channels } of theirs) {
      const wordless = channels.filter((channel) => !nearest({ template, channel }, own));
      gaps.push(...wordless.map((channel) => ({ rule: name, template, channel })));
    }
  }
  return gaps;
}
