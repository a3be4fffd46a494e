import { z } from 'zod';
import { CATEGORIES, type Category } from '../payload.ts';
import { everOpens, type Hours, quietFields, windowFields } from './hours.ts';

const CAP_MAX = 1_000;
const MINUTES_MAX = 7 * 1_440;

/** What a lender must tell goes out whenever it is due. */
const heldBack = z
  .array(z.enum(CATEGORIES))
  .min(1)
  .default(['reminder', 'marketing'])
  .meta({ description: 'the categories that it holds for' });

const cap = z.int().min(1).max(CAP_MAX).optional();
const minutes = z.int().min(1).max(MINUTES_MAX);

/** A tenant's rules of a channel: fields of its policy. Times are the recipient's. */
export const ruleSettings = {
  contact_window: z
    .strictObject({ ...windowFields, for: heldBack })
    .refine(({ from, to }) => from < to, { error: 'must begin before it ends' })
    .nullable()
    .prefault({ from: '08:00', to: '19:00' })
    .meta({ description: 'messages go out within it only, and wait for it to open; null: at any time' }),
  quiet_hours: z
    .strictObject({ ...quietFields, for: heldBack })
    .refine(({ from, to }) => from !== to, { error: 'must begin at another time than they end' })
    .nullable()
    .default(null)
    .meta({ description: 'nothing goes out within them; they may begin before midnight and end after it' }),
  caps: z
    .strictObject({
      per_day: cap,
      per_week: cap,
      all_channels_per_day: cap,
      all_channels_per_week: cap,
      for: heldBack,
    })
    .nullable()
    .default(null)
    .meta({ description: 'how many messages a recipient gets at most; what is too many waits for the next' }),
  dedupe: z
    .strictObject({
      minutes,
      for: z
        .array(z.enum(CATEGORIES))
        .min(1)
        .default([...CATEGORIES]),
    })
    .nullable()
    .default(null)
    .meta({ description: 'the same to the same recipient is not sent again so soon' }),
  digest: z
    .strictObject({ minutes })
    .nullable()
    .default(null)
    .meta({ description: 'reminders to a recipient wait so long for others, and go out as one message' }),
};
const settings = z.strictObject(ruleSettings);
export type RuleSettings = z.output<typeof settings>;
export type Caps = NonNullable<RuleSettings['caps']>;

/** When messages of a category may go out. */
export function hoursFor(
  { contact_window, quiet_hours }: Pick<RuleSettings, 'contact_window' | 'quiet_hours'>,
  category: Category,
): Hours {
  return {
    window: contact_window?.for.includes(category) ? contact_window : null,
    quiet: quiet_hours?.for.includes(category) ? quiet_hours : null,
  };
}

/** The first category whose messages would wait for ever. */
export function neverSent(rules: Pick<RuleSettings, 'contact_window' | 'quiet_hours'>): Category | undefined {
  return CATEGORIES.find((category) => !everOpens(hoursFor(rules, category)));
}
