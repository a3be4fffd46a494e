import type { Command } from 'commander';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { openBox } from '../../keys.ts';
import {
  type AccountWish,
  FORMER_SECRET_HOURS,
  gatewayAccount,
  gatewayAccountRequest,
  rotateWebhookSecret,
  type ShownAccount,
  setGatewayAccount,
  turnGatewayAccount,
  webhookSecretSchema,
} from '../../payments/gateway/accounts.ts';
import { checkGatewayName } from '../../payments/gateway/gateways.ts';
import { addCommand, addGroup, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { facts, instant } from '../output.ts';
import { readSecretJson, readSecrets, secretsFrom } from '../payload.ts';

interface From {
  from: string;
}

export function gatewayCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'gateway', 'Accounts with payment gateways');
  addCommand<From>(group, shell, 'set <gateway>', {
    summary: 'Set the account with a gateway; its secrets are never shown again',
    examples: [
      'kist gateway set razorpay --from account.json',
      'vault read … | kist gateway set razorpay --from -',
    ],
    options: [secretsFrom('{"key_id", "key_secret", "account_number", "webhook_secret"} as JSON')],
    async run(context, { from }, gateway) {
      const request = gatewayAccountRequest.parse(await readSecretJson(from));
      const box = await openBox(context.config);
      await change(context, 'set', gateway!, (tx, wish) => setGatewayAccount(tx, box, wish, request));
    },
  });
  addCommand(group, shell, 'show <gateway>', {
    summary: 'The account with a gateway, without its secrets',
    examples: ['kist gateway show razorpay'],
    async run(context, _options, name) {
      const gateway = checkGatewayName(name!);
      const tenant = await context.tenant();
      answer(context, await inTenant(await context.pool(), tenant, (tx) => gatewayAccount(tx, gateway)));
    },
  });
  addCommand<From>(group, shell, 'rotate-webhook-secret <gateway>', {
    summary: `Take another webhook secret; the present one stays good for ${FORMER_SECRET_HOURS} hours`,
    examples: ['kist gateway rotate-webhook-secret razorpay --from secret.txt'],
    options: [secretsFrom('the new secret')],
    async run(context, { from }, gateway) {
      const secret = webhookSecretSchema.parse((await readSecrets(from)).trim());
      const box = await openBox(context.config);
      await change(context, 'rotate-webhook-secret', gateway!, (tx, wish) =>
        rotateWebhookSecret(tx, box, wish, secret),
      );
    },
  });
  for (const [verb, state, summary] of [
    ['disable', 'disabled', 'Ask nothing of a gateway any more, and turn its callbacks away'],
    ['enable', 'enabled', 'Work with a gateway again'],
  ] as const) {
    addCommand(group, shell, `${verb} <gateway>`, {
      summary,
      examples: [`kist gateway ${verb} razorpay`],
      run: (context, _options, gateway) =>
        change(context, verb, gateway!, (tx, wish) => turnGatewayAccount(tx, wish, state)),
    });
  }
}

async function change(
  context: Context,
  verb: string,
  name: string,
  work: (tx: Transaction, wish: AccountWish) => Promise<ShownAccount>,
): Promise<void> {
  const gateway = checkGatewayName(name);
  const tenant = await context.tenant();
  const pool = await context.pool();
  const wish = { tenant, gateway, actor: context.actor };
  const about = { action: `cli.gateway.${verb}`, tenant, subject: gateway };
  answer(context, await context.change(about, () => inTenant(pool, tenant, (tx) => work(tx, wish))));
}

function answer(context: Context, account: ShownAccount): void {
  context.output.answer(account, () =>
    facts([
      ['gateway', account.gateway],
      ['state', account.state],
      ['key id', account.key_id],
      ['account number', account.account_number],
      ['former webhook secret until', account.former_webhook_secret_until],
      ['updated', `${instant(account.updated_at)} by ${account.updated_by}`],
    ]),
  );
}
