import { randomUUIDv7 } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import type { JobRequest } from '../runtime/definition.ts';
import { addressOf, CHANNELS, type Channel, contentOf } from './channels.ts';
import { NotificationError, type WrongField } from './errors.ts';
import { type Category, personFields, sharedFields } from './payload.ts';
import { BUILT_INS } from './templates/built-in/catalogue.ts';

/** The id of a notification whose caller gave a key is made of it: the same again is the same one. */
const NOTIFICATIONS = '0197a3c0-5a1e-7b57-9d3c-6b6973740021';

export const TYPES = ['EMAIL', 'SMS', 'PUSH', 'ALL'] as const;
export type NotificationType = (typeof TYPES)[number];

/** What is asked for in one request: one message a channel. */
export const notificationRequest = z.strictObject({
  type: z.enum(TYPES),
  recipient: z.strictObject({
    ...personFields,
    email: addressOf.email.optional(),
    phone: addressOf.sms.optional(),
    push_token: addressOf.push.optional(),
  }),
  content: z.strictObject(contentOf).partial().optional().meta({ description: 'instead of a template' }),
  ...sharedFields,
});
export type NotificationRequest = z.output<typeof notificationRequest>;

export function channelsOf(type: NotificationType): readonly Channel[] {
  return type === 'ALL' ? CHANNELS : [type.toLowerCase() as Channel];
}

const ADDRESS_FIELD = { email: 'email', sms: 'phone', push: 'push_token' } as const;
const ADDRESS_WORDS = {
  email: 'an e-mail address',
  sms: 'a phone number',
  push: 'a token of Firebase',
} as const;

/**
 * Says of each channel what it lacks.
 * @throws NotificationError invalid-notification, naming every field
 */
export function checkRequest(request: NotificationRequest): void {
  const wrong: WrongField[] = [];
  if ((request.template === undefined) === (request.content === undefined)) {
    wrong.push({ pointer: '/template', message: 'either a template or content must be given, not both' });
  }
  for (const channel of channelsOf(request.type)) {
    const field = ADDRESS_FIELD[channel];
    if (!request.recipient[field]) {
      const message = `${channel.toUpperCase()} needs ${ADDRESS_WORDS[channel]}`;
      wrong.push({ pointer: `/recipient/${field}`, message });
    }
    if (request.content && !request.content[channel]) {
      wrong.push({ pointer: `/content/${channel}`, message: `${channel.toUpperCase()} needs its content` });
    }
  }
  if (wrong.length > 0) {
    const [first, ...rest] = wrong;
    const more = rest.length > 0 ? ` (and ${rest.length} more)` : '';
    throw new NotificationError('invalid-notification', `${first!.pointer}: ${first!.message}${more}`, wrong);
  }
}

export function kindOf(channel: Channel): string {
  return `notification.${channel}`;
}

/** @param key the caller's; without one every request is another notification */
export function notificationId(tenant: string, key: string | undefined): string {
  return key === undefined ? randomUUIDv7() : uuidv5(`${tenant}/${key}`, NOTIFICATIONS);
}

/**
 * One job a channel. Accepted again they are the same jobs.
 * @param categories of the templates, where the request says none and they are not built-in ones
 */
export function jobsOf(
  id: string,
  request: NotificationRequest,
  categories: Partial<Record<Channel, Category>> = {},
): JobRequest[] {
  const { type, recipient, content, ...shared } = request;
  const { email, phone, push_token, ...person } = recipient;
  const addresses = { email, sms: phone, push: push_token };
  const usual = BUILT_INS.get(shared.template ?? '')?.category ?? 'transactional';
  return channelsOf(type).map((channel) => ({
    kind: kindOf(channel),
    payload: {
      ...shared,
      category: shared.category ?? categories[channel] ?? usual,
      ...{ notification: id, type, recipient: { ...person, address: addresses[channel] } },
      ...(content && { content: content[channel] }),
    },
  }));
}
