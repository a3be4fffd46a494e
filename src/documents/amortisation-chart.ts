import { grouped } from './locale.ts';
import type { Chart, Shape } from './paper.ts';

/** One instalment: amounts as text, `outstanding` before it is paid. */
export interface ChartRow {
  number: number;
  principal: string;
  interest: string;
  outstanding: string;
}

// Told apart by their lightness as well, for papers without colour.
const PRINCIPAL = '#1f4e79';
const INTEREST = '#f2c48d';
const INTEREST_EDGE = '#a8651f';
const BALANCE = '#111111';
const HALO = '#ffffff';
const INK = '#3c4653';
const GRID = '#d9dee5';

const WIDTH = 515;
const HEIGHT = 220;
const PLOT = { left: 62, right: WIDTH - 62, top: 30, bottom: HEIGHT - 38 };
const TEXT = 8;
const TICKS = 4;
const LABELS_MAX = 12;
/** Of the room that an instalment has, the bar takes this part; of many, nearly all. */
const BAR_SHARE = 0.72;

/**
 * Principal and interest of each instalment as a bar, what is owed of the principal as a line. Positions are
 * drawn with doubles; nothing is counted with them.
 */
export function amortisationChart(rows: readonly ChartRow[], currency: string): Chart {
  const title = 'Instalments and balance';
  const bars = rows.map(({ principal, interest }) => ({
    principal: Number(principal),
    interest: Number(interest),
  }));
  const top = niceCeiling(Math.max(1, ...bars.map(({ principal, interest }) => principal + interest)));
  const balances = [...rows.map(({ outstanding }) => Number(outstanding)), 0];
  const balanceTop = niceCeiling(Math.max(1, ...balances));
  const shapes = [
    ...grid(top, balanceTop, currency),
    ...bars.flatMap((bar, index) => barOf(bar, index, { count: rows.length, top })),
    ...balanceLine(balances, balanceTop),
    ...instalmentLabels(rows),
    ...legend(),
  ];
  return { width: WIDTH, height: HEIGHT, title, description: describe(rows, currency), shapes };
}

function describe(rows: readonly ChartRow[], currency: string): string {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return 'No instalments.';
  const part = ({ number, principal, interest }: ChartRow) =>
    `instalment ${number} is ${grouped(principal, currency)} principal and ${grouped(interest, currency)} interest`;
  return (
    `Each of ${rows.length} instalments as a bar of principal and interest in ${currency}; the balance of the ` +
    `principal as a line that falls from ${grouped(first.outstanding, currency)} to nothing: ${part(first)}, ` +
    `${part(last)}.`
  );
}

/** The least of 1, 1.5, 2, 3, 4, 5, 6, 8 × 10ⁿ that is not below the value. */
function niceCeiling(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => each * magnitude >= value * 0.999_999)!;
  return step * magnitude;
}

function grid(top: number, balanceTop: number, currency: string): Shape[] {
  const lines = Array.from({ length: TICKS + 1 }, (_, index): Shape[] => {
    const y = yOf(index / TICKS);
    const label = (value: number) => grouped(String(Math.round((value * index) / TICKS)), currency);
    return [
      {
        is: 'line',
        points: [
          [PLOT.left, y],
          [PLOT.right, y],
        ],
        color: index === 0 ? INK : GRID,
        width: 0.6,
      },
      text(label(top), PLOT.left - 5, y + 3, 'end'),
      text(label(balanceTop), PLOT.right + 5, y + 3, 'start'),
    ];
  });
  return [
    ...lines.flat(),
    { ...text(`Instalment, ${currency}`, 9, (PLOT.top + PLOT.bottom) / 2, 'middle'), turned: true },
    { ...text(`Balance, ${currency}`, WIDTH - 3, (PLOT.top + PLOT.bottom) / 2, 'middle'), turned: true },
    text('Number of the instalment', (PLOT.left + PLOT.right) / 2, HEIGHT - 8, 'middle'),
  ];
}

function barOf(
  { principal, interest }: { principal: number; interest: number },
  index: number,
  { count, top }: { count: number; top: number },
): Shape[] {
  const room = (PLOT.right - PLOT.left) / count;
  const width = room * (count > 60 ? 1 : BAR_SHARE);
  const x = PLOT.left + room * index + (room - width) / 2;
  const base = yOf(0);
  const middle = yOf(principal / top);
  const end = yOf((principal + interest) / top);
  const edge = count > 60 ? {} : { stroke: INTEREST_EDGE };
  return [
    { is: 'rect', ...box(x, middle, width, base - middle), fill: PRINCIPAL },
    { is: 'rect', ...box(x, end, width, middle - end), fill: INTEREST, ...edge },
  ];
}

function balanceLine(balances: readonly number[], top: number): Shape[] {
  const room = (PLOT.right - PLOT.left) / Math.max(1, balances.length - 1);
  const points = balances.map((balance, index): [number, number] => [
    round(PLOT.left + room * index),
    yOf(balance / top),
  ]);
  return [
    // Seen on dark bars as well.
    { is: 'line', points, color: HALO, width: 3.4 },
    { is: 'line', points, color: BALANCE, width: 1.4, dash: [4, 2] },
  ];
}

function instalmentLabels(rows: readonly ChartRow[]): Shape[] {
  const room = (PLOT.right - PLOT.left) / Math.max(1, rows.length);
  const every = Math.ceil(rows.length / LABELS_MAX);
  return rows
    .filter(({ number }) => (number - 1) % every === 0)
    .map(({ number }) =>
      text(String(number), round(PLOT.left + room * (number - 0.5)), PLOT.bottom + 11, 'middle'),
    );
}

function legend(): Shape[] {
  return [
    { is: 'rect', ...box(PLOT.left, 8, 9, 9), fill: PRINCIPAL },
    text('Principal', PLOT.left + 13, 15.5, 'start'),
    { is: 'rect', ...box(PLOT.left + 62, 8, 9, 9), fill: INTEREST, stroke: INTEREST_EDGE },
    text('Interest', PLOT.left + 75, 15.5, 'start'),
    {
      is: 'line',
      points: [
        [PLOT.left + 120, 12.5],
        [PLOT.left + 138, 12.5],
      ],
      color: BALANCE,
      width: 1.4,
      dash: [4, 2],
    },
    text('Balance of the principal (right)', PLOT.left + 142, 15.5, 'start'),
  ];
}

function text(
  content: string,
  x: number,
  y: number,
  anchor: 'start' | 'middle' | 'end',
): Shape & { is: 'text' } {
  return { is: 'text', x: round(x), y: round(y), text: content, size: TEXT, anchor, color: INK };
}

function box(x: number, y: number, width: number, height: number) {
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

function yOf(share: number): number {
  return round(PLOT.bottom - share * (PLOT.bottom - PLOT.top));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
