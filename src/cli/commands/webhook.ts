import { type Command, Option } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import {
  addEndpoint,
  GRACE_HOURS_DEFAULT,
  GRACE_HOURS_MAX,
  listEndpoints,
  removeEndpoint,
  rotateSecret,
  type WithSecret,
} from '../../events/endpoints.ts';
import { createGuard } from '../../events/guard.ts';
import { EVENT_PATTERN } from '../../events/types.ts';
import { openBox } from '../../keys.ts';
import { addCommand, addGroup, checkId, numberOption, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { wrongInput } from '../exit.ts';
import { instant, table } from '../output.ts';

export function webhookCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'webhook', 'Webhook endpoints: where a tenant has its events sent');
  addAdd(group, shell);
  addList(group, shell);
  addRotate(group, shell);
  addCommand(group, shell, 'remove <endpoint>', {
    summary: 'Remove an endpoint; what waits for it is cancelled',
    examples: ['kist webhook remove 0197a3c0-5a1e-7b57-9d3c-6b6973740002'],
    async run(context, _options, endpoint) {
      const id = checkId(endpoint!);
      const { tenant, pool } = await place(context);
      const change = { action: 'cli.webhook.remove', tenant, subject: id };
      await context.change(change, () => inTenant(pool, tenant, (tx) => removeEndpoint(tx, id)));
      context.output.answer({ endpoint: id }, () => `Endpoint ${id} is removed.`);
    },
  });
}

function addAdd(group: Command, shell: Shell): void {
  addCommand<{ events?: string[]; description?: string }>(group, shell, 'add <url>', {
    summary: 'Add an endpoint and show its secret, once',
    examples: [
      "kist webhook add https://shop.example/kist --events 'loan.*' application.offered",
      'kist webhook add https://audit.example/kist',
    ],
    options: [
      new Option('--events <types...>', "which events: loan.closed, 'loan.*' or '*'; default: every one"),
      new Option('--description <text>', 'what it is for'),
    ],
    async run(context, { events = ['*'], description = '' }, given) {
      const wrong = events.find((type) => !EVENT_PATTERN.test(type));
      if (wrong !== undefined) throw wrongInput(`Not an event type: ${wrong}`);
      if (!URL.canParse(given!)) throw wrongInput(`Not an address: ${given}`);
      const { tenant, pool } = await place(context);
      const box = await openBox(context.config);
      const guard = createGuard({ allow_private: context.config.KIST_WEBHOOK_ALLOW_PRIVATE });
      const { href: url } = new URL(given!);
      const wish = { tenant, url, description, event_types: events, actor: context.actor };
      const change = { action: 'cli.webhook.add', tenant, arguments: { url, events } };
      const added = await context.change(change, async () => {
        await guard.check(new URL(url));
        return inTenant(pool, tenant, (tx) => addEndpoint(tx, box, wish));
      });
      answerWithSecret(context, added, `Events of ${tenant} are sent to ${url}.`);
    },
  });
}

function addList(group: Command, shell: Shell): void {
  addCommand(group, shell, 'list', {
    summary: 'The endpoints of a tenant, and how they fare',
    examples: ['kist webhook list --tenant acme'],
    async run(context) {
      const { tenant, pool } = await place(context);
      const endpoints = await inTenant(pool, tenant, listEndpoints);
      context.output.answer({ endpoints }, () =>
        table(
          endpoints,
          [
            { title: 'endpoint', text: ({ id }) => id },
            { title: 'state', text: (each) => each.disabled_reason ?? each.state },
            { title: 'failing since', text: ({ failing_since }) => instant(failing_since) },
            { title: 'events', text: ({ event_types }) => event_types.join(' ') },
            { title: 'address', text: ({ url }) => url },
          ],
          'No endpoints yet: `kist webhook add`.',
        ),
      );
    },
  });
}

function addRotate(group: Command, shell: Shell): void {
  addCommand<{ graceHours?: number }>(group, shell, 'rotate <endpoint>', {
    summary: 'Give an endpoint a new secret, shown once; the present one signs beside it for a while',
    examples: ['kist webhook rotate 0197a3c0-5a1e-7b57-9d3c-6b6973740002 --grace-hours 48'],
    options: [
      numberOption('--grace-hours <n>', `default ${GRACE_HOURS_DEFAULT}; 0: at once`, 0, GRACE_HOURS_MAX),
    ],
    async run(context, { graceHours: grace_hours = GRACE_HOURS_DEFAULT }, endpoint) {
      const id = checkId(endpoint!);
      const { tenant, pool } = await place(context);
      const box = await openBox(context.config);
      const change = { action: 'cli.webhook.rotate', tenant, subject: id, arguments: { grace_hours } };
      const rotated = await context.change(change, () =>
        inTenant(pool, tenant, (tx) => rotateSecret(tx, box, { tenant, id, grace_hours })),
      );
      answerWithSecret(context, rotated, `Endpoint ${id} has a new secret.`);
    },
  });
}

async function place(context: Context) {
  return { tenant: await context.tenant(), pool: await context.pool() };
}

function answerWithSecret(context: Context, { endpoint, secret }: WithSecret, text: string): void {
  context.output.answer({ ...endpoint, secret }, () =>
    [text, `Its id is ${endpoint.id}; its secret, shown only now:\n\n${secret}`].join('\n'),
  );
}
