export const REDACTED = '[redacted]';

const DEPTH_MAX = 6;
const MEMBERS_MAX = 50;
const NODES_MAX = 1_000;
const TEXT_CHARACTERS_MAX = 500;

/** A key is cut into its words (full_name, fullName → full, name) and one of these among them masks the value. */
const SENSITIVE_WORDS = new Set(
  `password passwd passphrase pwd secret token jwt authorization cookie credential credentials otp pin cvv
   pan aadhaar aadhar uidai passport ssn dob birth birthday birthdate phone mobile telephone msisdn email mail
   name firstname lastname fullname surname address street pincode postcode zip income salary ifsc iban upi vpa
   card signature`.split(/\s+/),
);
/** Pairs of neighbouring words that are sensitive only together: `account` alone is a ledger account. */
const SENSITIVE_PAIRS = new Set([
  ...['account number', 'account no', 'api key', 'private key', 'access key', 'signing key'],
]);

const MAIL_ADDRESS = /[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}/g;
const SENSITIVE_SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\bwhsec_[\w+/=-]{8,}/g,
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /\beyJ[\w-]{6,}\.[\w-]+\.[\w-]*/g,
  /(?<=:\/\/)[^\s/:@]*:[^\s/@]+(?=@)/g,
  MAIL_ADDRESS,
  // PAN, and runs of ten to nineteen digits as Aadhaar, phone, card and account numbers are; not the
  // groups of a UUID, not dates, not amounts with decimals.
  /(?<![\w-])[A-Z]{5}\d{4}[A-Z](?![\w-])/gi,
  /(?<![\w.-])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ -]?\d){9,18}(?![\w-]|\.\d)/g,
];

/** Looking for an address takes as long as twice all others together: only where there may be one. */
const SHAPES_WITHOUT_AT = SENSITIVE_SHAPES.filter((shape) => shape !== MAIL_ADDRESS);
const shapesIn = (text: string) => (text.includes('@') ? SENSITIVE_SHAPES : SHAPES_WITHOUT_AT);

/**
 * A copy fit for the audit trail, logs and errors: values masked by the name of their key and by their
 * shape, plain JSON, bounded in depth, members and length. Redacting twice changes nothing.
 */
export function redact(value: unknown): unknown {
  return copy(value, 0, { nodes: 0 });
}

/** Masks what looks like personal data or a secret inside a text, bounded in length. */
export function redactText(text: string): string {
  const looked = text.slice(0, 2 * TEXT_CHARACTERS_MAX);
  const masked = shapesIn(looked).reduce((rest, shape) => rest.replace(shape, REDACTED), looked);
  const whole = masked.length <= TEXT_CHARACTERS_MAX && looked.length === text.length;
  return storable(whole ? masked : `${masked.slice(0, TEXT_CHARACTERS_MAX - 1)}…`);
}

/** Without what Postgres refuses in text and jsonb: NUL characters and halves of surrogate pairs. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '�');
}

interface Budget {
  nodes: number;
}

function copy(value: unknown, depth: number, budget: Budget): unknown {
  budget.nodes += 1;
  if (budget.nodes > NODES_MAX) return '[cut]';
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'number':
      return Number.isFinite(value) ? maskDigits(value) : String(value);
    case 'bigint':
      return redactText(String(value));
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      return value === null ? null : copyObject(value, depth, budget);
    default:
      return `[${typeof value}]`;
  }
}

function maskDigits(value: number): number | string {
  const text = String(value);
  return redactText(text) === text ? value : REDACTED;
}

function copyObject(value: object, depth: number, budget: Budget): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (depth >= DEPTH_MAX) return '[cut]';
  if (Array.isArray(value)) return copyList(value, depth, budget);
  if (value instanceof Set) return copyList([...value], depth, budget);
  if (value instanceof Map) return copyMembers([...value], depth, budget);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof Error) return { error: value.name, message: redactText(value.message) };
  const own = value as { toJSON?: () => unknown };
  if (typeof own.toJSON === 'function') return copy(own.toJSON(), depth + 1, budget);
  return copyMembers(Object.entries(value), depth, budget);
}

function copyList(items: unknown[], depth: number, budget: Budget): unknown[] {
  const kept = items.slice(0, MEMBERS_MAX).map((item) => copy(item, depth + 1, budget));
  if (items.length > MEMBERS_MAX) kept.push(`[${items.length - MEMBERS_MAX} more]`);
  return kept;
}

function copyMembers(members: [unknown, unknown][], depth: number, budget: Budget): unknown {
  const kept = members.slice(0, MEMBERS_MAX).map(([given, member]): [string, unknown] => {
    const key = String(given);
    const masked = isSensitive(key) && member !== null && member !== undefined;
    return [redactText(key), masked ? REDACTED : copy(member, depth + 1, budget)];
  });
  if (members.length > MEMBERS_MAX) kept.push(['…', `[${members.length - MEMBERS_MAX} more]`]);
  return Object.fromEntries(kept);
}

const verdicts = new Map<string, boolean>();
const VERDICTS_MAX = 2_000;

function isSensitive(key: string): boolean {
  const known = verdicts.get(key);
  if (known !== undefined) return known;
  const words = key
    .slice(0, TEXT_CHARACTERS_MAX)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  const sensitive = words.some(
    (word, index) => SENSITIVE_WORDS.has(word) || SENSITIVE_PAIRS.has(`${word} ${words[index + 1]}`),
  );
  if (verdicts.size >= VERDICTS_MAX) verdicts.clear();
  verdicts.set(key, sensitive);
  return sensitive;
}
