import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const LINES_MAX = 400;
const root = path.resolve(import.meta.dirname, '../..');

/** What people write; what is generated, recorded or locked is not measured. */
const GENERATED =
  /^(package-lock\.json|src\/client\/(kinds|calculations)\.ts|docs\/(jobs|errors|cli|calculator)\.md|.*snap(shot)?\b.*)$/;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|sql|md|json|ya?ml)$|(^|\/)(run|Dockerfile|Procfile)$/.test(file))
  .filter((file) => !GENERATED.test(file))
  .flatMap((file) => {
    try {
      return [{ file, text: readFileSync(path.join(root, file), 'utf8') }];
    } catch {
      return []; // deleted, and not committed yet
    }
  });

function matches(pattern: RegExp, among = /./): string[] {
  return files
    .filter(({ file }) => among.test(file))
    .flatMap(({ file, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line}`] : [])),
    );
}

describe('the tree keeps its rules', () => {
  test(`no file of code is longer than ${LINES_MAX} lines`, () => {
    const long = files
      .filter(({ file }) => file.endsWith('.ts'))
      .map(({ file, text }) => `${file}: ${text.split('\n').length - 1}`)
      .filter((line) => Number(line.split(': ')[1]) > LINES_MAX);
    expect(long).toEqual([]);
  });

  test('nothing is left for later', () => {
    expect(matches(/\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/)).toEqual([]);
  });

  test('nothing is hidden from the compiler, and the linter is silenced only for a reason', () => {
    expect(
      matches(/@ts-(ignore|nocheck|expect-error)|\bas any\b/, /^(src|jobs|bench|demo|scripts)\//),
    ).toEqual([]);
    expect(matches(/biome-ignore [^:]+:\s*$|biome-ignore [^:]+$/, /\.ts$/)).toEqual([]);
  });

  test('no float comes near money', () => {
    // Where a rate may be is looked for in doubles; what is told comes from decimals that are checked again.
    const money = /^(jobs|src\/(ledger|wallets|loans))\/(?!calculator\/rates\/)/;
    expect(matches(/\bparseFloat\b|\.toNumber\(\)|::(float|double|real)/, money)).toEqual([]);
  });

  test('tests wait for what happens, never for time', () => {
    expect(matches(/\b(setTimeout|sleep|pause)\(\s*[\d_]{3,}\s*\)/, /^test\/(?!support\/)/)).toEqual([]);
  });
});
