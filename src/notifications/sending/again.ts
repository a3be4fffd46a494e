import type { Transaction } from '../../db/pools.ts';
import { Refuse } from '../../runtime/outcomes.ts';
import type { Content } from '../channels.ts';
import { passLane } from '../lanes.ts';
import type { Connected } from '../providers/connections.ts';
import { digestAgain } from '../rules/digest.ts';
import { keepCaps } from '../rules/measure.ts';
import { askedOf, obeyRules } from '../rules/rules.ts';
import { passBreakers } from './breakers.ts';
import {
  type Attempt,
  attemptsOf,
  beginAttempt,
  closeCutOff,
  contentOfMessage,
  countAgain,
  LEFT_ALONE,
  lockMessage,
  moveMessage,
  rewordMessage,
} from './rows.ts';
import type { Asked, Means, Sending, SentBy, Turn } from './sending.ts';
import { TAKEN } from './states.ts';

/** A message that may arrive twice is sent again once, and never a third time. */
const UNKNOWN_MAX = 2;

/**
 * Takes a message up again, after a failure or because a worker died: asks the rules again, finds out whether it
 * may have been sent, and writes down whom it asks now.
 * @returns who took it, where a receipt says so meanwhile
 * @throws Cancel where nobody wants it any more, Snooze until it may go out again, Hold while the lane is held, Refuse where it may have been sent
 *   and must not be sent again
 */
export async function takeUpAgain(
  tx: Transaction,
  sending: Sending,
  { clock, services }: Means,
): Promise<Turn | SentBy> {
  const { tenant, id, channel, payload } = sending;
  const now = clock.now();
  const message = await lockMessage(tx, id);
  if (TAKEN.includes(message.state)) return { standing: true, ...message };
  await passLane(tx, channel);
  const { look_again_ms } = services.notifications.pace;
  const asked = await askedOf(tx, { channel, payload, now, look_again_ms });
  await obeyRules(tx, asked);
  await keepCaps(tx, { ...asked, id });
  await closeCutOff(tx, id, now);
  const attempts = await attemptsOf(tx, id);
  const content = await contentAgain(tx, sending, attempts);
  const lines = await services.notifications.connections.open(tx, tenant, channel);
  const turn = { ...turnOf(attempts, lines, now), ...(content && { content }) };
  const [first] = turn.lines;
  if (!first) return turn;
  passBreakers(turn.lines);
  await countAgain(tx, id, now);
  await beginAttempt(tx, id, { number: turn.number, provider: first.provider.name, at: now });
  if (message.state === 'failed') await moveMessage(tx, id, 'sending', null);
  return turn;
}

/** What a digest says now: what is no longer true is struck from it, unless it may have been sent with it. */
async function contentAgain(
  tx: Transaction,
  { id, channel, digest }: Sending,
  attempts: readonly Attempt[],
): Promise<Content | undefined> {
  if (!digest) return undefined;
  const may_be_sent = attempts.some(({ outcome }) => outcome === 'unknown');
  const anew = await digestAgain(tx, { id, channel, wording: digest, may_be_sent });
  if (!anew) return contentOfMessage(tx, id);
  await rewordMessage(tx, id, anew);
  return anew.content;
}

/** Whoever may have sent it is the only one that may be asked again: another one would send it twice. */
export function turnOf(attempts: readonly Attempt[], lines: readonly Connected[], now: Date): Turn {
  const last = attempts.at(-1);
  const next = last ? last.number + (last.code === LEFT_ALONE ? 0 : 1) : 1;
  const number = lines.length === 0 ? 0 : next;
  const unknown = attempts.filter(({ outcome }) => outcome === 'unknown');
  const [doubtful] = unknown;
  const asked = askedBefore(attempts);
  if (!doubtful) return { number, lines, asked };
  const line = lines.find(({ provider }) => provider.name === doubtful.provider);
  if (!line) {
    throw new Refuse(
      'outcome-unknown',
      `${doubtful.provider} may have sent it, and cannot be asked any more.`,
    );
  }
  const { repeat, repeats_ms } = line.provider;
  const is_safe =
    repeat !== 'twice' && now.getTime() - asked[doubtful.provider]!.since.getTime() < repeats_ms;
  if (!is_safe && unknown.length >= UNKNOWN_MAX) {
    throw new Refuse('outcome-unknown', `${doubtful.provider} may have sent it ${unknown.length} times.`);
  }
  return { number, lines: [line], asked };
}

function askedBefore(attempts: readonly Attempt[]): Turn['asked'] {
  const asked: Record<string, Asked> = {};
  for (const { provider, began_at, code } of attempts) {
    if (code === LEFT_ALONE) continue;
    asked[provider] = { times: (asked[provider]?.times ?? 0) + 1, since: asked[provider]?.since ?? began_at };
  }
  return asked;
}
