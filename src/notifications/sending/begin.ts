import type { Transaction } from '../../db/pools.ts';
import type { Job } from '../../runtime/definition.ts';
import { Refuse } from '../../runtime/outcomes.ts';
import type { Channel, ContentOf } from '../channels.ts';
import { passLane } from '../lanes.ts';
import { type Category, type Payload, recipientOf } from '../payload.ts';
import { obeyRules } from '../rules/rules.ts';
import { TemplateError } from '../templates/errors.ts';
import { renderFor } from '../templates/templates.ts';
import { writeMessage } from './rows.ts';
import { type Means, READY, type Sending } from './sending.ts';

/**
 * Makes a message ready: asks the rules, renders it, and writes down what will be sent by whom.
 * @throws Cancel where nobody wants it any more, Snooze until it may be sent, Hold while the lane is held,
 *   Refuse where it cannot be rendered
 */
export async function beginSending<C extends Channel>(
  tx: Transaction,
  channel: C,
  { tenant, id, payload }: Job<Payload<C>>,
  { clock, services }: Means,
): Promise<Sending<C>> {
  const now = clock.now();
  await passLane(tx, channel);
  await obeyRules(tx, { channel, payload, now });
  const { content, category, ...wording } = await written(tx, channel, payload);
  const lines = await services.notifications.connections.open(tx, tenant, channel);
  await writeMessage(
    tx,
    {
      ...{ id, notification: payload.notification, channel, content, category, at: now, ...wording },
      ...{ recipient: recipientOf(payload), address: payload.recipient.address },
      loan: payload.about?.loan ?? null,
    },
    lines[0]?.provider.name ?? null,
  );
  const { deadline, about, recipient } = payload;
  return {
    ...{ tenant, id, channel, address: recipient.address, name: recipient.name ?? null, content },
    payload: { deadline, about, recipient, category },
    [READY]: { number: lines.length > 0 ? 1 : 0, lines, asked: {} },
  };
}

interface Written<C extends Channel> {
  content: ContentOf[C];
  template: string | null;
  template_version: number | null;
  locale: string | null;
  category: Category;
}

async function written<C extends Channel>(
  tx: Transaction,
  channel: C,
  { template, data, locale, content, category }: Payload<C>,
): Promise<Written<C>> {
  if (content) {
    const own = { template: null, template_version: null, locale: locale ?? null };
    return { content, category: category ?? 'transactional', ...own };
  }
  const rendered = await renderedOrRefused(tx, { template: template!, locale, channel, data: data ?? {} });
  return {
    ...{ content: rendered.content, template: rendered.template, template_version: rendered.version },
    ...{ locale: rendered.locale, category: category ?? rendered.category },
  };
}

/** What cannot be rendered now could when it was accepted: the template was changed meanwhile. */
async function renderedOrRefused<C extends Channel>(
  tx: Transaction,
  asked: Parameters<typeof renderFor<C>>[1],
) {
  try {
    return await renderFor(tx, asked);
  } catch (error) {
    if (error instanceof TemplateError) throw new Refuse(error.code, error.message, { cause: error });
    throw error;
  }
}
