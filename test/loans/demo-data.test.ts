import { expect, test } from 'vitest';
import { makeApplications } from '../../demo/make-applications.ts';
import { makeRepayments } from '../../demo/make-repayments.ts';
import { applicationLine, readCsv, repaymentLine } from '../../demo/read-csv.ts';

test('the files of the demo are what their generator makes, today as then', async () => {
  const applications = makeApplications();
  expect(await readCsv('applications.csv', applicationLine)).toEqual(applications);
  expect(await readCsv('repayments.csv', repaymentLine)).toEqual(makeRepayments(applications));
});

test('about one application in twenty is malformed, ineligible or sent twice on purpose', () => {
  const applications = makeApplications();
  expect(applications.length).toBeGreaterThanOrEqual(320);
  const bad = applications.filter(({ expected }) => expected !== 'offered').length / applications.length;
  expect(bad).toBeGreaterThan(0.04);
  expect(bad).toBeLessThan(0.15);
});
