import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, UnstorableValue } from '../../src/db/canonical-json.ts';

const LONE_SURROGATE = '\ud800';

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([name, member]) => [name, shuffled(member)]));
}

test('a text is written as JSON writes it', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(texts, (text) => {
      expect(canonicalJson(text)).toBe(JSON.stringify(text));
    }),
  );
});

test('two spellings of one payload are one text, which means the same', () => {
  const payloads = fc.jsonValue({ maxDepth: 5 }).filter((value) => !JSON.stringify(value).includes('\\u'));
  fc.assert(
    fc.property(payloads, (payload) => {
      const text = canonicalJson(payload);
      expect(canonicalJson(shuffled(payload))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(payload)));
    }),
  );
});

test('what is undefined is left out', () => {
  expect(canonicalJson({ b: undefined, a: { c: undefined } })).toBe('{"a":{}}');
});

test.each<[string, unknown, string]>([
  ['a NUL character', { loans: [{}, { note: 'a\0b' }] }, '/loans/1/note'],
  ['half a surrogate pair', { name: LONE_SURROGATE }, '/name'],
  ['a name that cannot be stored', { at: { 'a\0': 1 } }, '/at/a\0'],
  ['no number', [0, Number.NaN], '/1'],
  ['what JSON does not know', { amount: 10n }, '/amount'],
])('%s is refused with its place', (_story, payload, pointer) => {
  expect(() => canonicalJson(payload)).toThrow(UnstorableValue);
  expect(() => canonicalJson(payload)).toThrow(expect.objectContaining({ pointer }));
});

test('what is nested too deep is refused', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  expect(canonicalJson(nested(32))).toContain('1');
  expect(() => canonicalJson(nested(33))).toThrow(/deeper than 32/);
});
