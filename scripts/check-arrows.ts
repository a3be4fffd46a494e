import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Which folder may import which. Arrows point one way: what is above may use what is below, never the
 * other way round; `runtime` and `ledger` know no domain.
 */
const MAY_IMPORT: Record<string, string[]> = {
  'src/calendar': [],
  'src/db': [],
  'src/client': [],
  'src/html': [],
  'src/sandbox': ['src/html'],
  'src/runtime': ['src/db', 'src/calendar'],
  'src/secrets': [],
  'src/ledger': ['src/secrets', 'src/db', 'src/calendar'],
  'src/identity': ['src/db', 'src/calendar'],
  'src/events': ['src/secrets', 'src/ledger', 'src/runtime', 'src/db', 'src/calendar'],
  'src/following': ['src/events', 'src/ledger', 'src/runtime', 'src/db', 'src/calendar'],
  'src/wallets': ['src/events', 'src/ledger', 'src/runtime', 'src/db', 'src/calendar'],
  'src/loans': [
    'src/following',
    'src/events',
    'src/wallets',
    'src/ledger',
    'src/runtime',
    'src/db',
    'src/calendar',
  ],
  'src/payments': [
    'src/identity',
    'src/loans',
    'src/events',
    'src/wallets',
    'src/secrets',
    'src/ledger',
    'src/runtime',
    'src/db',
    'src/calendar',
  ],
  'src/documents': ['src/html', 'src/loans', 'src/wallets', 'src/ledger', 'src/db', 'src/calendar'],
  'src/notifications': [
    'src/documents',
    'src/html',
    'src/payments',
    'src/loans',
    'src/events',
    'src/wallets',
    'src/secrets',
    'src/identity',
    'src/ledger',
    'src/runtime',
    'src/db',
    'src/calendar',
  ],
  'src/approvals': [
    'src/notifications',
    'src/payments',
    'src/events',
    'src/loans',
    'src/wallets',
    'src/ledger',
    'src/identity',
    'src/runtime',
    'src/db',
    'src/calendar',
  ],
  jobs: [
    'src/approvals',
    'src/notifications',
    'src/payments',
    'src/events',
    'src/loans',
    'src/wallets',
    'src/ledger',
    'src/identity',
    'src/runtime',
    'src/db',
    'src/calendar',
  ],
  'src/ops': [
    'jobs',
    'src/notifications',
    'src/payments',
    'src/html',
    'src/following',
    'src/identity',
    'src/ledger',
    'src/runtime',
    'src/db',
    'src/calendar',
    'src/config.ts',
  ],
  'src/api': [
    'jobs',
    'src/notifications',
    'src/payments',
    'src/documents',
    'src/html',
    'src/approvals',
    'src/following',
    'src/events',
    'src/secrets',
    'src/loans',
    'src/wallets',
    'src/ledger',
    'src/identity',
    'src/runtime',
    'src/db',
    'src/calendar',
    'src/config.ts',
  ],
};

const IMPORT = /(?:import|export)[^'"]*?from\s+['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]\s*\)/g;

const root = path.resolve(import.meta.dirname, '..');
const wrong: string[] = [];
let files = 0;
for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
  for (const file of typescriptFiles(path.join(root, folder))) {
    files += 1;
    for (const match of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const target = path.relative(root, path.resolve(path.dirname(file), (match[1] ?? match[2])!));
      if (![folder, ...allowed].some((place) => target === place || target.startsWith(`${place}/`))) {
        wrong.push(`${path.relative(root, file)} may not import ${target}`);
      }
    }
  }
}
if (wrong.length > 0) {
  console.error(`${wrong.length} arrows point the wrong way:\n  ${wrong.join('\n  ')}`);
  process.exit(1);
}
console.log(`The arrows between folders point one way (${files} files).`);

function typescriptFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}
