import type { Command } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import type { ShownReceipt } from '../../notifications/receipts/rows.ts';
import type { SentFile } from '../../notifications/sending/files.ts';
import type { Attempt } from '../../notifications/sending/rows.ts';
import { type ChannelStory, notificationStory } from '../../notifications/show.ts';
import { addCommand, checkId, type Shell } from '../command.ts';
import { notFound } from '../exit.ts';
import { type Column, facts, instant, table } from '../output.ts';

export function showCommand(notify: Command, shell: Shell): void {
  addCommand(notify, shell, 'show <id>', {
    summary: 'A notification: how each channel stands, every try to send it, and what providers told of it',
    examples: ['kist notify show 0197a3c0-5a1e-7b57-9d3c-6b6973740001'],
    async run(context, _options, given) {
      const id = checkId(given!);
      const tenant = await context.tenant();
      const channels = await inTenant(await context.pool(), tenant, (tx) => notificationStory(tx, id));
      if (!channels) throw notFound(`There is no notification ${id} of tenant ${tenant}.`);
      context.output.answer({ id, channels: channels.map(storyValue) }, () =>
        channels.map(storyText).join('\n\n'),
      );
    },
  });
}

/** Receipts without their bodies: these say to whom it went. */
function storyValue({ receipts, job, ...story }: ChannelStory) {
  const { id, state, code, message, accepted_at } = job;
  const told = receipts.map(({ body: _body, ...receipt }) => receipt);
  return { ...story, job: { id, state, code, message, accepted_at }, receipts: told };
}

function storyText({ channel, state, job, message, attempts, receipts }: ChannelStory): string {
  const parts = [
    facts([
      ['channel', channel],
      ['state', state],
      ['why', job.code ?? message?.code],
      ['message', job.message],
      ['template', message?.template && `${message.template}, version ${message.template_version}`],
      ['provider', [message?.provider, message?.provider_id].filter(Boolean).join(', ')],
      ['accepted', job.accepted_at],
      ['sent', message?.sent_at],
      ['job', job.id],
    ]),
  ];
  if (attempts.length > 0) parts.push(table(attempts, ATTEMPT_COLUMNS, ''));
  const files = attempts.flatMap(({ number, files }) => (files ?? []).map((file) => ({ number, ...file })));
  if (files.length > 0) parts.push(`Files:\n${table(files, FILE_COLUMNS, '')}`);
  if (receipts.length > 0) parts.push(`Told by providers:\n${table(receipts, RECEIPT_COLUMNS, '')}`);
  return parts.join('\n');
}

const ATTEMPT_COLUMNS: Column<Attempt>[] = [
  { title: 'try', align: 'right', text: ({ number }) => number },
  { title: 'provider', text: ({ provider }) => provider },
  { title: 'begun', text: ({ began_at }) => instant(began_at) },
  { title: 'outcome', text: ({ outcome }) => outcome ?? 'under way, or cut off' },
  { title: 'code', text: ({ code }) => code },
  { title: 'message', text: ({ message }) => message },
];

const FILE_COLUMNS: Column<SentFile & Pick<Attempt, 'number'>>[] = [
  { title: 'try', align: 'right', text: ({ number }) => number },
  { title: 'file', text: ({ name }) => name },
  { title: 'type', text: ({ type }) => type },
  { title: 'bytes', align: 'right', text: ({ size_bytes }) => size_bytes },
  { title: 'SHA-256', text: ({ sha256 }) => sha256 },
];

const RECEIPT_COLUMNS: Column<ShownReceipt>[] = [
  { title: 'at', text: ({ received_at }) => instant(received_at) },
  { title: 'provider', text: ({ provider }) => provider },
  { title: 'event', text: ({ event }) => event },
  { title: 'way', text: ({ way }) => way },
  { title: 'did', text: ({ outcome }) => outcome },
];
