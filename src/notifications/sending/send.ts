import type { CallContext } from '../../runtime/definition.ts';
import { reach } from '../../runtime/faults.ts';
import { Cancel, Hold, type Outcome, Refuse, Retry, Snooze } from '../../runtime/outcomes.ts';
import { Places } from '../../runtime/places.ts';
import { holdLane, LANE_HELD, NO_PROVIDER } from '../lanes.ts';
import type { ProviderAsked } from '../measured.ts';
import { forgetDevice } from '../notices/contacts.ts';
import { policyOf } from '../policy.ts';
import type { Connected } from '../providers/connections.ts';
import { type Attachment, ProviderError, type Sent } from '../providers/provider.ts';
import { suppress } from '../rules/suppression.ts';
import { takeUpAgain } from './again.ts';
import { attachmentsOf } from './attachments.ts';
import { breakerOf } from './breakers.ts';
import { fileOf, type SentFile } from './files.ts';
import { beginAttempt, endAttempt, LEFT_ALONE, moveMessage, noteFiles, putOff } from './rows.ts';
import { READY, type Sending, type SentBy, type Turn } from './sending.ts';

/**
 * Brings a message to a provider: the tenant's first one, then, where it certainly was not sent, the next. What may
 * have been sent is repeated with the same provider alone, as its contract allows.
 * @throws Retry after the wait of the tenant's policy, or the longer one that a provider asks for; Refuse where it
 *   can never be sent, or its tries are used up; Hold where nothing of the tenant's can be sent; Cancel where
 *   nobody wants it any more
 */
export async function sendMessage(sending: Sending, call: CallContext): Promise<SentBy> {
  const turn = sending[READY] ?? (await again(sending, call));
  if (!('lines' in turn)) return turn;
  await reach('notification.begun');
  const attachments = await attached(sending, turn.number, call);
  const files = attachments.map(fileOf);
  if (files.length > 0) await call.transact((tx) => noteFiles(tx, sending.id, turn.number, files));
  return tryLines({ ...sending, attachments, files }, turn, call);
}

/** A message, what goes with it this time, and what is kept of that. */
type Ready = Sending & { attachments: readonly Attachment[]; files: readonly SentFile[] };

async function attached(sending: Sending, number: number, call: CallContext): Promise<readonly Attachment[]> {
  try {
    return await attachmentsOf(sending, call);
  } catch (error) {
    if (error instanceof Refuse) {
      const { code, message } = error;
      const at = call.clock.now();
      await call.transact(async (tx) => {
        await endAttempt(tx, sending.id, { number, outcome: 'rejected', code, message, at });
        await moveMessage(tx, sending.id, 'failed', code);
      });
    }
    throw error;
  }
}

async function again(sending: Sending, call: CallContext): Promise<Turn | SentBy> {
  try {
    return await call.transact((tx) => takeUpAgain(tx, sending, call));
  } catch (error) {
    if (error instanceof Cancel || error instanceof Refuse) {
      const state = error instanceof Cancel ? 'stopped' : 'failed';
      await call.transact((tx) => moveMessage(tx, sending.id, state, error.code));
    }
    throw error;
  }
}

async function tryLines(sending: Ready, turn: Turn, call: CallContext): Promise<SentBy> {
  const { id, files } = sending;
  let { number } = turn;
  for (const [index, line] of turn.lines.entries()) {
    const next = turn.lines[index + 1];
    const failure = await tryLine(sending, { ...turn, number }, line, call);
    if (!(failure instanceof ProviderError)) return failure;
    if (!next || !(failure.kind === 'again' || failure.kind === 'locked-out')) {
      throw await failed(sending, number, failure, call);
    }
    const at = call.clock.now();
    await call.transact(async (tx) => {
      await endAttempt(tx, id, endOf(number, failure, at));
      await beginAttempt(tx, id, { number: number + 1, provider: next.provider.name, at, files });
    });
    number += 1;
  }
  throw await nobodyToAsk(sending, call);
}

/** A provider of a tenant's that is slow gets few places at once, so that it does not take those of others. */
const places = new Places();
const SLOW_AGAIN_MS = 1_000;

async function tryLine(
  sending: Ready,
  turn: Turn,
  line: Connected,
  call: CallContext,
): Promise<SentBy | ProviderError> {
  const { name } = line.provider;
  const breaker = breakerOf(line.connection);
  const wait_ms = breaker.admit();
  if (wait_ms > 0) return leftAlone(`${name} failed too often.`, wait_ms);
  try {
    const sent = await ask(sending, turn, line, call);
    if (!sent) {
      breaker.abandoned();
      return leftAlone(`${name} is slow; enough calls are under way.`, SLOW_AGAIN_MS * (1 + Math.random()));
    }
    breaker.succeeded();
    await reach('notification.sent');
    const can_be_asked = line.connection.receipts !== undefined;
    return { number: turn.number, provider: name, provider_id: sent.provider_id, can_be_asked };
  } catch (error) {
    if (call.signal.aborted) breaker.abandoned();
    call.signal.throwIfAborted();
    if (!(error instanceof ProviderError)) throw error;
    if (error.kind === 'again' || error.kind === 'unknown') breaker.failed();
    else breaker.succeeded();
    return error;
  }
}

/** Nobody was asked. */
function leftAlone(message: string, after_ms: number): ProviderError {
  return new ProviderError('again', LEFT_ALONE, message, { after_ms });
}

/** Null where the provider is slow and has enough calls to answer. */
function ask(
  { tenant, id, channel, address, name, payload, attachments, opt_out = null, ...sending }: Ready,
  { asked, content = sending.content }: Turn,
  { provider, connection }: Connected,
  { signal, clock, services }: CallContext,
): Promise<Sent | null> {
  const deadline = payload.deadline ? new Date(payload.deadline) : null;
  const message = { id, address, name, content, attachments, deadline, opt_out };
  return services.notifications.turns[channel](() => {
    signal.throwIfAborted();
    const now = clock.now();
    const { times, since } = asked[provider.name] ?? { times: 0, since: now };
    return places.within(`${tenant}/${provider.name}`, () =>
      measured({ channel, provider: provider.name }, services.notifications.events, () =>
        connection.send(message, { signal, number: times + 1, first_tried_at: since, now }),
      ),
    );
  });
}

/** Sends, and tells how that ended, unless it was cut off. */
async function measured(
  about: Pick<ProviderAsked, 'channel' | 'provider'>,
  events: CallContext['services']['notifications']['events'],
  send: () => Promise<Sent>,
): Promise<Sent> {
  const started = performance.now();
  const tell = (outcome: ProviderAsked['outcome']) =>
    events.emit('provider-asked', { ...about, outcome, seconds: (performance.now() - started) / 1_000 });
  try {
    const sent = await send();
    tell('sent');
    return sent;
  } catch (error) {
    if (error instanceof ProviderError) tell(error.kind);
    throw error;
  }
}

function endOf(number: number, { kind, code, message }: ProviderError, at: Date) {
  return { number, outcome: kind, code, message, at };
}

/** Writes down how a try failed. @returns the word that the job ends this try with */
async function failed(
  sending: Sending,
  number: number,
  error: ProviderError,
  { clock, services, transact }: CallContext,
): Promise<Outcome> {
  const { id, channel } = sending;
  const { kind, code, message, after_ms } = error;
  const at = clock.now();
  const outcome = await transact(async (tx): Promise<Outcome> => {
    await endAttempt(tx, id, endOf(number, error, at));
    if (kind === 'locked-out') {
      await holdLane(tx, sending.tenant, { channel, code, message, held_by: `job:${id}`, held_at: at });
      return new Hold(LANE_HELD, message);
    }
    if (kind === 'dead-address') {
      const { address } = sending;
      await suppress(tx, { channel, address, reason: 'dead-address', detail: code, since: at });
      if (channel === 'push') await forgetDevice(tx, address);
    }
    if (kind === 'rejected' || kind === 'dead-address') {
      await moveMessage(tx, id, 'failed', code);
      return new Refuse(code, message);
    }
    const { retries, wait_ms } = await policyOf(tx, channel);
    if (code === LEFT_ALONE) return new Snooze(code, message, Math.max(after_ms ?? 0, wait_ms));
    const tries = await putOff(tx, id, code);
    // Redriven, it has as many tries again.
    if (tries % (retries + 1) === 0) {
      await moveMessage(tx, id, 'failed', code);
      return new Refuse(code, `${message} Tried ${retries + 1} times.`);
    }
    const doubt_ms = kind === 'unknown' ? services.notifications.pace.unknown_ms : 0;
    return new Retry(code, message, { after_ms: Math.max(after_ms ?? 0, wait_ms, doubt_ms) });
  });
  await reach('notification.failed');
  return outcome;
}

async function nobodyToAsk(
  { tenant, id, channel }: Sending,
  { clock, transact }: CallContext,
): Promise<Outcome> {
  const message = `There is no provider for ${channel}.`;
  const held_at = clock.now();
  await transact((tx) =>
    holdLane(tx, tenant, { channel, code: NO_PROVIDER, message, held_by: `job:${id}`, held_at }),
  );
  return new Hold(LANE_HELD, message);
}
