import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../src/db/canonical-json.ts';
import { checkProof, PROOF_FORMAT, type Proof, proofOf } from '../../../src/notifications/proof/bundle.ts';

const HEAD = {
  format: PROOF_FORMAT,
  tenant: 'acme',
  notification: '01997f3c-0000-7000-8000-000000000001',
  made_at: '2026-11-21T06:30:00.000Z',
  audit: '01997f3c-0000-7000-8000-000000000002',
} as const;
const content = { text: 'Your EMI of ₹ 4,500.00 is due on Friday.' };
const sha256Of = (value: unknown) => createHash('sha256').update(canonicalJson(value)).digest('hex');
const whole = proofOf(HEAD, [
  { part: 'accepted', body: { channel: 'sms', accepted_by: 'service:loans' } },
  {
    part: 'message',
    body: { content, content_sha256: sha256Of(content), template: 'due', template_version: 3 },
  },
  { part: 'attempt', body: { number: 1, provider: 'two-factor', outcome: 'sent' } },
  { part: 'receipt', body: { event: 'DELIVERED', body: 'SessionId=1&SmsTo=919812345678' } },
]);
const copy = (): Proof => JSON.parse(JSON.stringify(whole));

/** Every place of a value that holds a text or number, as a way to it. */
function places(value: unknown, way: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [way];
  return Object.entries(value).flatMap(([name, each]) => places(each, [...way, name]));
}

test('a bundle fits itself, also after it was written down and read', () => {
  expect(checkProof(copy(), whole.sha256)).toEqual({
    ...{ ok: true, finding: null, parts: 4, sha256: whole.sha256, notification: HEAD.notification },
  });
});

test('a bundle from before files were written down is still what it was', () => {
  const kept = '4d2d96f692346204f71c1bf0c9933e4fc381e87c929867cfc6bcda2a90c6b618';
  expect(checkProof(copy(), kept)).toMatchObject({ ok: true });
  const file = Buffer.from('%PDF-1');
  expect(checkProof(copy(), kept, file).finding).toContain('none of those that were sent');
});

test('a file is known again by the tries that sent it, or may have', () => {
  const [lost, kept, other] = ['%PDF-1', '%PDF-2', '%PDF-3'].map((text) => Buffer.from(text));
  const files = (content: Buffer) => [
    {
      name: 'statement.pdf',
      type: 'application/pdf',
      size_bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    },
  ];
  const proof = proofOf(HEAD, [
    { part: 'attempt', body: { number: 1, provider: 'brevo', outcome: 'again', files: files(lost!) } },
    { part: 'attempt', body: { number: 2, provider: 'brevo', outcome: 'unknown', files: files(kept!) } },
    { part: 'attempt', body: { number: 3, provider: 'brevo', outcome: 'sent', files: files(kept!) } },
  ]);
  expect(checkProof(proof, undefined, kept)).toMatchObject({
    ok: true,
    tries: [
      { number: 2, provider: 'brevo', outcome: 'unknown' },
      { number: 3, provider: 'brevo', outcome: 'sent' },
    ],
  });
  for (const file of [lost, other]) {
    expect(checkProof(proof, undefined, file)).toMatchObject({ ok: false, tries: [] });
  }
});

test('whatever is changed, shows', () => {
  const changeable = places(whole).filter(([first]) => first !== 'format');
  fc.assert(
    fc.property(fc.constantFrom(...changeable), (way) => {
      const changed = copy();
      const last = way.at(-1)!;
      // biome-ignore lint/suspicious/noExplicitAny: whatever the way leads to
      const holder = way.slice(0, -1).reduce((at: any, name) => at[name], changed);
      holder[last] = typeof holder[last] === 'number' ? holder[last] + 1 : `${holder[last]}x`;
      expect(checkProof(changed).ok).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('parts cannot be taken away, added or put in another order', () => {
  const cut = copy();
  cut.parts.pop();
  const swapped = copy();
  swapped.parts.reverse();
  const doubled = copy();
  doubled.parts.push(doubled.parts.at(-1)!);
  for (const each of [cut, swapped, doubled]) expect(checkProof(each).ok).toBe(false);
  expect(checkProof(swapped).finding).toContain('Part 1 (receipt)');
});

test('a bundle made anew as a whole is found by the hash that was kept, and by the content’s own', () => {
  const parts = copy().parts.map(({ part, body }) => ({ part, body }));
  const text = 'Your EMI was waived.';
  const forged = proofOf(
    HEAD,
    parts.map((each) =>
      each.part === 'message' ? { ...each, body: { ...each.body, content: { text } } } : each,
    ),
  );
  expect(checkProof(forged).finding).toContain('the content is not the one');
  const other = proofOf(HEAD, parts.slice(0, 3));
  expect(checkProof(other).ok).toBe(true);
  expect(checkProof(other, whole.sha256).finding).toContain('another bundle');
});
