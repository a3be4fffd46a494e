import type { Command } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import type { Channel } from '../../notifications/channels.ts';
import {
  noticeRule,
  noticeSwitch,
  noticesOf,
  removeRule,
  ruleName,
  type StoredRule,
  setRule,
  switchNotices,
  turnRule,
} from '../../notifications/notices/rules.ts';
import { changeInTenant } from '../changing.ts';
import { channelsOption } from '../channel.ts';
import { addCommand, addGroup, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { wrongInput } from '../exit.ts';
import { type Column, facts, table } from '../output.ts';
import { jsonFrom, readJson } from '../payload.ts';

interface SwitchOptions {
  channels?: Channel[];
}

export function noticeCommands(notify: Command, shell: Shell): void {
  addCommand<SwitchOptions>(notify, shell, 'notices [on|off]', {
    summary:
      'Whether borrowers are told what happens to their loans, and by which rules; or switch it on or off',
    examples: [
      'kist notify notices',
      'kist notify notices on --channels email,sms',
      'kist notify notices off',
    ],
    options: [
      channelsOption('with on, by which every built-in rule tells; default: as they stand, new ones by all'),
    ],
    async run(context, options, state) {
      const notices = await (state === undefined
        ? shown(context, options)
        : switched(context, state, options));
      context.output.answer(notices, () => noticesText(notices));
    },
  });
  const group = addGroup(notify, 'rule', 'Rules: when this happens to a loan, its borrower is told that');
  addSet(group, shell);
  addTurn(group, shell, 'disable', 'Tell nothing by a rule any more');
  addTurn(group, shell, 'enable', 'Tell by a rule again');
  addCommand(group, shell, 'remove <name>', {
    summary: 'Remove a rule; a built-in one comes back, as it was, when notices are switched on again',
    examples: ['kist notify rule remove holiday-greeting'],
    async run(context, _options, name) {
      const rule = ruleName.parse(name);
      await changeInTenant(context, changeOf('remove', rule), (tx) => removeRule(tx, rule));
      context.output.answer({ name: rule }, () => `Rule ${rule} is removed.`);
    },
  });
}

async function shown(context: Context, { channels }: SwitchOptions): Promise<Notices> {
  if (channels) throw wrongInput('--channels goes with on.');
  return inTenant(await context.pool(), await context.tenant(), noticesOf);
}

async function switched(context: Context, state: string, { channels }: SwitchOptions): Promise<Notices> {
  if (state !== 'on' && state !== 'off') throw wrongInput(`Notices are on or off, not ${state}.`);
  if (state === 'off' && channels) throw wrongInput('--channels goes with on.');
  const wish = noticeSwitch.parse({ enabled: state === 'on', channels });
  return changeInTenant(
    context,
    { action: 'cli.notify.notices', subject: state, arguments: wish },
    async (tx) => {
      await switchNotices(tx, wish, context.actor);
      return noticesOf(tx);
    },
  );
}

function addSet(group: Command, shell: Shell): void {
  addCommand<{ from: string }>(group, shell, 'set <name>', {
    summary: 'Make or change a rule; it counts from the next event on',
    examples: [
      'kist notify rule set overdue --from rule.json',
      'kist notify rule set overdue --from - < rule.json',
    ],
    options: [jsonFrom('the rule as JSON (docs/notices.md)').makeOptionMandatory()],
    async run(context, { from }, given) {
      const name = ruleName.parse(given);
      const rule = noticeRule.parse(await readJson(from));
      const about = { ...changeOf('set', name), arguments: rule };
      answerRule(
        context,
        await changeInTenant(context, about, (tx) => setRule(tx, name, rule, context.actor)),
      );
    },
  });
}

function addTurn(group: Command, shell: Shell, verb: 'enable' | 'disable', summary: string): void {
  addCommand(group, shell, `${verb} <name>`, {
    summary,
    examples: [`kist notify rule ${verb} overdue`],
    async run(context, _options, given) {
      const name = ruleName.parse(given);
      const rule = await changeInTenant(context, changeOf(verb, name), (tx) =>
        turnRule(tx, name, verb === 'enable', context.actor),
      );
      answerRule(context, rule);
    },
  });
}

function changeOf(verb: string, name: string) {
  return { action: `cli.notify.rule-${verb}`, subject: name };
}

function answerRule(context: Context, rule: StoredRule): void {
  context.output.answer(rule, () => facts(COLUMNS.map(({ title, text }) => [title, text(rule)])));
}

type Notices = Awaited<ReturnType<typeof noticesOf>>;

function noticesText({ enabled, rules }: Notices): string {
  return [
    `Notices are ${enabled ? 'on' : 'off'}.`,
    table(
      rules,
      COLUMNS,
      'No rules: `kist notify notices on` makes one for each thing that happens to a loan.',
    ),
  ].join('\n');
}

const COLUMNS: Column<StoredRule>[] = [
  { title: 'rule', text: ({ name }) => name },
  { title: 'event', text: ({ event_type }) => event_type },
  { title: 'moment', text: ({ moment }) => moment },
  { title: 'template', text: ({ template }) => template },
  { title: 'channels', text: ({ channels }) => channels.join(', ') },
  { title: 'category', text: ({ category }) => category },
  { title: 'state', text: ({ enabled }) => (enabled ? 'enabled' : 'disabled') },
];
