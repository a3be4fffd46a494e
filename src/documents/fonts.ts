import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as fontkit from 'fontkit';

/**
 * Noto Sans (SIL Open Font License) in the parts that the packages come in: by script, so that a paper holds
 * only what it uses. The fonts that every PDF reader brings along have no ₹, and nothing but Latin.
 */
const FILES = {
  latin: '@fontsource/noto-sans/files/noto-sans-latin-%-normal.woff',
  'latin-ext': '@fontsource/noto-sans/files/noto-sans-latin-ext-%-normal.woff',
  devanagari: '@fontsource/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-%-normal.woff',
} as const;
const REORDERING = /^devanagari/;
const WEIGHTS = { regular: 400, bold: 600 } as const;
export type Weight = keyof typeof WEIGHTS;

export interface Font {
  name: string;
  bytes: Buffer;
  /** Whether its glyphs stand in another order than the letters that they come from. */
  reorders: boolean;
  /** Whether it can draw the character. */
  has(codePoint: number): boolean;
}

const resolve = createRequire(import.meta.url).resolve;
const opened = new Map<Weight, readonly Font[]>();

/** The fonts of a weight, in the order in which they are asked for a character. Read once a process. */
export function fontsOf(weight: Weight): readonly Font[] {
  const known = opened.get(weight);
  if (known) return known;
  const fonts = Object.entries(FILES).map(([script, file]) =>
    open(`${script}-${weight}`, file, WEIGHTS[weight]),
  );
  opened.set(weight, fonts);
  return fonts;
}

function open(name: string, file: string, weight: number): Font {
  const bytes = readFileSync(resolve(file.replace('%', String(weight))));
  const font = fontkit.create(bytes) as fontkit.Font;
  return {
    name,
    bytes,
    reorders: REORDERING.test(name),
    has: (codePoint) => font.hasGlyphForCodePoint(codePoint),
  };
}

/** Text of one font. */
export interface Run {
  font: Font;
  text: string;
}

/** What stands for a character that none of the fonts can draw. */
const UNKNOWN = '?';

/** Cuts text where its font changes. Spaces and marks stay with what they follow where that font has them. */
export function runsOf(text: string, weight: Weight): Run[] {
  const fonts = fontsOf(weight);
  const runs: Run[] = [];
  for (const character of text.normalize('NFC')) {
    const codePoint = character.codePointAt(0)!;
    const last = runs.at(-1);
    // Joiners are drawn by nobody, and shape what they stand between.
    const isJoiner = codePoint === 0x200c || codePoint === 0x200d;
    if (last && (isJoiner || last.font.has(codePoint))) last.text += character;
    else if (!isJoiner) {
      const font = fonts.find((each) => each.has(codePoint));
      if (font) runs.push({ font, text: character });
      else if (last) last.text += UNKNOWN;
      else runs.push({ font: fonts[0]!, text: UNKNOWN });
    }
  }
  return runs;
}
