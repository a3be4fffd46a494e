import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { v7 as uuidv7 } from 'uuid';
import type { IsoDate } from '../../calendar/business-date.ts';
import { inTenant } from '../../db/transaction.ts';
import { businessDayAt } from '../../ledger/business-day.ts';
import { ALL_DAYS } from '../../ledger/invariants.ts';
import { previewDays } from '../../loans/day/preview.ts';
import {
  closeRefusal,
  type DayView,
  daysStanding,
  dayWithReport,
  waitingFor,
} from '../../loans/day/views.ts';
import { checkInvariants } from '../../loans/invariants/check.ts';
import { addCommand, addGroup, durationOption, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { checkedText, outcomeText, previewText, reportText, standingText } from '../day-text.ts';
import { CliError, type Exit, notFound, wrongInput } from '../exit.ts';
import { progressBar } from '../progress.ts';
import { publicKeys, signatureOf } from '../signed.ts';

const LOOK_MS = 200;
const WAIT_MS_DEFAULT = 3_600_000;

interface CloseOptions {
  dryRun?: boolean;
  timeout?: number;
}

export function dayCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'day', 'The close of day');
  addStatus(group, shell);
  addClose(group, shell);
  addCatchUp(group, shell);
  addShow(group, shell);
  addCheck(group, shell);
}

function addStatus(group: Command, shell: Shell): void {
  addCommand(group, shell, 'status', {
    summary: 'Which day is being closed and what it waits for, which are missed, which loans are set aside',
    examples: ['kist day status'],
    async run(context) {
      const tenant = await context.tenant();
      const standing = await inTenant(await context.pool(), tenant, (tx) =>
        daysStanding(tx, tenant, new Date()),
      );
      context.output.answer(standing, () => standingText(standing));
    },
  });
}

function closeOptions(): Option[] {
  return [
    new Option('--dry-run', 'show what would be posted; nothing is written'),
    durationOption('--timeout <duration>', 'wait so long for the day to be closed; default 1h'),
  ];
}

function addClose(group: Command, shell: Shell): void {
  addCommand<CloseOptions>(group, shell, 'close [date]', {
    summary: 'Close a business day, by default the next one, and wait until a worker has done so',
    examples: ['kist day close', 'kist day close 2026-03-31 --dry-run'],
    options: closeOptions(),
    async run(context, options, given) {
      const tenant = await context.tenant();
      const pool = await context.pool();
      const { next } = await inTenant(pool, tenant, (tx) => daysStanding(tx, tenant, new Date()));
      const date = given ? checkDate(given) : next;
      if (options.dryRun) return dryRun(context, tenant, date);
      return closeDays(context, tenant, [date], options);
    },
  });
}

function addCatchUp(group: Command, shell: Shell): void {
  addCommand<CloseOptions>(group, shell, 'catch-up', {
    summary: 'Close every business day that is over and was missed, one after the other',
    examples: ['kist day catch-up', 'kist day catch-up --dry-run --json'],
    options: closeOptions(),
    async run(context, options) {
      const tenant = await context.tenant();
      const { missed, closing } = await inTenant(await context.pool(), tenant, (tx) =>
        daysStanding(tx, tenant, new Date()),
      );
      const dates = [...(closing ? [closing.business_date] : []), ...missed];
      if (options.dryRun && missed.length > 0) return dryRun(context, tenant, missed.at(-1)!);
      return closeDays(context, tenant, dates, options);
    },
  });
}

function addShow(group: Command, shell: Shell): void {
  addCommand<{ publicKey?: string[] }>(group, shell, 'show <date>', {
    summary: 'The report of a day that was closed, its signature checked',
    examples: ['kist day show 2026-03-31', 'kist day show 2026-03-31 --public-key auditor/seal-key.pub.pem'],
    options: [
      new Option(
        '--public-key <files...>',
        'keys that reports are signed with, PEM; default: of this machine',
      ),
    ],
    async run(context, { publicKey }, given) {
      const date = checkDate(given!);
      const tenant = await context.tenant();
      const day = await inTenant(await context.pool(), tenant, (tx) => dayWithReport(tx, date));
      if (!day) throw notFound(`${date} was not begun to be closed.`);
      const keys = await publicKeys(context, publicKey);
      const signature = day.report === null ? null : signatureOf(day, keys);
      const report = day.report === null ? null : JSON.parse(day.report);
      const { report: signed_text, ...rest } = day;
      const answer = { ...rest, signature: day.signature?.toString('base64') ?? null, report, signed_text };
      context.output.answer({ ...answer, signature_is: signature }, () => reportText(day, report, signature));
      return signature === 'wrong' ? 'no' : 'ok';
    },
  });
}

function addCheck(group: Command, shell: Shell): void {
  addCommand<{ all?: boolean }>(group, shell, 'check', {
    summary: 'Check now what a day is checked for before it is shut; exit 1 names the first bad row',
    examples: ['kist day check', 'kist day check --all'],
    options: [new Option('--all', 'over all books there are; default: since the last day that was shut')],
    async run(context, { all }) {
      const tenant = await context.tenant();
      const checked = await inTenant(
        await context.pool(),
        tenant,
        async (tx) => {
          const { shut_through } = await businessDayAt(tx, tenant, new Date());
          return checkInvariants(tx, all ? ALL_DAYS : { ...ALL_DAYS, after: shut_through });
        },
        { timeout_ms: WAIT_MS_DEFAULT },
      );
      const ok = checked.every(({ holds }) => holds);
      context.output.answer({ ok, invariants: checked }, () => checkedText(checked));
      return ok ? 'ok' : 'no';
    },
  });
}

async function dryRun(context: Context, tenant: string, through: IsoDate): Promise<Exit> {
  const bar = progressBar(context.output, `Counting through ${through}`, 'loans');
  const pool = await context.pool();
  const days = await previewDays(pool, tenant, { through, now: new Date(), onProgress: bar.update });
  bar.stop();
  context.output.answer({ through, days }, () => previewText(days, through));
  return 'ok';
}

async function closeDays(
  context: Context,
  tenant: string,
  dates: readonly IsoDate[],
  { timeout = WAIT_MS_DEFAULT }: CloseOptions,
): Promise<Exit> {
  const days: DayView[] = [];
  for (const date of dates) {
    await askToClose(context, tenant, date);
    const day = await untilClosed(context, tenant, date, Date.now() + timeout);
    days.push(day);
    if (day.state !== 'closed') break;
  }
  const ok = days.every(({ state }) => state === 'closed');
  const waits_for = ok
    ? []
    : await inTenant(await context.pool(), tenant, (tx) => waitingFor(tx, days.at(-1)!.business_date));
  context.output.answer({ ok, days, waits_for }, () => outcomeText(days, waits_for));
  return ok ? 'ok' : 'no';
}

/** @throws CliError where the day's turn has not come */
async function askToClose(context: Context, tenant: string, date: IsoDate): Promise<void> {
  const refusal = await inTenant(await context.pool(), tenant, (tx) =>
    closeRefusal(tx, tenant, date, new Date()),
  );
  if (refusal) throw new CliError('refused', refusal.code, refusal.message);
  const runtime = await context.runtime();
  await context.change({ action: 'cli.day.close', tenant, subject: date }, () =>
    // What keeps a day from being closed twice is its row; the key only has to be new.
    runtime.submit(tenant, context.actor, [
      { kind: 'day.close', key: `${date}/${uuidv7()}`, payload: { business_date: date } },
    ]),
  );
}

/** @returns how the day stands once it is closed, a person must look, or the time is over. */
async function untilClosed(
  context: Context,
  tenant: string,
  date: IsoDate,
  deadline: number,
): Promise<DayView> {
  const bar = progressBar(context.output, `Closing ${date}`, 'chunks');
  const pool = await context.pool();
  try {
    for (;;) {
      const { day, waits_for } = await inTenant(pool, tenant, async (tx) => ({
        day: await dayWithReport(tx, date),
        waits_for: await waitingFor(tx, date),
      }));
      if (day) bar.update(day.chunks_done, day.chunks);
      const needs_person = waits_for.some(({ state }) => state !== 'pending');
      if (day?.state === 'closed' || (day && needs_person) || Date.now() > deadline) {
        if (!day) throw new CliError('no', 'not-begun', `No worker has begun to close ${date}.`);
        return viewOf(day);
      }
      await pause(LOOK_MS);
    }
  } finally {
    bar.stop();
  }
}

function viewOf({
  report,
  key_id,
  signature,
  ...day
}: NonNullable<Awaited<ReturnType<typeof dayWithReport>>>) {
  return day;
}

function checkDate(text: string): IsoDate {
  const instant = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(instant.getTime()) || instant.toISOString().slice(0, 10) !== text) {
    throw wrongInput(`Not a date such as 2026-01-31: ${text}`);
  }
  return text;
}
