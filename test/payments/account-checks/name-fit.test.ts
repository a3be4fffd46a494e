import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type NameFit, nameFit } from '../../../src/payments/account-checks/name-fit.ts';

const table: [string, string, NameFit][] = [
  ['Asha Rao', 'ASHA RAO', 'same'],
  ['Asha Rao', 'RAO ASHA', 'same'],
  ['Mr. Ravi Kumar', 'RAVI KUMAR', 'same'],
  ['Ravi Kumar', 'RAVIKUMAR', 'same'],
  ['Smt. Renée d’Souza', 'RENEE D SOUZA', 'same'],
  ['आशा राव', 'राव आशा', 'same'],
  ['Asha Rao', 'ASHA R', 'similar'],
  ['Asha Rao', 'ASHA KUMARI RAO', 'similar'],
  ['Asha', 'ASHA RAO', 'similar'],
  ['Venkataramana Subramanian', 'VENKATARAMANA SUBRAMAN', 'similar'],
  ['Asha Rao', 'SOMEBODY ELSE', 'different'],
  ['Asha Rao', 'A R', 'different'],
  ['Asha Rao', 'ASHA SHARMA', 'different'],
  ['Asha Rao', 'ASHOK RAJ', 'different'],
  ['Mr A', 'MS A', 'same'],
  ['A B', 'A C', 'different'],
  ['Asha Rao', 'RAO RAO', 'different'],
  ['आशा राव', 'आशु राव', 'different'],
  ['Asha Rao', '-', 'different'],
];
it.each(table)('“%s” and “%s” are %s', (one, other, fit) => {
  expect(nameFit(one, other)).toBe(fit);
});

/** Longer than any title. */
const word = fc.stringMatching(/^[A-Z]{7,9}$/);
const name = fc.array(word, { minLength: 1, maxLength: 4 });

it('neither order nor case nor which name comes first matters', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      const fit = nameFit(one.join(' '), other.join(' '));
      expect(nameFit(other.join(' '), one.join(' '))).toBe(fit);
      expect(nameFit(one.toSorted().join(' '), other.toSorted().join(', '))).toBe(fit);
      expect(nameFit(one.join(' ').toLowerCase(), other.join('. '))).toBe(fit);
    }),
  );
});

it('a name is the same as itself, and similar once a word is left out', () => {
  fc.assert(
    fc.property(name, word, (words, more) => {
      expect(nameFit(words.join(' '), words.join(' '))).toBe('same');
      expect(nameFit(words.join(' '), [...words, more].join(' '))).toBe('similar');
    }),
  );
});
