import { escapeHtml } from '../html/escape.ts';
import type { Chart, Shape } from './paper.ts';

/** The drawing as an inline SVG that says what it shows to those who do not see it; `id` is the page's own. */
export function svgOf({ width, height, title, description, shapes }: Chart, id: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" font-family="inherit">
<title id="${id}-title">${escapeHtml(title)}</title>
<desc id="${id}-desc">${escapeHtml(description)}</desc>
${shapes.map(shapeOf).join('\n')}
</svg>`;
}

function shapeOf(shape: Shape): string {
  switch (shape.is) {
    case 'rect': {
      const { x, y, width, height, fill, stroke } = shape;
      const edge = stroke ? ` stroke="${stroke}" stroke-width="0.5"` : '';
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"${edge}/>`;
    }
    case 'line': {
      const { points, color, width, dash } = shape;
      const dashes = dash ? ` stroke-dasharray="${dash.join(' ')}"` : '';
      return `<polyline points="${points.map(([x, y]) => `${x},${y}`).join(' ')}" fill="none" stroke="${color}" stroke-width="${width}"${dashes}/>`;
    }
    case 'text': {
      const { x, y, text, size, anchor, color, turned } = shape;
      const turn = turned ? ` transform="rotate(-90 ${x} ${y})"` : '';
      return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${color}"${turn}>${escapeHtml(text)}</text>`;
    }
  }
}
