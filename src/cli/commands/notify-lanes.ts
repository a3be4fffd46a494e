import { type Command, Option } from 'commander';
import { systemClock } from '../../calendar/clock.ts';
import { inTenant } from '../../db/transaction.ts';
import { type ChannelState, channelStates } from '../../notifications/channel-states.ts';
import { ASKED, holdLane, laneHolds, openLane } from '../../notifications/lanes.ts';
import { changeInTenant } from '../changing.ts';
import { channelOf } from '../channel.ts';
import { addCommand, type Shell } from '../command.ts';
import { type Column, facts, instant, plural, table } from '../output.ts';

export function laneCommands(notify: Command, shell: Shell): void {
  addCommand(notify, shell, 'channels', {
    summary: 'The channels: whether each is open, what waits for it, how often messages are tried',
    examples: ['kist notify channels'],
    async run(context) {
      const tenant = await context.tenant();
      const channels = await inTenant(await context.pool(), tenant, channelStates);
      context.output.answer({ channels }, () => table(channels, COLUMNS, ''));
    },
  });
  addHold(notify, shell);
  addOpen(notify, shell);
}

function addHold(notify: Command, shell: Shell): void {
  addCommand<{ reason: string }>(notify, shell, 'hold <channel>', {
    summary: 'Send nothing by a channel until it is opened again; what is accepted waits',
    examples: ['kist notify hold sms --reason "the header is being registered anew"'],
    options: [new Option('--reason <text>', 'why, for those who wonder').makeOptionMandatory()],
    async run(context, { reason }, name) {
      const channel = channelOf(name!);
      const about = { action: 'cli.notify.hold', subject: channel, arguments: { reason } };
      const wish = { channel, code: ASKED, message: reason, held_by: context.actor };
      const hold = await changeInTenant(context, about, async (tx, tenant) => {
        await holdLane(tx, tenant, { ...wish, held_at: systemClock.now() });
        return (await laneHolds(tx)).find((each) => each.channel === channel)!;
      });
      context.output.answer(hold, () =>
        facts([
          ['channel', hold.channel],
          ['held for', hold.code],
          ['why', hold.message],
          ['since', `${instant(hold.held_at)} by ${hold.held_by}`],
        ]),
      );
    },
  });
}

function addOpen(notify: Command, shell: Shell): void {
  addCommand(notify, shell, 'open <channel>', {
    summary:
      'Open a channel: what waits goes out in its order, at the rate of its policy; what is out of date is dropped',
    examples: ['kist notify open sms'],
    async run(context, _options, name) {
      const channel = channelOf(name!);
      const about = { action: 'cli.notify.open', subject: channel };
      const opening = { channel, by: context.actor, at: systemClock.now() };
      const opened = await changeInTenant(context, about, async (tx, tenant) => {
        const was_held = await openLane(tx, { tenant, ...opening });
        const { waiting, policy } = (await channelStates(tx)).find((each) => each.channel === channel)!;
        return { channel, was_held, waiting, drain_per_minute: policy.drain_per_minute };
      });
      const { was_held, waiting, drain_per_minute } = opened;
      context.output.answer(opened, () =>
        was_held
          ? `Opened. ${plural(waiting, 'message')} waited; ${drain_per_minute} a minute go out.`
          : `${channel} was open.`,
      );
    },
  });
}

const COLUMNS: Column<ChannelState>[] = [
  { title: 'channel', text: ({ channel }) => channel },
  { title: 'lane', text: ({ held }) => (held ? `held: ${held.code}` : 'open') },
  { title: 'waiting', align: 'right', text: ({ waiting }) => waiting },
  { title: 'retries', align: 'right', text: ({ policy }) => policy.retries },
  { title: 'since', text: ({ held }) => held && instant(held.held_at) },
  { title: 'by', text: ({ held }) => held?.held_by },
  { title: 'why', text: ({ held }) => held?.message },
];
