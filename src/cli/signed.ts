import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { existsSync } from 'node:fs';
import { sealKeyFile } from '../keys.ts';
import { keyId, publicKeyFile } from '../ledger/sealer.ts';
import type { Context } from './context.ts';
import { wrongInput } from './exit.ts';
import { readText } from './payload.ts';

/** Where the public half of this machine's key lies. */
export function ownKey(context: Context): string {
  return publicKeyFile(sealKeyFile(context.config));
}

/** The keys in the files given, else the public key that lies beside this machine's own, if there is one. */
export function publicKeys(context: Context, files: string[] | undefined): Promise<KeyObject[]> {
  const own = ownKey(context);
  return Promise.all((files ?? (existsSync(own) ? [own] : [])).map(readKey));
}

async function readKey(file: string): Promise<KeyObject> {
  const pem = await readText(file);
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw wrongInput(`${file} is no public key: ${(error as Error).message}`);
  }
}

export type Signature = 'good' | 'wrong' | 'by a key that is not here';

/** Whether a report was signed as it stands. */
export function signatureOf(
  { report, key_id, signature }: { report: string | null; key_id: string | null; signature: Buffer | null },
  keys: readonly KeyObject[],
): Signature {
  const key = keys.find((candidate) => keyId(candidate) === key_id);
  if (!key || report === null || signature === null) return 'by a key that is not here';
  return verify(null, Buffer.from(report), key, signature) ? 'good' : 'wrong';
}
