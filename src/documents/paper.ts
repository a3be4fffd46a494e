/**
 * What stands on a paper, whatever it is printed as. Texts are as people read them: amounts and dates are
 * written out already. `html.ts` and `pdf.ts` set the same paper.
 */
export interface Paper {
  /** BCP 47, for those who read it aloud. */
  language: string;
  title: string;
  /** Who made it. */
  from: string;
  /** Under the title, e.g. the borrower and the period. */
  subtitle: string;
  /** Beside the page numbers, e.g. the loan's number. */
  footer: string;
  made_at: Date;
  blocks: Block[];
}

export type Block = Heading | Facts | Table | Note | ChartBlock;

export interface Heading {
  is: 'heading';
  text: string;
}

/** Names and values, in so many columns. */
export interface Facts {
  is: 'facts';
  columns: 1 | 2;
  pairs: [name: string, value: string][];
}

export interface Table {
  is: 'table';
  caption: string;
  columns: Column[];
  rows: Row[];
}

export interface Column {
  title: string;
  /** Amounts and counts stand on the right. */
  align?: 'right';
  /** Share of the width. */
  width: number;
}

export interface Row {
  cells: string[];
  /** A sum, or where something begins and ends. */
  strong?: boolean;
}

export interface Note {
  is: 'note';
  text: string;
  /** Hashes and the like. */
  code?: boolean;
}

export interface ChartBlock {
  is: 'chart';
  chart: Chart;
}

/** A drawing, in points, from the upper left corner. */
export interface Chart {
  width: number;
  height: number;
  title: string;
  /** In words, for those who do not see it. */
  description: string;
  shapes: Shape[];
}

export type Shape =
  | { is: 'rect'; x: number; y: number; width: number; height: number; fill: string; stroke?: string }
  | { is: 'line'; points: [x: number, y: number][]; color: string; width: number; dash?: number[] }
  | {
      is: 'text';
      x: number;
      y: number;
      text: string;
      size: number;
      anchor: 'start' | 'middle' | 'end';
      color: string;
      turned?: boolean;
    };
