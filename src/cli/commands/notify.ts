import type { Command } from 'commander';
import { systemClock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { openBox } from '../../keys.ts';
import {
  PLACE_MAX,
  type ProviderWish,
  providerAccounts,
  removeProviderAccount,
  type ShownProviderAccount,
  setProviderAccount,
  turnProviderAccount,
} from '../../notifications/providers/accounts.ts';
import type { Provider } from '../../notifications/providers/provider.ts';
import { findProvider } from '../../notifications/providers/providers.ts';
import { changeInTenant } from '../changing.ts';
import { addCommand, addGroup, numberOption, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { type Column, facts, instant, table } from '../output.ts';
import { readSecretJson, secretsFrom } from '../payload.ts';
import { laneCommands } from './notify-lanes.ts';
import { noticeCommands } from './notify-notices.ts';
import { policyCommand } from './notify-policy.ts';
import { receiptCommands } from './notify-receipts.ts';
import { showCommand } from './notify-show.ts';
import { suppressionCommands } from './notify-suppressions.ts';
import { templateCommands } from './notify-templates.ts';
import { verifyCommand } from './notify-verify.ts';

interface SetOptions {
  from: string;
  place?: number;
}

export function notifyCommands(program: Command, shell: Shell): void {
  const notify = addGroup(program, 'notify', 'Notifications');
  showCommand(notify, shell);
  laneCommands(notify, shell);
  policyCommand(notify, shell);
  noticeCommands(notify, shell);
  templateCommands(notify, shell);
  suppressionCommands(notify, shell);
  receiptCommands(notify, shell);
  verifyCommand(notify, shell);
  const group = addGroup(notify, 'provider', 'Accounts with the providers that messages go through');
  addSet(group, shell);
  addList(group, shell);
  for (const [verb, state, summary] of [
    ['disable', 'disabled', 'Send nothing through a provider any more'],
    ['enable', 'enabled', 'Send through a provider again'],
  ] as const) {
    addCommand(group, shell, `${verb} <channel> <provider>`, {
      summary,
      examples: [`kist notify provider ${verb} email brevo`],
      run: (context, _options, channel, name) =>
        change(context, verb, [channel!, name!], (tx, wish) => turnProviderAccount(tx, wish, state)),
    });
  }
  addCommand(group, shell, 'remove <channel> <provider>', {
    summary: 'Forget the account with a provider, its secrets with it',
    examples: ['kist notify provider remove email smtp'],
    run: (context, _options, channel, name) =>
      change(context, 'remove', [channel!, name!], removeProviderAccount),
  });
}

function addSet(group: Command, shell: Shell): void {
  addCommand<SetOptions>(group, shell, 'set <channel> <provider>', {
    summary: 'Set the account with a provider; its secrets are never shown again',
    examples: [
      'kist notify provider set push fcm --from service-account.json',
      'vault read … | kist notify provider set email brevo --place 1 --from -',
    ],
    options: [
      secretsFrom('the credentials as JSON (docs/notification-providers.md)'),
      numberOption('--place <n>', 'in which it is tried; default: where it stood, or the last', 1, PLACE_MAX),
    ],
    async run(context, { from, place }, channel, name) {
      const { provider } = findProvider(channel!, name!);
      const credentials = provider.credentials.parse(await readSecretJson(from));
      const box = await openBox(context.config);
      await change(context, 'set', [channel!, name!], (tx, wish) =>
        setProviderAccount(tx, box, wish, provider, { credentials, place }),
      );
    },
  });
}

function addList(group: Command, shell: Shell): void {
  addCommand(group, shell, 'list', {
    summary: 'All accounts with providers, in the order in which they are tried, without their secrets',
    examples: ['kist notify provider list'],
    async run(context) {
      const tenant = await context.tenant();
      const providers = await inTenant(await context.pool(), tenant, (tx) => providerAccounts(tx));
      context.output.answer({ providers }, () => table(providers, COLUMNS, 'No providers.'));
    },
  });
}

async function change(
  context: Context,
  verb: string,
  [given, name]: [channel: string, provider: string],
  work: (tx: Transaction, wish: ProviderWish, provider: Provider) => Promise<ShownProviderAccount>,
): Promise<void> {
  const { channel, provider } = findProvider(given, name);
  const wish = { channel, provider: provider.name, actor: context.actor, now: systemClock.now() };
  const about = { action: `cli.notify.provider-${verb}`, subject: `${channel}/${provider.name}` };
  const account = await changeInTenant(context, about, (tx, tenant) =>
    work(tx, { tenant, ...wish }, provider),
  );
  context.output.answer(account, () =>
    facts([
      ['channel', account.channel],
      ['provider', account.provider],
      ['place', String(account.place)],
      ['state', verb === 'remove' ? 'removed' : account.state],
      ...Object.entries(account.shown),
      ['updated', `${instant(account.updated_at)} by ${account.updated_by}`],
    ]),
  );
}

const COLUMNS: Column<ShownProviderAccount>[] = [
  { title: 'channel', text: ({ channel }) => channel },
  { title: 'place', align: 'right', text: ({ place }) => place },
  { title: 'provider', text: ({ provider }) => provider },
  { title: 'state', text: ({ state }) => state },
  { title: 'account', text: ({ shown }) => Object.values(shown).join(', ') },
  { title: 'updated', text: ({ updated_at }) => instant(updated_at) },
];
