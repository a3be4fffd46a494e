import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { amortisationChart } from '../../src/documents/amortisation-chart.ts';
import { htmlOf } from '../../src/documents/html.ts';
import { svgOf } from '../../src/documents/svg.ts';
import { someFacts, somePaper } from './a-paper.ts';

test('a page fetches nothing and runs nothing, and its policy lets only its own style in', () => {
  const { html, policy } = htmlOf(somePaper());
  expect(html).not.toMatch(/<script|javascript:|\son\w+=|\sstyle=|<link (?!rel="icon" href="data:,")/i);
  expect(html.replace('href="data:,"', '')).not.toMatch(/(src|href)=/);
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; /);
  expect(html).toContain('₹ 1,23,45,678.00');
  expect(html).toContain('20 Dec 2026');
});

test('whatever a borrower is called stays text, in the page, its title and its foot', () => {
  const nasty = '</style><script>alert(1)</script>"\'&\\';
  const paper = somePaper({ name: nasty });
  const { html } = htmlOf({ ...paper, title: nasty, from: nasty, footer: nasty });
  expect(html).not.toContain('<script');
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  const tags = (name: string) =>
    htmlOf({ ...paper, blocks: [], title: name, from: name, footer: name }).html.match(/<[^>]*>/g)!.length;
  const plain = tags('Ravi');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(tags(name)).toBe(plain);
    }),
  );
});

test('a chart says what it shows to those who do not see it, and stays within its frame', () => {
  const { schedule } = someFacts();
  const chart = amortisationChart(schedule, 'INR');
  const svg = svgOf(chart, 'one');
  expect(svg).toContain('role="img" aria-labelledby="one-title one-desc"');
  expect(svg).toContain('<title id="one-title">Instalments and balance</title>');
  expect(chart.description).toContain('Each of 24 instalments');
  // A bar of two parts for each, and two boxes in the legend.
  expect(chart.shapes.filter(({ is }) => is === 'rect')).toHaveLength(2 * 24 + 2);
});

test('a chart of any number of instalments has a bar for each, inside the frame', () => {
  const row = fc.record({
    principal: fc.integer({ min: 0, max: 10 ** 9 }),
    interest: fc.integer({ min: 0, max: 10 ** 9 }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 400 }), (rows) => {
      const given = rows.map(({ principal, interest }, index) => ({
        ...{
          number: index + 1,
          principal: `${principal}.00`,
          interest: `${interest}.00`,
          outstanding: `${principal}.50`,
        },
      }));
      const { shapes, width, height } = amortisationChart(given, 'INR');
      const points = shapes.flatMap((shape): [number, number][] => {
        if (shape.is === 'line') return shape.points;
        if (shape.is === 'text') return [[shape.x, shape.y]];
        return [
          [shape.x, shape.y],
          [shape.x + shape.width, shape.y + shape.height],
        ];
      });
      for (const [x, y] of points) {
        expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});
