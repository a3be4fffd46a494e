import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { KEY_ID_BYTES, type Key, type KeyRing } from './key-ring.ts';

/** Keeps secrets at rest: AES-256-GCM under a key that never enters the database. */
export interface SecretBox {
  /** @param place what the secret is of (tenant, table, row): it opens in no other place */
  seal(secret: Buffer, place: string): Buffer;
  /** As seal; the same secret is the same bytes each time, as long as the key is the same. */
  sealAlike(secret: Buffer, place: string): Buffer;
  /** @throws Error where it was sealed with a key that is not here, for another place, or was changed */
  open(sealed: Buffer, place: string): Buffer;
  /** Whether it is sealed with the key that seals now. */
  isCurrent(sealed: Buffer): boolean;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = Buffer.from([1]);
const HEAD_BYTES = VERSION.length + KEY_ID_BYTES;

/** The first of the ring's keys seals, all of them open. */
export function createSecretBox(ring: KeyRing): SecretBox {
  const sealingHead = () => Buffer.concat([VERSION, ring.keys()[0]!.id]);
  return {
    seal: (secret, place) => sealWith(ring.keys()[0]!, randomBytes(NONCE_BYTES), secret, place),
    sealAlike: (secret, place) => {
      const key = ring.keys()[0]!;
      return sealWith(key, nonceOf(key, secret, place), secret, place);
    },
    open: (sealed, place) => {
      const head = sealed.subarray(0, HEAD_BYTES);
      const known = head[0] === VERSION[0] ? keyOf(ring, head.subarray(VERSION.length)) : undefined;
      if (!known) throw new Error(`A secret was sealed with a key not in ${ring.name}.`);
      const nonce = sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
      const tag = sealed.subarray(HEAD_BYTES + NONCE_BYTES, HEAD_BYTES + NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', known.key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(bound(head, place));
      decipher.setAuthTag(tag);
      const text = sealed.subarray(HEAD_BYTES + NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(text), decipher.final()]);
    },
    isCurrent: (sealed) => sealed.subarray(0, HEAD_BYTES).equals(sealingHead()),
  };
}

function sealWith({ id, key }: Key, nonce: Buffer, secret: Buffer, place: string): Buffer {
  const head = Buffer.concat([VERSION, id]);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound(head, place));
  const text = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), text]);
}

/** Made of what is sealed and where: two that differ have the same one no sooner than by chance. */
function nonceOf({ key }: Key, secret: Buffer, place: string): Buffer {
  const own_key = createHmac('sha256', key).update('nonce').digest();
  return createHmac('sha256', own_key).update(`${place}\0`).update(secret).digest().subarray(0, NONCE_BYTES);
}

function keyOf(ring: KeyRing, id: Buffer): Key | undefined {
  return ring.keys().find((key) => key.id.equals(id));
}

function bound(head: Buffer, place: string): Buffer {
  return Buffer.concat([head, Buffer.from(place)]);
}
