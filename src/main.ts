import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from './config.ts';
import { migrate } from './db/migrate.ts';
import { openDatabase, PARTS, type Part, startSystem } from './system.ts';

const HELP = `Usage: node src/main.ts [release | api | worker | clock] [--queues a,b]

  release  brings the database up to date and ends
  api      HTTP API, board, console
  worker   runs jobs; --queues names the queues, all by default
  clock    ticks schedules and sweeps

Without a word: all of it in one process, as \`npm start\` does. Settings come from the environment.`;

/** A second Ctrl-C, or this long after the stop should have ended, the process goes anyway. */
const FORCED_EXIT_MARGIN_MS = 5_000;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { queues: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(HELP);
  const [word, ...more] = positionals;
  if (more.length > 0 || (word && word !== 'release' && !PARTS.includes(word as Part)))
    throw new UsageError();
  if (values.queues && word !== undefined && word !== 'worker') throw new UsageError();
  if (word === 'release') return release();
  await run(word as Part | undefined, values.queues?.split(','));
}

class UsageError extends Error {
  override message = HELP;
}

async function release(): Promise<void> {
  const steps: (() => Promise<void> | void)[] = [];
  const databaseUrl = await openDatabase(readConfig(), { add: (step) => steps.push(step) });
  try {
    const applied = await migrate(databaseUrl);
    console.log(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The database is up to date.');
  } finally {
    for (const step of steps) await step();
  }
}

async function run(part: Part | undefined, queues: string[] | undefined): Promise<void> {
  const config = readConfig();
  const system = await startSystem(config, {
    ...(part ? { parts: [part] } : { migrateFirst: true }),
    ...(queues ? { queues } : {}),
  });
  stopOnSignal(system.stop, config.KIST_SHUTDOWN_MS + FORCED_EXIT_MARGIN_MS);
}

/** SIGTERM and Ctrl-C: finish or give back what is held, then end with 0; a second one ends at once. */
function stopOnSignal(stop: () => Promise<void>, limit_ms: number): void {
  let asked = false;
  const onSignal = (): void => {
    if (asked) process.exit(1);
    asked = true;
    setTimeout(() => process.exit(1), limit_ms).unref();
    stop().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

main().catch((error) => {
  const expected = error instanceof ConfigError || error instanceof UsageError;
  console.error(expected ? error.message : error);
  process.exit(expected ? 2 : 1);
});
