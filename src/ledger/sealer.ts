import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

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
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeNew(
    file,
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    0o600,
  );
  const made = await readFile(file, 'utf8');
  await writeNew(publicKeyFile(file), createPublicKey(made).export({ type: 'spki', format: 'pem' }), 0o644);
  return made;
}

/** Writes the file unless it is there, whole or not at all: of processes that start together, one makes the key. */
async function writeNew(file: string, content: string | Buffer, mode: number): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content, { flag: 'wx', mode });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}
