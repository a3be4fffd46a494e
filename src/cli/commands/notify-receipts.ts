import type { Command } from 'commander';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import {
  allowedSchema,
  allowReceiptsFrom,
  FORMER_ADDRESS_HOURS,
  makeReceiptAddress,
  type ReceiptAddressWish,
  receiptAddresses,
  removeReceiptAddress,
  type ShownReceiptAddress,
} from '../../notifications/receipts/addresses.ts';
import { checkTeller } from '../../notifications/receipts/readers.ts';
import { changeInTenant } from '../changing.ts';
import { addCommand, addGroup, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { type Column, facts, instant, table } from '../output.ts';

export function receiptCommands(notify: Command, shell: Shell): void {
  const group = addGroup(notify, 'receipts', 'The addresses at which providers tell what became of messages');
  addCommand(group, shell, 'address <provider>', {
    summary: `Make the address for a provider, or another one; the former stays good for ${FORMER_ADDRESS_HOURS} hours`,
    examples: ['kist notify receipts address brevo'],
    async run(context, _options, name) {
      const tenant = await context.tenant();
      const made = await change(context, 'address', name!, (tx, wish) =>
        makeReceiptAddress(tx, tenant, wish),
      );
      context.output.answer({ ...made.address, path: made.path }, () => factsOf(made.address, made.path));
      context.output.note(
        'The path is shown this once: set it at the provider, behind the address of this API.',
      );
    },
  });
  addCommand(group, shell, 'allow <provider> [addresses...]', {
    summary: 'Say from which addresses a provider may tell something; none: from everywhere',
    examples: ['kist notify receipts allow brevo 198.51.100.0/24', 'kist notify receipts allow two-factor'],
    async run(context, _options, name, ...addresses) {
      const allowed = allowedSchema.parse(addresses.filter(Boolean));
      const address = await change(context, 'allow', name!, (tx, wish) =>
        allowReceiptsFrom(tx, wish, allowed),
      );
      context.output.answer(address, () => factsOf(address));
    },
  });
  addCommand(group, shell, 'list', {
    summary: 'The addresses for receipts, without their secrets',
    examples: ['kist notify receipts list'],
    async run(context) {
      const tenant = await context.tenant();
      const addresses = await inTenant(await context.pool(), tenant, (tx) => receiptAddresses(tx));
      context.output.answer({ addresses }, () => table(addresses, COLUMNS, 'No addresses.'));
    },
  });
  addCommand(group, shell, 'remove <provider>', {
    summary: 'Let a provider tell nothing any more',
    examples: ['kist notify receipts remove brevo'],
    async run(context, _options, name) {
      const removed = await change(context, 'remove', name!, (tx, { provider }) =>
        removeReceiptAddress(tx, provider),
      );
      context.output.answer(removed, () => `Receipts of ${removed.provider} are not taken any more.`);
    },
  });
}

async function change<Changed>(
  context: Context,
  verb: string,
  name: string,
  work: (tx: Transaction, wish: ReceiptAddressWish) => Promise<Changed>,
): Promise<Changed> {
  const provider = checkTeller(name);
  const wish = { provider, actor: context.actor };
  const about = { action: `cli.notify.receipts-${verb}`, subject: provider };
  return changeInTenant(context, about, (tx) => work(tx, wish));
}

function factsOf(
  { provider, allowed, former_until, updated_by, updated_at }: ShownReceiptAddress,
  path?: string,
) {
  return facts([
    ['provider', provider],
    ...(path === undefined ? [] : [['path', path] as [string, string]]),
    ['allowed from', allowed.join(', ') || 'everywhere'],
    ['former path until', former_until],
    ['updated', `${instant(updated_at)} by ${updated_by}`],
  ]);
}

const COLUMNS: Column<ShownReceiptAddress>[] = [
  { title: 'provider', text: ({ provider }) => provider },
  { title: 'allowed from', text: ({ allowed }) => allowed.join(', ') || 'everywhere' },
  { title: 'former path until', text: ({ former_until }) => (former_until ? instant(former_until) : '') },
  { title: 'updated', text: ({ updated_at }) => instant(updated_at) },
];
