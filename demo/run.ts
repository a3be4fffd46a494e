import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SteppedClock } from '../src/calendar/clock.ts';
import type { Client } from '../src/client/client.ts';
import { type Config, ConfigError, readConfig } from '../src/config.ts';
import { MODEST_FAULTS } from '../src/sandbox/faults.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox.ts';
import { type System, startSystem } from '../src/system.ts';
import { afterPayouts, morning, START_DATE } from './calendar.ts';
import { Expectations } from './expectations.ts';
import { addBankAccounts, gatewayOptions, openGateway, PAYMENT_PACE, paidOut } from './gateway.ts';
import { addClient, addDemoOperator, addLender, TENANT } from './identities.ts';
import { apply, decisions, disbursals, idOf, judge } from './lend.ts';
import { liveThrough, untilAtRest } from './live.ts';
import { addApps, NOTIFICATION_PACE, noticeOptions, openNotices, told, untilTold } from './notices.ts';
import { applicationLine, readCsv, repaymentLine } from './read-csv.ts';
import { type Accountant, reconciled } from './reconcile.ts';
import { printSummary, summaryOf, unrestful } from './summary.ts';
import { verified } from './verified.ts';

const HELP = `Usage: npm run demo [-- --exit]

Lends on demo/applications.csv, lives through 60 business days with demo/repayments.csv, and shows what
came of it, held against gateway and bank. Stays up until Ctrl-C; with --exit it ends at once, with 0 only if everything came out as it
should. Run it again: nothing is done twice.`;

const INTERRUPTED = Symbol('interrupted');
const INTERRUPTED_CODE = 130;
const SURPRISES_SHOWN_MAX = 20;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { exit: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const exit = values.exit === true;
  const interrupted = signalled();
  const started = performance.now();
  const clock = new SteppedClock(morning(START_DATE));
  const { KIST_DATA: folder } = readConfig();
  await mkdir(folder, { recursive: true });
  const gateway = gatewayOptions(clock, path.join(folder, 'gateway.jsonl'));
  const notices = noticeOptions(clock, path.join(folder, 'notices.jsonl'));
  const sandbox = await startSandbox({ port: 0, faults: MODEST_FAULTS, gateway, notices });
  const config = settings(sandbox, exit);
  const starting = startSystem(config, {
    ...{ clock, migrateFirst: true, payment_pace: PAYMENT_PACE, notification_pace: NOTIFICATION_PACE },
  });
  try {
    const working = starting.then((system) => demonstrate({ config, system, clock, sandbox, started }));
    const sound = await Promise.race([working, interrupted]);
    if (sound === INTERRUPTED) return INTERRUPTED_CODE;
    if (!exit) {
      console.log('\nCtrl-C ends it.');
      await interrupted;
    }
    return sound ? 0 : 1;
  } finally {
    // A start that was cut short must not leave its Postgres behind either.
    await starting.then(
      (system) => system.stop(),
      () => {},
    );
    await sandbox.stop();
  }
}

/** Quiet, and its own bureau, gateway and notification providers; with --exit any free port will do. Everything else as for `npm start`. */
function settings(sandbox: Sandbox, exit: boolean): Config {
  return readConfig({
    KIST_LOG_LEVEL: 'error',
    // Whoever looks at a reminder can opt out of them.
    ...(exit ? { KIST_PORT: '0' } : { KIST_PUBLIC_URL: `http://127.0.0.1:${process.env.KIST_PORT || 7300}` }),
    ...process.env,
    KIST_BUREAU_URL: sandbox.url,
    KIST_RAZORPAY_URL: sandbox.url,
    ...sandbox.notices.environment,
    KIST_NOTIFICATION_ALLOW_PRIVATE: 'true',
  });
}

interface Stage {
  config: Config;
  system: System;
  clock: SteppedClock;
  sandbox: Sandbox;
  /** When the demo began, by performance.now. */
  started: number;
}

/** @returns whether everything came out as it should. */
async function demonstrate(stage: Stage): Promise<boolean> {
  const { runtime, url } = stage.system;
  const { clock } = stage;
  const is_new = await addLender(runtime.pool);
  if (is_new && stage.sandbox.gateway.paidOut().length > 0) {
    throw new ConfigError(`${stage.config.KIST_DATA} holds the gateway of another database: delete it.`);
  }
  const kist = await addClient(runtime.pool, url!, 'origination', [
    ...['loans:read', 'loans:write', 'jobs:read', 'bank-accounts:write', 'borrowers:write'],
    'jobs:payments.create-order',
  ]);
  const treasury = await addClient(runtime.pool, url!, 'treasury', ['gateways:write']);
  await openGateway(treasury, stage.sandbox.gateway, url!);
  const service = await addClient(runtime.pool, url!, 'customer-service', [
    ...['notifications:read', 'notifications:manage'],
  ]);
  await openNotices(service, stage.sandbox.notices, url!);
  const approvers = {
    branch: await addClient(runtime.pool, url!, 'branch-manager', ['loans:read', 'loans:approve']),
    region: await addClient(runtime.pool, url!, 'regional-manager', ['loans:read', 'loans:approve']),
  };
  const operator = await addDemoOperator(runtime.pool);
  const expectations = new Expectations();
  const before = done(await summaryOf(runtime.pool));
  const working = performance.now();

  const taken = await apply(kist, await readCsv('applications.csv', applicationLine), expectations);
  await addBankAccounts(
    kist,
    taken.map(({ line }) => line),
  );
  await addApps(
    kist,
    taken.map(({ line }) => line),
  );
  const decided = await decisions(kist, taken, expectations);
  const { approved, disbursals: jobs } = await judge(approvers, decided);
  await disbursals(kist, jobs);
  await paidByBanks(stage, kist);
  await liveThrough({
    ...{ runtime, clock, kist, expectations, accountant: accountantOf(stage), online: [] },
    loans: new Map(approved.map(({ reference, links }) => [reference, idOf(links.loan!)])),
    lines: await readCsv('repayments.csv', repaymentLine),
  });
  await untilTold(runtime.pool, kist, stage.sandbox.notices);

  const sound = await report(stage, expectations, { before, seconds: (performance.now() - working) / 1_000 });
  console.log(`\nboard               ${url}/board`);
  console.log(`operator            ${operator.email}  password ${operator.password}`);
  return sound;
}

/** A little later the banks have paid, and the gateway has told of it: only what it did not tell is asked for. */
async function paidByBanks({ clock, sandbox }: Stage, kist: Client): Promise<void> {
  await untilAtRest(kist);
  clock.moveTo(afterPayouts(START_DATE));
  await sandbox.gateway.tick();
  await untilAtRest(kist);
}

function accountantOf({ config, system, clock, sandbox }: Stage): Accountant {
  return { pool: system.runtime.pool, gateway: sandbox.gateway, clock, folder: config.KIST_DATA };
}

/** Prints what came of it all. @returns whether it is what should have come. */
async function report(
  stage: Stage,
  expectations: Expectations,
  run: { before: number; seconds: number },
): Promise<boolean> {
  const { config, sandbox, started } = stage;
  const { pool } = stage.system.runtime;
  const summary = await summaryOf(pool);
  printSummary(summary);
  const { bureau } = sandbox.stats();
  const failed = bureau.unavailable + bureau.reset + bureau.silent;
  console.log(`\ncredit bureau       ${bureau.requests} requests, ${failed} of them failed`);
  const jobs_done = done(summary) - run.before;
  const rate = (jobs_done / run.seconds).toFixed(0);
  console.log(`this run            ${jobs_done} jobs in ${run.seconds.toFixed(1)} s, ${rate} jobs/s`);
  const books = await verified(pool, TENANT, config);
  console.log(`books               ${books.message}`);
  const money = await paidOut(pool, sandbox.gateway);
  console.log(`gateway             ${money.message}`);
  const reconciliation = await reconciled(accountantOf(stage));
  for (const [index, line] of reconciliation.lines.entries()) {
    console.log(`${(index === 0 ? 'reconciliation' : '').padEnd(20)}${line}`);
  }
  const notified = await told(pool, sandbox.notices);
  for (const [index, line] of notified.lines.entries()) {
    console.log(`${(index === 0 ? 'notices' : '').padEnd(20)}${line}`);
  }
  const wrong = [
    ...[...expectations.surprises, ...unrestful(summary), ...money.wrong, ...reconciliation.wrong],
    ...notified.wrong,
    ...(books.ok ? [] : [books.message]),
  ];
  console.log(
    `as expected         ${expectations.met} lines${wrong.length > 0 ? `; not so: ${wrong.length}` : ''}`,
  );
  for (const line of wrong.slice(0, SURPRISES_SHOWN_MAX)) console.log(`  ${line}`);
  console.log(`elapsed             ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  return wrong.length === 0;
}

function done({ jobs }: Awaited<ReturnType<typeof summaryOf>>): number {
  return jobs.reduce((sum, row) => sum + row.done, 0);
}

/** Resolves with the first Ctrl-C or SIGTERM; the second one ends the process at once. */
function signalled(): Promise<typeof INTERRUPTED> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(INTERRUPTED));
    process.once('SIGTERM', () => resolve(INTERRUPTED));
  });
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
