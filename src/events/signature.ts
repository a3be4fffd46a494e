import { createHmac, randomBytes } from 'node:crypto';

/** Standard Webhooks 1.0.0: https://github.com/standard-webhooks/standard-webhooks */
const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

export interface Signed {
  /** The same on every try of a message. */
  id: string;
  /** Of this try, in seconds since 1970. */
  timestamp_s: number;
  body: string;
}

export function newSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** A secret as people hand it on. */
export function secretText(secret: Buffer): string {
  return `${SECRET_PREFIX}${secret.toString('base64')}`;
}

/** The three headers of a message, with one signature for each secret that is valid. */
export function signatureHeaders(message: Signed, secrets: readonly Buffer[]): Record<string, string> {
  const { id, timestamp_s, body } = message;
  const signatures = secrets.map((secret) => {
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp_s}.${body}`).digest('base64');
    return `v1,${signature}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp_s),
    'webhook-signature': signatures.join(' '),
  };
}
