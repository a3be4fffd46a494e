import { once } from 'node:events';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test, vi } from 'vitest';
import { CALCULATIONS } from '../../src/loans/calculator/registry.ts';
import { ended, MANY_COMMANDS_MS, start } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

/** `kist calc` in a process of its own, with a database that nobody answers for. */
const calc = (...args: string[]) => start('postgres://kist@127.0.0.1:1/kist', ['calc', ...args]);

const loan = (pv: number) => JSON.stringify({ fn: 'pmt', rate: 0, nper: 10, pv });

test('lines are answered in order; a bad one is answered too, and stops nothing', async () => {
  const lines = [
    loan(100),
    '{"fn":"pmt"',
    '',
    '{"fn":"emi"}',
    `  ${loan(200)}\r`,
    '{"fn":"xirr","flows":[{"on":"2026-01-01","amount":"x"}]}',
    '[]',
    '\u{feff}{"fn":"irr","values":["-100","110"]}',
    loan(300),
  ];
  const { status, stdout, stderr } = await ended(calc(), lines.join('\n'));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers).toMatchObject([
    { value: '-10' },
    { error: { code: 'malformed-json', field: '' } },
    { error: { code: 'unknown-function', field: 'fn' } },
    { value: '-20' },
    {
      error: { code: 'invalid-value', field: 'flows.0.amount', message: expect.stringContaining('decimal') },
    },
    { error: { code: 'invalid-value', field: '' } },
    { value: '0.1' },
    { value: '-30' },
  ]);
});

test('ten thousand lines are ten thousand answers, each in its place', async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) =>
    index % 7 === 3 ? 'no' : loan(10 * (index + 1)),
  );
  const { status, stdout } = await ended(calc(), `${lines.join('\n')}\n`);
  expect(status).toBe(0);
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers).toHaveLength(10_000);
  for (const [index, answer] of answers.entries()) {
    if (index % 7 === 3) expect(answer.error.code).toBe('malformed-json');
    else expect(Number(answer.value)).toBe(-index - 1);
  }
});

test('an answer comes as soon as its line is there, and more may follow', async () => {
  const child = calc();
  child.stdin!.write(`${loan(100)}\n{"fn":"pm`);
  const [first] = await once(child.stdout!, 'data');
  expect(String(first)).toBe('{"value":"-10"}\n');
  const { stdout } = await ended(child, loan(200).slice('{"fn":"pm'.length));
  expect(stdout).toBe('{"value":"-20"}\n');
});

test('a line that is too long, or not UTF-8, is an error of its own', async () => {
  const child = calc();
  child.stdin!.write(Buffer.concat([Buffer.from('"'), Buffer.alloc(2_000_000, 'x'), Buffer.from('"\n')]));
  child.stdin!.write(Buffer.from([0x22, 0xff, 0x22, 0x0a]));
  const { status, stdout } = await ended(child, loan(100));
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(status).toBe(0);
  expect(answers).toMatchObject([
    { error: { code: 'line-too-long' } },
    { error: { code: 'malformed-json' } },
    { value: '-10' },
  ]);
});

test('nothing asked is nothing answered', async () => {
  expect(await ended(calc(), '')).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('it ends quietly when nobody reads any more', async () => {
  const child = calc();
  child.stdin!.on('error', () => {});
  const exit = once(child, 'exit');
  child.stdin!.write(`${loan(100)}\n`);
  await once(child.stdout!, 'data');
  child.stdout!.destroy();
  child.stdin!.end(`${loan(200)}\n`.repeat(20_000));
  let said = '';
  child.stderr!.on('data', (chunk) => (said += chunk));
  expect(await exit).toEqual([0, null]);
  expect(said).toBe('');
});

test('--explain says how each number came about', async () => {
  const { stdout } = await ended(calc('--explain'), loan(100));
  expect(JSON.parse(stdout)).toEqual({
    value: '-10',
    trace: {
      value: {
        rule: 'pmt/1',
        inputs: { rate: '0', nper: '10', pv: '100', fv: '0', type: 0 },
        unrounded: '-10',
        rounding: 'none; 34 significant digits',
      },
    },
  });
});

test('--schema has every function, and says of every example that it is right', async () => {
  const { status, stdout } = await ended(calc('--schema'));
  expect(status).toBe(0);
  const schemas = JSON.parse(stdout);
  expect(Object.keys(schemas)).toEqual([...CALCULATIONS.keys()]);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const { fn, example } of CALCULATIONS.values()) {
    const isRight = ajv.compile(schemas[fn].request);
    expect(isRight({ fn, ...example }), fn).toBe(true);
    expect(isRight(example), `${fn} without its name`).toBe(false);
    expect(isRight({ fn, ...example, more: 1 }), `${fn} with more`).toBe(false);
  }
});
