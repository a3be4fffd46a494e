/** Charts as inline SVG: no script, no font and no picture from anywhere else. */

const WIDTH = 960;
const LEFT = 64;
const RIGHT = 8;
const TICKS = 4;
const LABELS_MAX = 8;

export interface Series {
  name: string;
  /** One of the page's colours, 1 … 6. */
  colour: number;
  values: readonly number[];
}

interface Frame {
  labels: readonly string[];
  height?: number;
  /** How a value is written at the axis. */
  text?: (value: number) => string;
}

/** Escapes text for HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);
}

/** Bars side by side, one a label; `marks` are written above theirs. */
export function bars(
  frame: Frame,
  series: Series,
  marks: ReadonlyMap<number, readonly string[]> = new Map(),
): string {
  const { labels } = frame;
  const scale = scaleOf(frame, series.values);
  const step = (WIDTH - LEFT - RIGHT) / Math.max(labels.length, 1);
  const rows = series.values.map((value, index) => {
    const x = LEFT + index * step;
    const y = scale.y(value);
    const said = marks.get(index) ?? [];
    const title = [`${labels[index]}: ${scale.text(value)}`, ...said].join(', ');
    const mark =
      said.length > 0 ? `<circle class="mark" cx="${fixed(x + step / 2)}" cy="${fixed(y - 7)}" r="4"/>` : '';
    return (
      `<g><title>${escaped(title)}</title>` +
      `<rect class="hover" x="${fixed(x)}" y="0" width="${fixed(step)}" height="${scale.bottom}"/>` +
      `<rect class="c${series.colour}${said.length > 0 ? ' marked' : ''}" x="${fixed(x + step * 0.12)}" y="${fixed(y)}"` +
      ` width="${fixed(Math.max(step * 0.76, 0.5))}" height="${fixed(scale.bottom - y)}"/>${mark}</g>`
    );
  });
  return picture(scale, labels, step, rows.join(''));
}

/** Lines over the same labels. */
export function lines(frame: Frame, series: readonly Series[]): string {
  const { labels } = frame;
  const scale = scaleOf(
    frame,
    series.flatMap(({ values }) => values),
  );
  const step = (WIDTH - LEFT - RIGHT) / Math.max(labels.length, 1);
  const drawn = series.map(({ name, colour, values }) => {
    const points = values.map(
      (value, index) => `${fixed(LEFT + (index + 0.5) * step)},${fixed(scale.y(value))}`,
    );
    return `<polyline class="line s${colour}" points="${points.join(' ')}"><title>${escaped(name)}</title></polyline>`;
  });
  return picture(scale, labels, step, drawn.join('')) + legend(series);
}

/** Areas on top of each other. */
export function stacked(frame: Frame, series: readonly Series[]): string {
  const { labels } = frame;
  const totals = labels.map((_, index) => series.reduce((sum, { values }) => sum + values[index]!, 0));
  const scale = scaleOf(frame, totals);
  const step = (WIDTH - LEFT - RIGHT) / Math.max(labels.length, 1);
  const drawn = labels.map((label, index) => {
    let below = 0;
    const parts = series.map(({ name, colour, values }) => {
      const value = values[index]!;
      const [top, bottom] = [scale.y(below + value), scale.y(below)];
      below += value;
      if (value === 0) return '';
      const title = `${label}: ${value} ${name}`;
      return `<rect class="c${colour}" x="${fixed(LEFT + index * step)}" y="${fixed(top)}" width="${fixed(step + 0.4)}" height="${fixed(bottom - top)}"><title>${escaped(title)}</title></rect>`;
    });
    return parts.join('');
  });
  return picture(scale, labels, step, drawn.join('')) + legend(series);
}

/** One line a name, its bar to the right of it, in parts. */
export function ranked(
  rows: readonly { name: string; note: string; parts: readonly { colour: number; value: number }[] }[],
): string {
  const total = ({ parts }: (typeof rows)[number]) => parts.reduce((sum, { value }) => sum + value, 0);
  const most = Math.max(1, ...rows.map(total));
  const drawn = rows.map((row) => {
    const parts = row.parts
      .filter(({ value }) => value > 0)
      .map(
        ({ colour, value }) =>
          `<span class="b${colour}" style="width:${fixed((value / most) * 100)}%"></span>`,
      );
    return `<div class="name">${escaped(row.name)}</div><div class="bar">${parts.join('')}</div><div class="note">${escaped(row.note)}</div>`;
  });
  return `<div class="ranked">${drawn.join('')}</div>`;
}

function legend(series: readonly Pick<Series, 'name' | 'colour'>[]): string {
  const names = series.map(({ name, colour }) => `<span><i class="b${colour}"></i>${escaped(name)}</span>`);
  return `<p class="legend">${names.join('')}</p>`;
}

interface Scale {
  y: (value: number) => number;
  text: (value: number) => string;
  bottom: number;
  ticks: readonly number[];
}

function scaleOf({ height = 200, text = String }: Frame, values: readonly number[]): Scale {
  const top = 16;
  const most = values.reduce((max, value) => Math.max(max, value), 0);
  const unit = niceUnit(most / TICKS);
  const highest = Math.max(unit * Math.ceil(most / unit), unit);
  const ticks = Array.from({ length: Math.round(highest / unit) + 1 }, (_, index) => index * unit);
  return { text, bottom: height, ticks, y: (value) => height - (value / highest) * (height - top) };
}

function niceUnit(least: number): number {
  if (least <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((unit) => unit >= least)!;
}

function picture(
  { ticks, y, text, bottom }: Scale,
  labels: readonly string[],
  step: number,
  content: string,
): string {
  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(y(tick))}" y2="${fixed(y(tick))}"/>` +
      `<text class="axis" x="${LEFT - 8}" y="${fixed(y(tick) + 4)}" text-anchor="end">${escaped(text(tick))}</text>`,
  );
  const every = Math.ceil(labels.length / LABELS_MAX);
  const below = labels
    .map((label, index) => ({ label, x: LEFT + (index + 0.5) * step, index }))
    // The last one would stand over the edge.
    .filter(({ index, x }) => index % every === 0 && x < WIDTH - RIGHT - 36)
    .map(
      ({ label, x }) =>
        `<text class="axis" x="${fixed(x)}" y="${bottom + 18}" text-anchor="middle">${escaped(label)}</text>`,
    );
  return `<svg viewBox="0 0 ${WIDTH} ${bottom + 26}" role="img">${grid.join('')}${content}${below.join('')}</svg>`;
}

function fixed(value: number): string {
  return value.toFixed(2).replace(/\.?0+$/, '');
}
