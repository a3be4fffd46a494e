import { expect, test } from 'vitest';
import { segmentsOf } from '../../../src/sandbox/notices/segments.ts';

test.each([
  ['a'.repeat(160), 'GSM-7', 1],
  ['a'.repeat(161), 'GSM-7', 2],
  ['a'.repeat(306), 'GSM-7', 2],
  ['a'.repeat(307), 'GSM-7', 3],
  ['€'.repeat(80), 'GSM-7', 1],
  ['€'.repeat(81), 'GSM-7', 2],
  ['₹'.repeat(70), 'UCS-2', 1],
  ['₹'.repeat(71), 'UCS-2', 2],
  ['😀'.repeat(35), 'UCS-2', 1],
  ['😀'.repeat(36), 'UCS-2', 2],
])('%s', (text, encoding, segments) => {
  expect(segmentsOf(text)).toMatchObject({ encoding, segments });
});
