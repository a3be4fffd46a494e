import { randomUUID } from 'node:crypto';
import type { Channel, ContentOf } from '../../../src/notifications/channels.ts';
import type {
  Connection,
  Outgoing,
  ProviderError,
  Sent,
  Try,
} from '../../../src/notifications/providers/provider.ts';

const CONTENT: ContentOf = {
  email: { subject: 'Your instalment', text: 'Dear Asha,\n₹ 4,707.00 & no more is due on 5 May.' },
  sms: { text: 'Acme: ₹4707 is due on 5 May.', dlt_template: '1107160000000012345' },
  push: { title: 'Your instalment', body: '₹4707 is due on 5 May.', data: { loan: 'L-1' } },
};
const ADDRESS: Record<Channel, string> = {
  email: 'asha@example.in',
  sms: '+919812345678',
  push: 'fcm-token-of-the-phone-of-asha:APA91b',
};

/** A message to Asha by a channel; of it, what is named differs. */
export function messageBy<C extends Channel>(channel: C, change: Partial<Outgoing<C>> = {}): Outgoing<C> {
  return {
    id: randomUUID(),
    address: ADDRESS[channel],
    name: 'Asha Rao',
    content: CONTENT[channel],
    attachments: [],
    deadline: null,
    opt_out: null,
    ...change,
  };
}

const NOW = new Date('2026-05-02T10:00:00Z');

export function firstTry(change: Partial<Try> = {}): Try {
  return { signal: new AbortController().signal, number: 1, first_tried_at: NOW, now: NOW, ...change };
}

export function send<C extends Channel>(
  connection: Connection<C>,
  channel: C,
  attempt: Partial<Try> = {},
): Promise<Sent> {
  return connection.send(messageBy(channel), firstTry(attempt));
}

export function failureOf(sending: Promise<unknown>): Promise<ProviderError> {
  return sending.then(
    () => Promise.reject(new Error('It did not fail.')),
    (error) => error,
  );
}
