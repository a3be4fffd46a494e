import { type Command, Option } from 'commander';
import { systemClock } from '../../calendar/clock.ts';
import { inTenant } from '../../db/transaction.ts';
import { freezeWallet, unfreezeWallet } from '../../loans/fraud/freezing.ts';
import { listAlerts } from '../../loans/fraud/watches.ts';
import { walletOf } from '../../wallets/wallets.ts';
import { addCommand, addGroup, checkId, numberOption, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { notFound } from '../exit.ts';
import { instant, table } from '../output.ts';

const LIMIT_MAX = 1_000;

export function fraudCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'fraud', 'Alerts, and wallets that no money may leave');
  addList(group, shell);
  addCommand<{ reason: string }>(group, shell, 'freeze <wallet>', {
    summary: 'Let money into a wallet and none out of it',
    examples: ['kist fraud freeze 0197a3c0-5a1e-7b57-9d3c-6b6973740001 --reason "stolen phone"'],
    options: [new Option('--reason <text>', 'why, for those who wonder').makeOptionMandatory()],
    async run(context, { reason }, given) {
      const wallet = checkId(given!);
      const isNew = await change(context, 'freeze', wallet, { reason });
      context.output.answer({ wallet, frozen: true }, () =>
        isNew ? `No money leaves ${wallet} now.` : `${wallet} was frozen already.`,
      );
    },
  });
  addCommand(group, shell, 'unfreeze <wallet>', {
    summary: 'Let money out of a wallet again; its alerts are settled with that',
    examples: ['kist fraud unfreeze 0197a3c0-5a1e-7b57-9d3c-6b6973740001'],
    async run(context, _options, given) {
      const wallet = checkId(given!);
      const isNew = await change(context, 'unfreeze', wallet, {});
      context.output.answer({ wallet, frozen: false }, () =>
        isNew ? `Money may leave ${wallet} again.` : `${wallet} was not frozen; its alerts are settled.`,
      );
    },
  });
}

function addList(group: Command, shell: Shell): void {
  addCommand<{ wallet?: string; limit?: number }>(group, shell, 'list', {
    summary: 'Bursts of transactions that looked like fraud, latest first',
    examples: ['kist fraud list', 'kist fraud list --wallet 0197a3c0-5a1e-7b57-9d3c-6b6973740001'],
    options: [
      new Option('--wallet <id>', 'only of this wallet'),
      numberOption('--limit <n>', 'how many', 1, LIMIT_MAX).default(20),
    ],
    async run(context, { wallet, limit = 20 }) {
      const account = wallet === undefined ? undefined : checkId(wallet);
      const tenant = await context.tenant();
      const alerts = await inTenant(await context.pool(), tenant, (tx) => listAlerts(tx, { account, limit }));
      context.output.answer({ alerts }, () =>
        table(
          alerts,
          [
            { title: 'at', text: ({ at }) => instant(at) },
            { title: 'wallet', text: ({ account }) => account },
            { title: 'transactions', align: 'right', text: ({ transactions }) => String(transactions) },
            { title: 'within', align: 'right', text: ({ window_s }) => `${window_s} s` },
            { title: 'froze it', text: ({ froze }) => (froze ? 'yes' : 'no') },
          ],
          'No alerts.',
        ),
      );
    },
  });
}

async function change(
  context: Context,
  verb: 'freeze' | 'unfreeze',
  wallet: string,
  told: { reason?: string },
): Promise<boolean> {
  const tenant = await context.tenant();
  const at = systemClock.now();
  const { reason = '' } = told;
  return context.change({ action: `cli.fraud.${verb}`, tenant, subject: wallet, arguments: told }, async () =>
    inTenant(await context.pool(), tenant, async (tx) => {
      if (!(await walletOf(tx, wallet))) throw notFound(`There is no wallet ${wallet} of ${tenant}.`);
      return verb === 'freeze'
        ? freezeWallet(tx, tenant, { wallet, at, reason })
        : unfreezeWallet(tx, tenant, { wallet, at });
    }),
  );
}
