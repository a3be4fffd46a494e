import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FAULTS } from '../../src/simulation/options.ts';
import { reportOf, reportText } from '../../src/simulation/report/report.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { terminalOn } from '../cli/terminal.ts';

vi.setConfig({ testTimeout: 120_000 });

/** A simulation has a database of its own: it never asks for this one. */
const terminal = terminalOn('postgres://nobody@127.0.0.1:1/none');
/** On the other carrier: lives.slow.test.ts. */
const LIFE = ['--seed', '7', '--loans', '12', '--days', '40', '--faults', 'all'];

test('a life with everything going wrong: all that must hold does', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-report-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { status, stdout } = await terminal.kist(
    'simulate',
    ...LIFE,
    '--carrier',
    'postgres',
    '--report',
    folder,
  );
  expect(stdout).toContain('seed    7');
  expect(stdout).toContain(`again: kist simulate --seed 7 --loans 12 --days 40 --carrier postgres`);
  expect(stdout).not.toContain('✗');
  expect(status).toBe(0);
  const report = JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'));
  expect(new Set(report.days.flatMap(({ faults }: { faults: string[] }) => faults))).toEqual(
    new Set(FAULTS.filter((fault) => fault !== 'slow-bureau' && fault !== 'duplicate-calls')),
  );
  expect(report.calls).toBeGreaterThan(report.actions * 1.5);
  expect(await readFile(path.join(folder, 'report.html'), 'utf8')).toContain(report.digest);
});

test('what does not hold is named, and the report is not sound', async () => {
  const options = { seed: 5, loans: 4, days: 12, faults: [], carrier: 'postgres' } as const;
  const simulated = await simulate(options, {
    beforeChecks: async (world) => {
      await world.sql(`UPDATE loan SET suspended_interest = suspended_interest + 1`);
    },
  });
  const report = reportOf(simulated, null);
  expect(report.sound).toBe(false);
  expect(report.invariants.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual([
    ...['suspense', 'loans-as-told-by-the-engine'],
  ]);
  expect(reportText(report)).toContain('✗ suspense: interest-suspense holds 0');
});
