import type { Report } from './report.ts';

export function reportPage(report: Report): string {
  return `<pre>${JSON.stringify(report, null, 2)}</pre>`;
}
