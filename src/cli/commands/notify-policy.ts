import type { Command } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import type { Channel } from '../../notifications/channels.ts';
import { policyOf, policySchema, setPolicy } from '../../notifications/policy.ts';
import { changeInTenant } from '../changing.ts';
import { channelOf } from '../channel.ts';
import { addCommand, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { facts } from '../output.ts';
import { jsonFrom, readJson } from '../payload.ts';

export function policyCommand(notify: Command, shell: Shell): void {
  addCommand<{ from?: string }>(notify, shell, 'policy <channel>', {
    summary:
      'When and how the messages of a channel go out; or set it whole, what is left out is the default',
    examples: [
      'kist notify policy sms',
      'kist notify policy sms --json > policy.json',
      'kist notify policy sms --from policy.json',
    ],
    options: [jsonFrom('the new policy as JSON (docs/notifications.md)')],
    async run(context, { from }, given) {
      const channel = channelOf(given!);
      const policy =
        from === undefined
          ? await inTenant(await context.pool(), await context.tenant(), (tx) => policyOf(tx, channel))
          : await set(context, channel, from);
      context.output.answer(policy, () =>
        facts(Object.entries(policy).map(([name, value]) => [name, value ?? 'none'])),
      );
    },
  });
}

async function set(context: Context, channel: Channel, from: string) {
  const policy = policySchema.parse(await readJson(from));
  const about = { action: 'cli.notify.policy', subject: channel, arguments: policy };
  return changeInTenant(context, about, (tx) => setPolicy(tx, channel, policy, context.actor));
}
