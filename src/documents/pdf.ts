import PDFDocument from 'pdfkit';
import { runsOf } from './fonts.ts';
import type { Block, Chart, Column, Facts, Note, Paper, Row, Shape, Table } from './paper.ts';
import { LEADING, type Line, type Style, Typesetter } from './pdf-text.ts';

const MM = 72 / 25.4;
const PAGE = { width: 595.28, height: 841.89 };
const MARGIN = { x: 15 * MM, top: 14 * MM, bottom: 18 * MM };
const WIDTH = PAGE.width - 2 * MARGIN.x;
const BOTTOM = PAGE.height - MARGIN.bottom;
const PAGES_MAX = 400;

const INK = '#1b2430';
const SOFT = '#5a6675';
const LINE = '#cfd6de';
const BAND = '#f3f5f8';
const ACCENT = '#1f4e79';

const TITLE: Style = { weight: 'bold', size: 18, color: INK };
const FROM: Style = { weight: 'bold', size: 9.5, color: ACCENT };
const SUBTITLE: Style = { weight: 'regular', size: 9, color: SOFT };
const HEADING: Style = { weight: 'bold', size: 11, color: ACCENT };
const BODY: Style = { weight: 'regular', size: 8.5, color: INK };
const NAME: Style = { ...BODY, color: SOFT };
const STRONG: Style = { ...BODY, weight: 'bold' };
const NOTE: Style = { weight: 'regular', size: 8, color: SOFT };
const FOOT: Style = { weight: 'regular', size: 7, color: SOFT };
const CELL = { x: 4, y: 2.4 };

/**
 * The paper as a PDF on A4: text that can be selected and searched, the chart as vectors. The same paper is
 * the same bytes, its date that of the paper.
 * @throws Error for a paper of more than 400 pages
 */
export async function pdfOf(paper: Paper): Promise<Buffer> {
  const { title, from, made_at, language } = paper;
  const document = new PDFDocument({
    ...{ size: 'A4', margin: 0, bufferPages: true, lang: language, displayTitle: true },
    info: {
      Title: title,
      Author: from,
      Creator: 'Kist',
      Producer: 'Kist',
      CreationDate: made_at,
      ModDate: made_at,
    },
  });
  const chunks: Buffer[] = [];
  const written = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', resolve);
    document.on('error', reject);
  });
  new Press(document).print(paper);
  document.end();
  await written;
  return Buffer.concat(chunks);
}

/** A row of a table whose texts are in lines already. */
interface SetRow {
  set: { x: number; width: number; align: 'right' | undefined; lines: Line[] }[];
  style: Style;
  height: number;
}

/** Sets one paper, from the top of its first page down. */
class Press {
  readonly #document: PDFKit.PDFDocument;
  readonly #type: Typesetter;
  #y: number = MARGIN.top;

  constructor(document: PDFKit.PDFDocument) {
    this.#document = document;
    this.#type = new Typesetter(document);
  }

  print(paper: Paper): void {
    this.#head(paper);
    for (const block of paper.blocks) this.#block(block);
    this.#feet(paper);
  }

  #head({ from, title, subtitle }: Paper): void {
    for (const [text, style] of [
      [from, FROM],
      [title, TITLE],
      [subtitle, SUBTITLE],
    ] as const)
      this.#paragraph(text, style);
    this.#y += 5;
    this.#rule(this.#y, ACCENT, 1.5);
    this.#y += 9;
  }

  #block(block: Block): void {
    switch (block.is) {
      case 'heading':
        // Not alone at the foot of a page.
        this.#need(80);
        this.#y += 9;
        this.#paragraph(block.text, HEADING);
        this.#y += 3;
        return;
      case 'facts':
        this.#facts(block);
        return;
      case 'table':
        this.#table(block);
        return;
      case 'note':
        this.#note(block);
        return;
      case 'chart':
        this.#chart(block.chart);
    }
  }

  #note({ text }: Note): void {
    this.#paragraph(text, NOTE);
    this.#y += 2;
  }

  #paragraph(text: string, style: Style): void {
    const lines = this.#type.lines(text, WIDTH, style);
    this.#need(heightOf(lines, style));
    this.#type.draw(lines, { x: MARGIN.x, y: this.#y, width: WIDTH }, style);
    this.#y += heightOf(lines, style);
  }

  #facts({ columns, pairs }: Facts): void {
    const width = WIDTH / columns;
    const share = columns === 2 ? 0.3 : 0.34;
    for (let first = 0; first < pairs.length; first += columns) {
      const cells = pairs.slice(first, first + columns).flatMap(([name, value], index) => [
        { x: MARGIN.x + index * width, width: width * share - 6, text: name, style: NAME },
        {
          x: MARGIN.x + (index + share) * width,
          width: width * (1 - share) - 8,
          text: value,
          style: columns === 1 ? STRONG : BODY,
        },
      ]);
      const set = cells.map((cell) => ({
        ...cell,
        lines: this.#type.lines(cell.text, cell.width, cell.style),
      }));
      const height = Math.max(...set.map(({ lines, style }) => heightOf(lines, style))) + 1.5;
      this.#need(height);
      for (const { x, width: room, lines, style } of set)
        this.#type.draw(lines, { x, y: this.#y, width: room }, style);
      this.#y += height;
    }
    this.#y += 3;
  }

  #table({ caption, columns, rows }: Table): void {
    const widths = widthsOf(columns);
    this.#need(60);
    this.#paragraph(caption, NOTE);
    this.#y += 2;
    this.#tableHead(columns, widths);
    for (const row of rows) {
      const set = this.#setRow(row, columns, widths);
      if (this.#y + set.height > BOTTOM) {
        this.#newPage();
        this.#tableHead(columns, widths);
      }
      this.#drawRow(set, row.strong === true);
    }
    this.#y += 6;
  }

  #tableHead(columns: readonly Column[], widths: readonly number[]): void {
    const set = this.#setRow({ cells: columns.map(({ title }) => title), strong: true }, columns, widths);
    this.#drawRow(set, true);
    this.#rule(this.#y, ACCENT, 1);
  }

  #setRow({ cells, strong }: Row, columns: readonly Column[], widths: readonly number[]): SetRow {
    const style = strong ? STRONG : BODY;
    let x = MARGIN.x;
    const set = cells.map((text, index) => {
      const width = widths[index]! - 2 * CELL.x;
      const cell = {
        x: x + CELL.x,
        width,
        align: columns[index]!.align,
        lines: this.#type.lines(text, width, style),
      };
      x += widths[index]!;
      return cell;
    });
    return { set, style, height: Math.max(...set.map(({ lines }) => heightOf(lines, style))) + 2 * CELL.y };
  }

  #drawRow({ set, style, height }: SetRow, strong: boolean): void {
    if (strong) this.#document.rect(MARGIN.x, this.#y, WIDTH, height).fill(BAND);
    for (const { x, width, align, lines } of set) {
      this.#type.draw(lines, { x, y: this.#y + CELL.y, width }, { ...style, align });
    }
    this.#y += height;
    this.#rule(this.#y, LINE, 0.5);
  }

  #chart(chart: Chart): void {
    const scale = WIDTH / chart.width;
    this.#need(chart.height * scale + 8);
    this.#document.save().translate(MARGIN.x, this.#y).scale(scale);
    for (const shape of chart.shapes) this.#shape(shape);
    this.#document.restore();
    this.#y += chart.height * scale + 8;
  }

  #shape(shape: Shape): void {
    if (shape.is === 'rect') {
      const path = this.#document.rect(shape.x, shape.y, shape.width, shape.height);
      if (shape.stroke) path.lineWidth(0.5).fillAndStroke(shape.fill, shape.stroke);
      else path.fill(shape.fill);
    } else if (shape.is === 'line') {
      const [[x, y], ...rest] = shape.points as [[number, number], ...[number, number][]];
      this.#document.save().lineWidth(shape.width);
      if (shape.dash) this.#document.dash(shape.dash[0]!, { space: shape.dash[1]! });
      this.#document.moveTo(x, y);
      for (const [toX, toY] of rest) this.#document.lineTo(toX, toY);
      this.#document.stroke(shape.color).restore();
    } else this.#label(shape);
  }

  #label({ x, y, text, size, anchor, color, turned }: Shape & { is: 'text' }): void {
    const style: Style = { weight: 'regular', size, color };
    const width = this.#type.width(text, style);
    const start = { start: 0, middle: width / 2, end: width }[anchor];
    this.#document.save();
    if (turned) this.#document.rotate(-90, { origin: [x, y] });
    this.#type.baseline(runsOf(text, 'regular'), x - start, y, style);
    this.#document.restore();
  }

  /** What stands at the foot of every page: only now is their number known. */
  #feet({ footer }: Paper): void {
    const { count } = this.#document.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.#document.switchToPage(page);
      const number = `${page + 1} / ${count}`;
      const place = { x: MARGIN.x, y: PAGE.height - 11 * MM, width: WIDTH };
      this.#type.draw(this.#type.lines(footer, WIDTH * 0.85, FOOT), place, FOOT);
      this.#type.draw(this.#type.lines(number, WIDTH, FOOT), place, { ...FOOT, align: 'right' });
    }
  }

  #need(height: number): void {
    if (this.#y + height > BOTTOM) this.#newPage();
  }

  #newPage(): void {
    if (this.#document.bufferedPageRange().count >= PAGES_MAX)
      throw new Error(`A paper has at most ${PAGES_MAX} pages.`);
    this.#document.addPage();
    this.#y = MARGIN.top;
  }

  #rule(y: number, color: string, width: number): void {
    this.#document
      .moveTo(MARGIN.x, y)
      .lineTo(MARGIN.x + WIDTH, y)
      .lineWidth(width)
      .stroke(color);
  }
}

function heightOf(lines: readonly Line[], { size }: Style): number {
  return lines.length * size * LEADING;
}

function widthsOf(columns: readonly Column[]): number[] {
  const all = columns.reduce((sum, { width }) => sum + width, 0);
  return columns.map(({ width }) => (width / all) * WIDTH);
}
