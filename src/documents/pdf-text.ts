import { type Run, runsOf, type Weight } from './fonts.ts';

/** How text is set. */
export interface Style {
  weight: Weight;
  size: number;
  color: string;
}

/** A line that fits: its runs, and how wide it is. */
export interface Line {
  runs: Run[];
  width: number;
}

/** Space from one baseline to the next, and from the top of a line to its baseline, in sizes. */
export const LEADING = 1.36;
const ASCENT = 1.02;
const WIDTHS_REMEMBERED_MAX = 20_000;

/** Measures and draws text in whatever fonts it needs. */
export class Typesetter {
  readonly #document: PDFKit.PDFDocument;
  readonly #registered = new Set<string>();
  readonly #widths = new Map<string, number>();

  constructor(document: PDFKit.PDFDocument) {
    this.#document = document;
  }

  /** The text in lines that are no wider than `width`; a word that is wider is cut. */
  lines(text: string, width: number, style: Style): Line[] {
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (this.width(longer, style) <= width) {
        line = longer;
        continue;
      }
      if (line !== '') lines.push(line);
      const pieces = this.#pieces(word, width, style);
      lines.push(...pieces.slice(0, -1));
      line = pieces.at(-1)!;
    }
    lines.push(line);
    return lines.map((each) => ({ runs: runsOf(each, style.weight), width: this.width(each, style) }));
  }

  width(text: string, style: Style): number {
    const key = `${style.weight}${style.size}/${text}`;
    const known = this.#widths.get(key);
    if (known !== undefined) return known;
    let width = 0;
    for (const run of runsOf(text, style.weight)) {
      this.#use(run, style);
      width += this.#document.widthOfString(run.text);
    }
    if (this.#widths.size < WIDTHS_REMEMBERED_MAX) this.#widths.set(key, width);
    return width;
  }

  /** Draws lines below each other from the upper edge `y`. */
  draw(
    lines: readonly Line[],
    box: { x: number; y: number; width: number },
    style: Style & { align?: 'right' | undefined },
  ): void {
    for (const [index, { runs, width }] of lines.entries()) {
      const x = style.align === 'right' ? box.x + box.width - width : box.x;
      this.baseline(runs, x, box.y + style.size * (ASCENT + index * LEADING), style);
    }
  }

  /** Draws runs one after the other on a baseline. */
  baseline(runs: readonly Run[], x: number, y: number, style: Style): void {
    let at = x;
    this.#document.fillColor(style.color);
    for (const run of runs) {
      this.#use(run, style);
      // Glyphs of such scripts stand in another order than their letters: what is copied are the letters.
      const reordered = run.font.reorders;
      if (reordered) this.#document.markContent('Span', { actual: run.text });
      this.#document.text(run.text, at, y, { lineBreak: false, baseline: 'alphabetic' });
      if (reordered) this.#document.endMarkedContent();
      at += this.#document.widthOfString(run.text);
    }
  }

  #pieces(word: string, width: number, style: Style): string[] {
    const pieces = [''];
    for (const { segment } of graphemes.segment(word)) {
      const longer = pieces.at(-1)! + segment;
      if (this.width(longer, style) <= width || pieces.at(-1) === '') pieces[pieces.length - 1] = longer;
      else pieces.push(segment);
    }
    return pieces;
  }

  #use({ font }: Run, { size }: Style): void {
    if (!this.#registered.has(font.name)) {
      this.#document.registerFont(font.name, font.bytes);
      this.#registered.add(font.name);
    }
    this.#document.font(font.name).fontSize(size);
  }
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
