import { z } from 'zod';
import { fcmRefusal } from './fcm-errors.ts';

const PAYLOAD_BYTES_MAX = 4_096;
const TTL_S_MAX = 2_419_200;
const RESERVED = /^(from|message_type|collapse_key)$|^(google|gcm)\./;

const texts = z.record(z.string(), z.string());
const messageSchema = z.strictObject({
  token: z.string().min(1).optional(),
  topic: z.string().optional(),
  condition: z.string().optional(),
  name: z.string().optional(),
  notification: z
    .strictObject({ title: z.string(), body: z.string(), image: z.string() })
    .partial()
    .optional(),
  data: texts.optional(),
  android: z
    .looseObject({
      collapse_key: z.string().optional(),
      priority: z.enum(['normal', 'high', 'NORMAL', 'HIGH']).optional(),
      ttl: z.string().optional(),
      notification: z.looseObject({ tag: z.string().optional() }).optional(),
    })
    .optional(),
  apns: z.looseObject({ headers: texts.optional() }).optional(),
  webpush: z
    .looseObject({
      headers: texts.optional(),
      notification: z.looseObject({ tag: z.string().optional() }).optional(),
    })
    .optional(),
  fcm_options: z.looseObject({}).optional(),
});
const requestSchema = z.strictObject({ validate_only: z.boolean().optional(), message: messageSchema });

export interface PushRequest {
  token: string;
  title: string;
  body: string;
  image: string | null;
  data: Record<string, string>;
  collapse_key: string | null;
  is_trial: boolean;
}

/** What was asked of FCM, as it would read it. @throws Refusal 400 that names the field */
export function readPush(sent: unknown): PushRequest {
  const { data: asked, error } = requestSchema.safeParse(sent);
  if (!asked) {
    const [issue] = error.issues;
    const field = issue!.code === 'unrecognized_keys' ? [...issue!.path, issue!.keys[0]!] : issue!.path;
    throw invalid(field.join('.') || 'message', issue!.message);
  }
  const { message } = asked;
  const { token, notification = {}, data = {} } = message;
  if (!token) throw invalid('message', 'Exactly one of token, topic or condition is required; here, token');
  refuseTooBig({ notification, data });
  refuseOddTtl(message.android?.ttl);
  const reserved = Object.keys(data).find((name) => RESERVED.test(name));
  if (reserved) throw invalid(`message.data.${reserved}`, `Invalid data payload key: ${reserved}`);
  return {
    ...{ token, data, title: notification.title ?? '', body: notification.body ?? '' },
    ...{ image: notification.image ?? null, is_trial: asked.validate_only === true },
    collapse_key: collapseKey(message),
  };
}

/** By which the device replaces what it shows. */
function collapseKey({ android, apns, webpush }: z.output<typeof messageSchema>): string | null {
  const keys = [
    android?.notification?.tag,
    android?.collapse_key,
    apns?.headers?.['apns-collapse-id'],
    webpush?.notification?.tag,
    webpush?.headers?.Topic,
  ];
  return keys.find((key) => key !== undefined) ?? null;
}

function refuseTooBig(payload: object): void {
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes > PAYLOAD_BYTES_MAX) throw invalid('message', `Message is too big: ${bytes} bytes`);
}

function refuseOddTtl(ttl: string | undefined): void {
  if (ttl === undefined) return;
  const seconds = /^(\d+)(\.\d+)?s$/.exec(ttl)?.[1];
  if (seconds === undefined || Number(seconds) > TTL_S_MAX)
    throw invalid('message.android.ttl', 'Invalid ttl');
}

function invalid(field: string, description: string) {
  return fcmRefusal('INVALID_ARGUMENT', { message: description, field });
}
