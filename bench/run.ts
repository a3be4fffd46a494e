import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { FULL, type Measure, type Plan, QUICK } from './measure.ts';
import { accepting } from './measures/accept.ts';
import { age } from './measures/age.ts';
import { receiveCallbacks } from './measures/callbacks.ts';
import { closeOfDay } from './measures/close-day.ts';
import { disburseBesideKept, disburseOnPostgres, disburseOnRedis, latency } from './measures/disburse.ts';
import { acceptNotifications, fairNotifications, sendNotifications } from './measures/notifications.ts';
import { payOut } from './measures/payouts.ts';
import { reconcileRows } from './measures/reconcile.ts';
import { repayOnRedis } from './measures/repay.ts';

const HELP = `Usage: npm run bench -- [--only NAME] [--quick] [--json FILE] [--check] [--list]

  --only NAME  takes one measure (and those that come with it)
  --quick      a short version of all, in under 3 minutes; its figures are rough
  --json FILE  writes the machine and the measures
  --check      ends with 1 where a target is not reached
  --list       names the measures`;

/** Which measures are taken together, in the order in which they are taken. */
const GROUPS: { names: string[]; take: (plan: Plan) => Promise<Measure[]> }[] = [
  {
    names: ['disburse-redis-vs-graphile', 'disburse-redis-vs-floor', 'worker-memory'],
    take: disburseOnRedis,
  },
  { names: ['accept-batches-vs-addbulk', 'accept-singly-vs-add'], take: accepting },
  { names: ['disburse-postgres-vs-noop'], take: disburseOnPostgres },
  { names: ['latency-p50', 'latency-p99'], take: latency },
  { names: ['throughput-beside-kept-jobs'], take: disburseBesideKept },
  { names: ['repay-redis-vs-graphile'], take: repayOnRedis },
  { names: ['close-day-vs-bare-sql', 'close-day-growth', 'close-day-memory'], take: closeOfDay },
  { names: ['payouts-vs-distance', 'payouts-at-twice-the-calls'], take: payOut },
  { names: ['callbacks-vs-accept-singly'], take: receiveCallbacks },
  { names: ['reconcile-rows'], take: reconcileRows },
  { names: ['notify-vs-accept-singly'], take: acceptNotifications },
  { names: ['notices-vs-distance'], take: sendNotifications },
  { names: ['notices-beside-failing', 'notices-worker-memory'], take: fairNotifications },
  { names: ['close-day-age', 'read-loan-age'], take: age },
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) end(HELP, 0);
const names = GROUPS.flatMap((group) => group.names);
if (values.list) end(names.join('\n'), 0);
if (values.only && !names.includes(values.only)) end(`There is no measure ${values.only}; see --list.`, 2);

const measures: Measure[] = [];
for (const group of GROUPS) {
  if (values.only && !group.names.includes(values.only)) continue;
  const taken = await group.take(values.quick ? QUICK : FULL);
  const wanted = taken.filter(({ name }) => !values.only || name === values.only);
  for (const measure of wanted) console.log(line(measure));
  measures.push(...wanted);
}
if (values.json)
  await writeFile(values.json, `${JSON.stringify({ machine: machine(), measures }, null, 2)}\n`);
process.exit(values.check && measures.some((measure) => !reached(measure)) ? 1 : 0);

/** Ratios are held against their target; a latency is held against it itself. */
function reached({ value, unit, ratio, target, higherIsBetter }: Measure): boolean {
  if (target === null) return true;
  if (unit === 'ms') return value <= target;
  return higherIsBetter ? ratio >= target : ratio <= target;
}

function line(measure: Measure): string {
  const { name, value, unit, against, ratio, target } = measure;
  const compared = unit === 'ms' ? `target ${target} ms` : `ratio ${ratio}, target ${target}`;
  const verdict = reached(measure) ? 'reached' : 'FALLS SHORT';
  const told = target === null ? `ratio ${ratio}, no target` : `${compared}: ${verdict}`;
  return `${name.padEnd(28)} ${`${value} ${unit}`.padEnd(14)} ${told.padEnd(38)} ${against.name}: ${against.value}`;
}

function machine() {
  const [first] = cpus();
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load_average: loadavg().map((load) => Number(load.toFixed(2))),
    date: new Date().toISOString(),
    quick: values.quick,
  };
}

function end(text: string, code: number): never {
  console.log(text);
  process.exit(code);
}
