import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readOrMakeKey } from './key-file.ts';

/** Keeps secrets at rest: AES-256-GCM under a key that never enters the database. */
export interface SecretBox {
  /** @param place what the secret is of (tenant, table, row): it opens in no other place */
  seal(secret: Buffer, place: string): Buffer;
  /** @throws Error where it was sealed with a key that is not here, for another place, or was changed */
  open(sealed: Buffer, place: string): Buffer;
}

const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = Buffer.from([1]);
const HEAD_BYTES = VERSION.length + KEY_ID_BYTES;

/**
 * Opens the box whose keys are in `file`, making one on first use. The file has one key a line (base64, 32
 * bytes): the first seals, all of them open, so that a new key is put before the old ones. All processes
 * share it; without it the secrets in the database are lost.
 */
export async function openSecretBox(file: string): Promise<SecretBox> {
  const { text } = await readOrMakeKey(file, () => `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  const keys = text.split(/\s+/).filter(Boolean).map(toKey);
  const [current] = keys;
  if (!current || keys.some(({ key }) => key.length !== KEY_BYTES)) {
    throw new Error(`${file} must hold keys of ${KEY_BYTES} bytes, in base64, one a line.`);
  }
  return {
    seal: (secret, place) => {
      const head = Buffer.concat([VERSION, current.id]);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(bound(head, place));
      const text = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([head, nonce, cipher.getAuthTag(), text]);
    },
    open: (sealed, place) => {
      const head = sealed.subarray(0, HEAD_BYTES);
      const known = keys.find(({ id }) => id.equals(head.subarray(VERSION.length)));
      if (!known || head[0] !== VERSION[0]) throw new Error(`A secret was sealed with a key not in ${file}.`);
      const nonce = sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
      const tag = sealed.subarray(HEAD_BYTES + NONCE_BYTES, HEAD_BYTES + NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', known.key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(bound(head, place));
      decipher.setAuthTag(tag);
      const text = sealed.subarray(HEAD_BYTES + NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(text), decipher.final()]);
    },
  };
}

function toKey(base64: string): { id: Buffer; key: Buffer } {
  const key = Buffer.from(base64, 'base64');
  return { id: createHash('sha256').update(key).digest().subarray(0, KEY_ID_BYTES), key };
}

function bound(head: Buffer, place: string): Buffer {
  return Buffer.concat([head, Buffer.from(place)]);
}
