import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { IdentityError } from './errors.ts';

const derive = promisify(argon2);

/** What OWASP asks of argon2id at least: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const PARAMETERS_MAX = { memory_kib: 262_144, passes: 16, lanes: 8 };

export const PASSWORD_CHARACTERS_MIN = 12;
export const PASSWORD_CHARACTERS_MAX = 256;

/** Each derivation takes 19 MiB and a thread of libuv's few, so a flood of logins must not take all. */
const DERIVATIONS_AT_ONCE_MAX = 2;
const DERIVATIONS_WAITING_MAX = 64;
let running = 0;
const waiting: (() => void)[] = [];

/**
 * @returns the hash as a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$tag`
 * @throws RangeError for a password shorter than 12 or longer than 256 characters
 */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < PASSWORD_CHARACTERS_MIN || password.length > PASSWORD_CHARACTERS_MAX) {
    throw new RangeError(
      `A password has ${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters, not ${password.length}.`,
    );
  }
  const nonce = randomBytes(SALT_BYTES);
  const parameters = { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES, tagLength: TAG_BYTES, nonce };
  const tag = await bounded(() => derive('argon2id', { ...parameters, message: normal(password) }));
  return phcString(nonce, tag);
}

/**
 * Whether the password is the one that was hashed. With no hash (nobody has this e-mail address) it
 * works just as long and says no.
 * @throws IdentityError login-busy when too many others are being checked
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const { salt, tag, memory, passes, parallelism } = parsePhc(hash ?? NOBODYS_HASH);
  const message = normal(password.slice(0, PASSWORD_CHARACTERS_MAX + 1));
  const parameters = { memory, passes, parallelism, tagLength: tag.length, nonce: salt, message };
  const derived = await bounded(() => derive('argon2id', parameters));
  return timingSafeEqual(derived, tag) && hash !== null;
}

/** The same password typed on another keyboard: composed and decomposed accents are one. */
const normal = (password: string) => password.normalize('NFKC');

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

function phcString(salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(tag)}`;
}

const NOBODYS_HASH = phcString(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));

function parsePhc(hash: string) {
  const match = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/.exec(hash);
  if (!match) throw new TypeError('Not an argon2id hash.');
  const [memory, passes, parallelism] = match.slice(1, 4).map(Number) as [number, number, number];
  const { memory_kib, passes: passes_max, lanes } = PARAMETERS_MAX;
  if (memory > memory_kib || passes > passes_max || parallelism > lanes) {
    throw new RangeError('The argon2id hash asks for more than is allowed.');
  }
  const [salt, tag] = match.slice(4, 6).map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer];
  return { memory, passes, parallelism, salt, tag };
}

async function bounded<T>(work: () => Promise<T>): Promise<T> {
  if (running >= DERIVATIONS_AT_ONCE_MAX) {
    if (waiting.length >= DERIVATIONS_WAITING_MAX) {
      throw new IdentityError('login-busy', 'Too many logins at once; try again.', { retry_after_s: 2 });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
