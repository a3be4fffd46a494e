import { defineStaged, type StagedDefinition } from '../../runtime/definition.ts';
import type { Channel } from '../channels.ts';
import { orderingKeyOf, payloadOf } from '../payload.ts';
import { RETRIES_MAX } from '../policy.ts';
import { kindOf } from '../request.ts';
import { beginSending } from './begin.ts';
import { concludeSending, sentResult } from './conclude.ts';
import { sendMessage } from './send.ts';

/** Two providers one after the other, each as slow as may be. */
const TIMEOUT_MS = 60_000;
const CONCURRENCY = 64;

/** The job that sends messages by a channel; each has a queue of its own, so that one's outage slows no other. */
export function defineSending<C extends Channel>(channel: C, summary: string) {
  return defineStaged({
    kind: kindOf(channel),
    queue: `notifications-${channel}`,
    summary,
    payload: payloadOf(channel),
    result: sentResult,
    key: ({ notification }) => notification,
    ordering_key: (payload) => orderingKeyOf(channel, payload),
    // The tenant's policy ends it sooner; a redrive grants as many again.
    retry: { attempts: RETRIES_MAX + 2, backoff_ms: 2_000, backoff_ms_max: 60_000 },
    timeout_ms: TIMEOUT_MS,
    concurrency: CONCURRENCY,
    public: false,

    prepare: (tx, job, context) => beginSending(tx, channel, job, context),
    call: (sending, call) => sendMessage(sending, call),
    settle: (tx, { id }, sent, { clock }) => concludeSending(tx, id, sent, clock.now()),
  }) as unknown as StagedDefinition;
}
