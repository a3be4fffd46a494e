import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeApplications } from './make-applications.ts';
import { makeRepayments } from './make-repayments.ts';

/** Writes demo/applications.csv and demo/repayments.csv; the same every time: `node demo/make-data.ts`. */
const applications = makeApplications();
write('applications.csv', applications);
write('repayments.csv', makeRepayments(applications));

function write(name: string, lines: readonly object[]): void {
  const header = Object.keys(lines[0]!);
  const rows = lines.map((line) => Object.values(line).map(quoted).join(','));
  writeFileSync(path.join(import.meta.dirname, name), `${[header.join(','), ...rows].join('\n')}\n`);
  console.log(`${name}: ${lines.length} lines`);
}

function quoted(value: string): string {
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
