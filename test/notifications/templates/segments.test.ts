import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countSegments } from '../../../src/notifications/templates/segments.ts';

const counted = (text: string) => {
  const { encoding, segments, length } = countSegments(text);
  return [encoding, segments, length];
};

test.each([
  ['', ['GSM-7', 0, 0]],
  ['a'.repeat(160), ['GSM-7', 1, 160]],
  ['a'.repeat(161), ['GSM-7', 2, 161]],
  ['a'.repeat(306), ['GSM-7', 2, 306]],
  ['a'.repeat(307), ['GSM-7', 3, 307]],
  ['€'.repeat(80), ['GSM-7', 1, 160]],
  ['€'.repeat(81), ['GSM-7', 2, 162]],
  // 153 places hold 76 of them: the 77th does not fit in half.
  ['€'.repeat(153), ['GSM-7', 3, 306]],
  ['क'.repeat(70), ['UCS-2', 1, 70]],
  ['क'.repeat(71), ['UCS-2', 2, 71]],
  ['क'.repeat(134), ['UCS-2', 2, 134]],
  ['क'.repeat(135), ['UCS-2', 3, 135]],
  ['😀'.repeat(35), ['UCS-2', 1, 70]],
  // 67 places hold 33 of them.
  ['😀'.repeat(67), ['UCS-2', 3, 134]],
  ['Rs.1,250.00', ['GSM-7', 1, 11]],
  ['₹1,250.00', ['UCS-2', 1, 9]],
])('%# is charged as the networks count', (text, expected) => expect(counted(text)).toEqual(expected));

test('it is said which characters make a text twice as dear', () => {
  expect(countSegments('It’s due: ₹5, ₹6').outside).toEqual(['’', '₹']);
});

test('whatever the text: its segments hold it, and one fewer would not hold more than it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      const { segments, length, per_segment } = countSegments(text);
      expect(segments * per_segment).toBeGreaterThanOrEqual(length);
      // A character of two places may leave one place of each segment empty.
      expect((segments - 1) * (per_segment - 1)).toBeLessThan(Math.max(length, 1));
    }),
  );
});

test('a longer text never has fewer segments', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 50 }), (text, more) => {
      expect(countSegments(text + more).segments).toBeGreaterThanOrEqual(countSegments(text).segments);
    }),
  );
});
