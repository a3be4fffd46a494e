import path from 'node:path';
import type { Config } from './config.ts';
import { keyRingIn, keyRingOf } from './secrets/key-ring.ts';
import { createSecretBox, type SecretBox } from './secrets/secret-box.ts';

/** Where the key lies that seals are signed with; the public half lies beside it. */
export function sealKeyFile(config: Config): string {
  return config.KIST_SEAL_KEY ?? path.join(config.KIST_DATA, 'seal-key.pem');
}

/** Where the keys lie that secrets in the database are sealed with; null where the environment holds them. */
export function secretKeyFile(config: Config): string | null {
  if (config.KIST_SECRET_KEYS) return null;
  return config.KIST_SECRET_KEY ?? path.join(config.KIST_DATA, 'secret-key');
}

/** What seals and opens the secrets in the database. */
export async function openBox(config: Config): Promise<SecretBox> {
  const file = secretKeyFile(config);
  return createSecretBox(
    file === null ? keyRingOf(config.KIST_SECRET_KEYS!, 'KIST_SECRET_KEYS') : await keyRingIn(file),
  );
}
