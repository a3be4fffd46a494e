import type { JobRequest } from '../../runtime/definition.ts';
import type { Channel } from '../channels.ts';
import { jobsOf, type NotificationType, notificationId } from '../request.ts';
import type { Reader } from './contacts.ts';
import type { StoredRule } from './rules.ts';
import type { Told } from './telling.ts';

/** One message of a notice, to be accepted. */
export interface Message {
  rule: string;
  notification: string;
  channel: Channel;
  request: JobRequest;
}

/** A template's words may have so many letters. */
const NAME_MAX = 100;

/**
 * The messages of one notice: one by each channel of the rule by which the reader can be reached, and one to each
 * device. They are named after event and rule, so that the same notice again is the same messages.
 */
export function messagesOf(
  tenant: string,
  event: string,
  { rule, reader, told }: { rule: StoredRule; reader: Reader; told: Told },
): Message[] {
  const { name: rule_name, template, category } = rule;
  const name = reader.name.slice(0, NAME_MAX);
  const { data, attachment, ...rest } = told;
  const person = {
    reference: reader.reference,
    name,
    ...(reader.time_zone && { time_zone: reader.time_zone }),
  };
  const of = (channel: Channel, address: object, place = ''): Message => {
    const notification = notificationId(tenant, `notice/${event}/${rule_name}${place}`);
    const [request] = jobsOf(notification, {
      ...{ type: channel.toUpperCase() as NotificationType, recipient: { ...person, ...address } },
      ...{ template, category, data: { ...data, name } as never, ordering: 'recipient' },
      ...(reader.locale && { locale: reader.locale }),
      ...rest,
    });
    const payload = {
      ...(request!.payload as object),
      ...(channel === 'email' && attachment && { attachment }),
    };
    return { rule: rule_name, notification, channel, request: { ...request!, payload } };
  };
  const byChannel: Record<Channel, () => Message[]> = {
    email: () => (reader.email ? [of('email', { email: reader.email })] : []),
    sms: () => [of('sms', { phone: reader.phone })],
    // The first device shares its notification with the other channels; one notification has one message a channel.
    push: () =>
      reader.tokens.map((push_token, index) =>
        of('push', { push_token }, index === 0 ? '' : `/${push_token}`),
      ),
  };
  return rule.channels.flatMap((channel) => byChannel[channel]());
}
