export const NAME_FITS = ['same', 'similar', 'different'] as const;
/**
 * How well two names of a person fit, whatever their case, order, titles and punctuation:
 *
 *   same       the same words, together or apart: "Mr. Ravi Kumar" and "KUMAR RAVI", "RAVIKUMAR"
 *   similar    each word of the shorter name is one of the longer, or its initial, or its beginning (banks cut
 *              names), and at least one is whole: "Asha R" and "ASHA RAO", "Asha Rao" and "ASHA KUMARI RAO"
 *   different  all else
 */
export type NameFit = (typeof NAME_FITS)[number];

const TITLES = new Set(['MR', 'MRS', 'MS', 'MISS', 'MASTER', 'DR', 'SHRI', 'SHREE', 'SRI', 'SMT', 'KUM']);
/** A shorter beginning says too little, unless it is an initial. */
const BEGINNING_LENGTH_MIN = 3;

export function nameFit(one: string, other: string): NameFit {
  const names = [wordsOf(one), wordsOf(other)] as const;
  if (names.some((words) => words.length === 0)) return 'different';
  const [shorter, longer] = names[0].length <= names[1].length ? names : [names[1], names[0]];
  if (together(shorter) === together(longer) || shorter.join('') === longer.join('')) return 'same';
  return isWithin(shorter, longer) ? 'similar' : 'different';
}

/** Its words without titles, marks on Latin letters, and case. A name that is nothing but a title keeps it. */
function wordsOf(name: string): string[] {
  const words = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toUpperCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');
  const untitled = words.filter((word) => !TITLES.has(word));
  return untitled.length > 0 ? untitled : words;
}

function together(words: readonly string[]): string {
  return words.toSorted().join('');
}

function isWithin(shorter: readonly string[], longer: readonly string[]): boolean {
  const left = [...longer];
  const unequal = shorter.filter((word) => !take(left, (each) => each === word));
  const equal = shorter.length - unequal.length;
  const hasWhole = shorter.some((word) => word.length > 1 && longer.includes(word));
  return equal > 0 && hasWhole && unequal.every((word) => take(left, (each) => isCut(word, each)));
}

/** Takes the first that fits out of the words. @returns whether there was one */
function take(words: string[], fits: (word: string) => boolean): boolean {
  const at = words.findIndex(fits);
  if (at >= 0) words.splice(at, 1);
  return at >= 0;
}

/** Whether one is the initial or the beginning of the other. */
function isCut(one: string, other: string): boolean {
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one];
  return longer.startsWith(shorter) && (shorter.length === 1 || shorter.length >= BEGINNING_LENGTH_MIN);
}
