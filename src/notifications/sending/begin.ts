import type { Transaction } from '../../db/pools.ts';
import type { Job } from '../../runtime/definition.ts';
import { type Outcome, Snooze } from '../../runtime/outcomes.ts';
import type { Channel } from '../channels.ts';
import { passLane } from '../lanes.ts';
import { type Payload, recipientOf } from '../payload.ts';
import { keepListed } from '../rules/digest.ts';
import { gather, joinGathering } from '../rules/gathering.ts';
import { keepCaps, refuseDuplicate } from '../rules/measure.ts';
import { askedOf, obeyRules } from '../rules/rules.ts';
import { OPT_OUT_LINK } from '../templates/data.ts';
import { passBreakers } from './breakers.ts';
import { writeMessage } from './rows.ts';
import { type Means, READY, type Sending } from './sending.ts';
import { written } from './written.ts';

/**
 * Makes a message ready: asks the rules, words it, and writes down what will be sent by whom. What waits is answered
 * with rather than thrown: from when on it waits is written down.
 * @throws Cancel where nobody wants it any more, Hold while the lane is held, Refuse where it cannot be worded
 */
export async function beginSending<C extends Channel>(
  tx: Transaction,
  channel: C,
  job: Job<Payload<C>>,
  context: Means,
): Promise<Sending<C> | Outcome> {
  try {
    return await begin(tx, channel, job, context);
  } catch (error) {
    if (error instanceof Snooze) return error;
    throw error;
  }
}

async function begin<C extends Channel>(
  tx: Transaction,
  channel: C,
  { tenant, id, payload }: Job<Payload<C>>,
  { clock, services }: Means,
): Promise<Sending<C>> {
  const { connections, pace } = services.notifications;
  const { look_again_ms } = pace;
  const { about, recipient, category } = payload;
  const now = clock.now();
  await passLane(tx, channel);
  const asked = { ...(await askedOf(tx, { channel, payload, now, look_again_ms })), channel, payload, id };
  const since = await joinGathering(tx, asked);
  await obeyRules(tx, asked);
  const lines = await connections.open(tx, tenant, channel);
  passBreakers(lines);
  const opt_out = services.notifications.optOutLink({
    ...{ tenant, channel, address: recipient.address, category },
  });
  const filled = opt_out === null ? {} : { [OPT_OUT_LINK]: opt_out };
  const digest = since && (await gather(tx, { ...asked, since }, filled));
  const { content, ...wording } = digest ? digest.written : await written(tx, channel, payload, filled);
  if (!digest) await refuseDuplicate(tx, asked, { ...wording, content });
  await keepCaps(tx, asked);
  await writeMessage(
    tx,
    {
      ...{ id, notification: payload.notification, channel, content, category, at: now, ...wording },
      ...{ recipient: recipientOf(payload), address: recipient.address },
      loan: (!digest && about?.loan) || null,
    },
    lines[0]?.provider.name ?? null,
  );
  if (digest) await keepListed(tx, id, digest.listed, now);
  return {
    ...{ tenant, id, channel, address: recipient.address, name: recipient.name ?? null, content },
    payload: digest
      ? { deadline: digest.deadline, recipient, category }
      : { deadline: payload.deadline, about, recipient, category },
    ...(digest && { digest: digest.wording }),
    ...(opt_out !== null && { opt_out }),
    ...(payload.attachment && { attachment: { ...payload.attachment, made_at: now.toISOString() } }),
    [READY]: { number: lines.length > 0 ? 1 : 0, lines, asked: {} },
  };
}
