import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readOrMakeKey, writeNew } from '../secrets/key-file.ts';

/** Signs seals. The private key stays in this process; the public one is for everybody. */
export interface Sealer {
  /** Names the public key: the first 16 hex digits of the SHA-256 of its DER form. */
  readonly key_id: string;
  readonly public_key: KeyObject;
  /** Ed25519. */
  sign(message: Buffer): Buffer;
}

/**
 * Reads the Ed25519 key in `file`, making it on first use, with its public half beside it (`.pub.pem`).
 * Copy that half to where an auditor verifies: a key that lies beside the books proves less. A key that was
 * put there by others, in a folder that may be read-only, is taken as it is.
 */
export async function openSealer(file: string): Promise<Sealer> {
  const key = createPrivateKey(await readOrMake(file));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${file} holds no Ed25519 key.`);
  const public_key = createPublicKey(key);
  return { key_id: keyId(public_key), public_key, sign: (message) => sign(null, message, key) };
}

export function publicKeyFile(file: string): string {
  return file.replace(/(\.pem)?$/, '.pub.pem');
}

/** Reads a public key for verification. @param file PEM, as openSealer writes it. */
export async function readPublicKey(file: string): Promise<KeyObject> {
  return createPublicKey(await readFile(file));
}

export function keyId(public_key: KeyObject): string {
  const der = public_key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

async function readOrMake(file: string): Promise<string> {
  const { text, made } = await readOrMakeKey(file, () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  if (made) {
    const public_key = createPublicKey(text).export({ type: 'spki', format: 'pem' });
    await writeNew(publicKeyFile(file), public_key, 0o644);
  }
  return text;
}
