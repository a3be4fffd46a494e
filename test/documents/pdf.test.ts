import { extractText, getDocumentProxy, getMeta } from 'unpdf';
import { expect, test } from 'vitest';
import { runsOf } from '../../src/documents/fonts.ts';
import { pdfOf } from '../../src/documents/pdf.ts';
import { MADE_AT, someFacts, somePaper } from './a-paper.ts';

const textOf = async (pdf: Buffer) => {
  const { text, totalPages } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), {
    mergePages: true,
  });
  return { text: text.replace(/\s+/g, ' '), pages: totalPages };
};

test('its text can be read out again: rupee signs, lakhs, every instalment', async () => {
  const { text, pages } = await textOf(await pdfOf(somePaper()));
  expect(pages).toBe(3);
  for (const part of ['Key facts statement', 'Kshitij Rao', '₹ 1,23,45,678.00', '24 months', '3 / 3']) {
    expect(text).toContain(part);
  }
  for (const { total } of someFacts().schedule.slice(-3)) {
    const [whole] = total.split('.');
    expect(text).toContain(whole!.slice(-3));
  }
});

test('the same paper is the same bytes, dated by the paper and not by the clock', async () => {
  const [one, other] = [await pdfOf(somePaper()), await pdfOf(somePaper())];
  expect(one.equals(other)).toBe(true);
  const { info } = await getMeta(await getDocumentProxy(new Uint8Array(one)));
  const date = MADE_AT.toISOString().replace(/[-T:]/g, '').slice(0, 14);
  expect(info).toMatchObject({ Title: 'Key facts statement', CreationDate: `D:${date}Z` });
});

test('a name in Devanagari is drawn in a font that has it, and never as boxes', async () => {
  const name = 'क्षितिज श्रीवास्तव';
  const runs = runsOf(`${name} (Kshitij)`, 'regular');
  expect(runs.map(({ font }) => font.name)).toEqual(['devanagari-regular', 'latin-regular']);
  for (const { font, text } of runs) {
    expect([...text].every((character) => font.has(character.codePointAt(0)!))).toBe(true);
  }
  const pdf = await pdfOf(somePaper({ name }));
  expect(pdf.includes('NotoSansDevanagari')).toBe(true);
});

test('what no font can draw is said to be unknown, and breaks nothing', async () => {
  expect(
    runsOf('Ravi 李', 'regular')
      .map(({ text }) => text)
      .join(''),
  ).toBe('Ravi ?');
  const { text } = await textOf(await pdfOf(somePaper({ name: '李'.repeat(300) })));
  expect(text).toContain('???');
});

test('thirty years of instalments repeat the titles on every page', async () => {
  const { text, pages } = await textOf(await pdfOf(somePaper({ months: 360 })));
  expect(pages).toBeGreaterThan(8);
  expect(text.split('Outstanding').length - 1).toBeGreaterThan(7);
});
