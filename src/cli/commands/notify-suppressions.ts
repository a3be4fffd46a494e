import { type Command, Option } from 'commander';
import { systemClock } from '../../calendar/clock.ts';
import { inTenant } from '../../db/transaction.ts';
import type { Channel } from '../../notifications/channels.ts';
import {
  ASKED_REASONS,
  shownSuppression,
  suppressAsAsked,
  suppressionWish,
} from '../../notifications/rules/asked-suppression.ts';
import {
  liftSuppression,
  listSuppressions,
  STOPS,
  type Suppression,
} from '../../notifications/rules/suppression.ts';
import { changeInTenant } from '../changing.ts';
import { channelOf, channelOption } from '../channel.ts';
import { addCommand, checkId, type Shell } from '../command.ts';
import type { Change } from '../context.ts';
import { notFound } from '../exit.ts';
import { type Column, facts, instant } from '../output.ts';
import { answerPage, type PageOptions, pageOptions } from '../paging.ts';

export function suppressionCommands(notify: Command, shell: Shell): void {
  addCommand<PageOptions & { channel?: Channel }>(notify, shell, 'suppressions', {
    summary: 'Addresses to which some or all is no longer sent, newest first; masked',
    examples: ['kist notify suppressions', 'kist notify suppressions --channel sms --limit 100'],
    options: [channelOption('only of this channel'), ...pageOptions()],
    async run(context, { channel, ...asked }) {
      const pool = await context.pool();
      const tenant = await context.tenant();
      await answerPage(context, asked, {
        name: 'suppressions',
        rows: async (page) =>
          (await inTenant(pool, tenant, (tx) => listSuppressions(tx, { channel, ...page }))).map(
            shownSuppression,
          ),
        columns: COLUMNS,
        empty: 'No address is suppressed.',
      });
    },
  });
  addSuppress(notify, shell);
  addCommand(notify, shell, 'unsuppress <id>', {
    summary: 'Send to an address again; what was given up meanwhile stays so',
    examples: ['kist notify unsuppress 0197a3c0-5a1e-7b57-9d3c-6b6973740003'],
    async run(context, _options, given) {
      const id = checkId(given!);
      await changeInTenant(context, { action: 'cli.notify.unsuppress', subject: id }, async (tx) => {
        if (!(await liftSuppression(tx, id))) throw notFound(`There is no suppression ${id}.`);
      });
      context.output.answer({ id }, () => 'What is accepted from now on is sent to it again.');
    },
  });
}

interface SuppressOptions {
  reason?: string;
  stops?: string;
  detail?: string;
}

function addSuppress(notify: Command, shell: Shell): void {
  addCommand<SuppressOptions>(notify, shell, 'suppress <channel> <address>', {
    summary:
      'Send nothing more to an address, or only what must be told; answers with what holds for it then',
    examples: [
      'kist notify suppress sms +919812345678 --stops marketing',
      'kist notify suppress email asha@example.com --reason opted-out --detail "told the branch"',
    ],
    options: [
      new Option('--stops <what>', 'default: all-but-transactional with opted-out, else everything').choices(
        STOPS,
      ),
      new Option('--reason <reason>', 'who wishes it: the person, or the lender’s people (default)').choices(
        ASKED_REASONS,
      ),
      new Option('--detail <text>', 'for those who wonder'),
    ],
    async run(context, { reason, stops, detail }, channel, address) {
      const wish = suppressionWish.parse({ channel: channelOf(channel!), address, reason, stops, detail });
      const tenant = await context.tenant();
      const pool = await context.pool();
      // Neither address nor detail: the trail is no place for what tells of a person.
      const about: Change = {
        ...{ action: 'cli.notify.suppress', tenant, subject: wish.channel },
        arguments: { channel: wish.channel, reason: wish.reason, stops: wish.stops },
      };
      const suppression = await context.change(about, async () => {
        const made = await inTenant(pool, tenant, (tx) => suppressAsAsked(tx, wish, systemClock.now()));
        about.subject = made.id;
        return shownSuppression(made);
      });
      context.output.answer(suppression, () =>
        facts([
          ['id', suppression.id],
          ...COLUMNS.slice(1).map(({ title, text }) => [title, text(suppression)] as const),
        ]),
      );
    },
  });
}

const COLUMNS: Column<Suppression>[] = [
  { title: 'suppression', text: ({ id }) => id },
  { title: 'channel', text: ({ channel }) => channel },
  { title: 'address', text: ({ address }) => address },
  { title: 'reason', text: ({ reason }) => reason },
  { title: 'stops', text: ({ stops }) => stops },
  { title: 'since', text: ({ since }) => instant(since) },
  { title: 'detail', text: ({ detail }) => detail },
];
