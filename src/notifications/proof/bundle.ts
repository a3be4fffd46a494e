import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../db/canonical-json.ts';

export const PROOF_FORMAT = 'kist-notification-proof/1';

/** What a bundle says one after the other: of each channel how it was accepted, its message, tries and receipts. */
export const PARTS = ['accepted', 'message', 'attempt', 'receipt'] as const;
const PARTS_MAX = 2_000;

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const headSchema = z.strictObject({
  format: z.literal(PROOF_FORMAT),
  tenant: z.string(),
  notification: z.uuid(),
  made_at: z.iso.datetime(),
  /** The audit row that tells who had it made, and its last hash. */
  audit: z.uuid(),
});
export type ProofHead = z.output<typeof headSchema>;

const bodySchema = z.record(z.string(), z.unknown());
const partSchema = z.strictObject({ part: z.enum(PARTS), body: bodySchema, sha256: hash });
export interface ProofPart {
  part: (typeof PARTS)[number];
  body: z.output<typeof bodySchema>;
}

/**
 * What can be shown of a notice to whoever doubts it. Each part's hash is made of the hash before it and of the part,
 * the first one's of the head: who changes a part must change all that follow, and `sha256`, which is the last.
 */
export const proofSchema = z.strictObject({
  ...headSchema.shape,
  parts: z.array(partSchema).min(1).max(PARTS_MAX),
  sha256: hash,
});
export type Proof = z.output<typeof proofSchema>;

/** Chains the parts. */
export function proofOf(head: ProofHead, parts: readonly ProofPart[]): Proof {
  let previous = digestOf(head);
  const chained = parts.map((part) => {
    previous = chainedTo(previous, part);
    return { ...part, sha256: previous };
  });
  return { ...head, parts: chained, sha256: previous };
}

export interface ProofCheck {
  ok: boolean;
  /** What does not fit, for people; null where all does. */
  finding: string | null;
  notification: string;
  sha256: string;
  parts: number;
  /** The tries by which the file at hand went out, or may have. */
  tries?: readonly TryWithFile[];
}

/** The part of a try as far as it is about files; bundles made before these were written down have none. */
const tryWithFiles = z.object({
  number: z.int(),
  provider: z.string(),
  outcome: z.string().nullable(),
  files: z.array(z.object({ sha256: hash })).nullish(),
});
const MAY_HAVE_SENT: readonly (string | null)[] = ['sent', 'unknown', null];
export type TryWithFile = Omit<z.output<typeof tryWithFiles>, 'files'>;

/**
 * Recomputes a bundle from what it says. That nobody made it anew as a whole, only a hash shows that was kept
 * elsewhere.
 * @param expected the last hash, as somebody else kept it
 * @param file what is said to have come with the message
 */
export function checkProof(proof: Proof, expected?: string, file?: Buffer): ProofCheck {
  const { parts, sha256, notification, ...head } = proof;
  const check = { notification, sha256, parts: parts.length };
  const finding = findingIn({ ...head, notification }, parts, sha256, expected);
  if (finding !== null || !file) return { ok: finding === null, finding, ...check };
  const tries = triesWith(proof, createHash('sha256').update(file).digest('hex'));
  if (tries.length > 0) return { ok: true, finding: null, ...check, tries };
  return { ok: false, finding: 'The file is none of those that were sent.', ...check, tries };
}

function triesWith({ parts }: Proof, sha256: string): TryWithFile[] {
  return parts
    .filter(({ part }) => part === 'attempt')
    .map(({ body }) => tryWithFiles.parse(body))
    .filter(({ outcome }) => MAY_HAVE_SENT.includes(outcome))
    .filter(({ files }) => files?.some((each) => each.sha256 === sha256))
    .map(({ files: _, ...each }) => each);
}

function findingIn(
  head: ProofHead,
  parts: Proof['parts'],
  sha256: string,
  expected: string | undefined,
): string | null {
  let previous = digestOf(head);
  for (const [place, { part, body, sha256: said }] of parts.entries()) {
    previous = chainedTo(previous, { part, body });
    const name = `Part ${place + 1} (${part})`;
    if (previous !== said) return `${name}, or what stands before it, is not what was written.`;
    if (part === 'message' && digestOf(body.content) !== body.content_sha256) {
      return `${name}: the content is not the one whose hash was kept when it was sent.`;
    }
  }
  if (previous !== sha256) return 'Something was added at the end, or taken away.';
  if (expected !== undefined && expected !== sha256)
    return 'It is another bundle than the one that was kept.';
  return null;
}

function chainedTo(previous: string, { part, body }: ProofPart): string {
  return digestOf({ previous, part, body });
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
