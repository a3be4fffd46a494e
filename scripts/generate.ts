/**
 * Writes what is generated from the registry of jobs and of errors: `npm run generate`. With `--check`
 * writes nothing and exits 1 when a committed file is not what would be written now.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { renderErrorsPage } from '../src/api/errors.ts';
import { loadJobs } from '../src/runtime/registry.ts';
import { renderCalculations } from './generate/calculations.ts';
import { renderCalculatorPage } from './generate/calculator-page.ts';
import { renderCliPage } from './generate/cli-page.ts';
import { renderDocuments } from './generate/documents.ts';
import { renderJobsPage } from './generate/jobs-page.ts';
import { renderKinds } from './generate/kinds.ts';

const root = path.resolve(import.meta.dirname, '..');
const registry = await loadJobs(path.join(root, 'jobs'));

const artefacts: Record<string, string> = {
  'src/client/kinds.ts': formatted('src/client/kinds.ts', renderKinds(registry)),
  'src/client/calculations.ts': formatted('src/client/calculations.ts', renderCalculations()),
  'src/client/documents.ts': formatted('src/client/documents.ts', renderDocuments()),
  'docs/calculator.md': renderCalculatorPage(),
  'docs/jobs.md': renderJobsPage(registry),
  'docs/errors.md': renderErrorsPage(),
  'docs/cli.md': await renderCliPage(),
};

const stale = Object.entries(artefacts).filter(([file, text]) => committed(file) !== text);
if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`Not what would be generated now: ${stale.map(([file]) => file).join(', ')}.`);
    console.error('Run `npm run generate` and commit the result.');
    process.exitCode = 1;
  }
} else {
  for (const [file, text] of stale) writeFileSync(path.join(root, file), text);
  console.log(
    stale.length === 0 ? 'Nothing to change.' : `Written: ${stale.map(([file]) => file).join(', ')}`,
  );
}

function committed(file: string): string | undefined {
  const target = path.join(root, file);
  return existsSync(target) ? readFileSync(target, 'utf8') : undefined;
}

/** As `npm run format` would leave it, so that the two never disagree about a committed file. */
function formatted(file: string, text: string): string {
  const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
  return execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${file}`], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
}
