import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from './config.ts';
import { migrate } from './db/migrate.ts';
import { isDatabaseAway } from './db/transaction.ts';
import { createLog } from './ops/log.ts';
import { type Sandbox, startSandbox } from './sandbox/sandbox.ts';
import { openDatabase, PARTS, type Part, startSystem } from './system.ts';

const HELP = `Usage: node src/main.ts [release | api | worker | clock] [--queues a,b]

  release  brings the database up to date and ends
  api      HTTP API, board, console
  worker   runs jobs; --queues names the queues, all by default
  clock    ticks schedules and sweeps

Without a word: all of it in one process, as \`npm start\` does, with simulated providers where
KIST_BUREAU_URL is unset. Settings come from the environment.`;

/** A second Ctrl-C, or this long after the stop should have ended, the process goes anyway. */
const FORCED_EXIT_MARGIN_MS = 8_000;

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help) return console.log(HELP);
  const [word, ...more] = positionals;
  if (more.length > 0 || (word && word !== 'release' && !PARTS.includes(word as Part)))
    throw new UsageError();
  if (values.queues && word !== undefined && word !== 'worker') throw new UsageError();
  if (word === 'release') return release();
  await run(word as Part | undefined, values.queues?.split(','));
}

function readArguments() {
  const options = { queues: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch {
    throw new UsageError();
  }
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
  const given = readConfig();
  // All in one process: the outside world comes along, unless there is a real one.
  const sandbox = part || process.env.KIST_BUREAU_URL ? undefined : await startSandbox({ port: 0 });
  const config = sandbox ? readConfig({ ...simulatedBy(sandbox), ...process.env }) : given;
  if (sandbox) {
    createLog(config).info(
      { url: sandbox.url, delivered: `${sandbox.url}/delivered` },
      'simulated providers',
    );
  }
  const starting = startSystem(config, {
    ...(part ? { parts: [part] } : { migrateFirst: true }),
    ...(queues ? { queues } : {}),
  });
  const stop = async (): Promise<void> => {
    await (await starting).stop();
    await sandbox?.stop();
  };
  // From the first moment on: a start that is cut short must not leave its Postgres behind.
  stopOnSignal(stop, config.KIST_SHUTDOWN_MS + FORCED_EXIT_MARGIN_MS);
  await starting;
}

/** Whoever tries Kist out with made-up credentials shall not meet the real providers. */
function simulatedBy({ url, notices }: Sandbox): Record<string, string> {
  return { KIST_BUREAU_URL: url, KIST_RAZORPAY_URL: url, ...notices.environment };
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
  if (error instanceof ConfigError || error instanceof UsageError) {
    console.error(error.message);
    process.exit(2);
  }
  if (isDatabaseAway(error))
    console.error(`Postgres does not answer: look at DATABASE_URL. (${error.message})`);
  else console.error(error);
  process.exit(1);
});
