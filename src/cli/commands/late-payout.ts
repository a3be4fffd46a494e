import { type Command, Option } from 'commander';
import { z } from 'zod';
import { systemClock } from '../../calendar/clock.ts';
import { inTenant } from '../../db/transaction.ts';
import {
  CLAIM_OUTCOMES,
  CLAIM_WHY_LENGTH_MAX,
  type ClaimSettlement,
  listLatePayouts,
  type ShownLatePayout,
  settleLatePayout,
  shownLatePayout,
} from '../../payments/reconciliation/late-payouts.ts';
import { addCommand, checkId, type Shell } from '../command.ts';
import type { Column } from '../output.ts';
import { answerPage, type PageOptions, pageOptions } from '../paging.ts';

const AN_ID = '0197a3c0-5a1e-7b57-9d3c-6b6973740001';
const why = z.string().min(1).max(CLAIM_WHY_LENGTH_MAX);

const COLUMNS: Column<ShownLatePayout>[] = [
  { title: 'id', text: ({ id }) => id },
  { title: 'days', align: 'right', text: ({ days_late }) => days_late },
  { title: 'owed', align: 'right', text: ({ compensation }) => `₹${compensation}` },
  { title: 'amount', align: 'right', text: ({ amount, currency }) => `${amount} ${currency}` },
  { title: 'UTR', text: ({ utr }) => utr },
  { title: 'state', text: ({ state }) => state },
  { title: 'debited', text: ({ paid_on }) => paid_on },
  { title: 'back', text: ({ back_on }) => back_on ?? 'not yet' },
];

export function latePayoutCommands(group: Command, shell: Shell): void {
  addCommand<PageOptions>(group, shell, 'late', {
    summary: 'Payouts by IMPS or UPI whose money was gone past T+1, and what banks owe for it',
    examples: ['kist payout late', 'kist payout late --json'],
    options: pageOptions(),
    async run(context, page) {
      const tenant = await context.tenant();
      const pool = await context.pool();
      const asked = { now: systemClock.now() };
      await answerPage(context, page, {
        name: 'payouts',
        rows: async (filter) => {
          const found = await inTenant(pool, tenant, (tx) => listLatePayouts(tx, asked, filter));
          return found.map(shownLatePayout);
        },
        columns: COLUMNS,
        empty: 'No late payouts.',
      });
    },
  });
  addSettle(group, shell);
}

interface SettleOptions {
  as: ClaimSettlement['outcome'];
  reason: string;
}

function addSettle(group: Command, shell: Shell): void {
  addCommand<SettleOptions>(group, shell, 'settle-late <id>', {
    summary: 'Say what became of what a bank owed for a payout that came back late; moves nothing',
    examples: [`kist payout settle-late ${AN_ID} --as paid --reason "in the credit of 20 November"`],
    options: [
      new Option('--as <outcome>', 'not-owed: nobody claims it any more')
        .choices(CLAIM_OUTCOMES)
        .makeOptionMandatory(),
      new Option('--reason <text>', 'what shows it').makeOptionMandatory(),
    ],
    async run(context, { as: outcome, reason }, given) {
      const id = checkId(given!);
      const tenant = await context.tenant();
      const pool = await context.pool();
      const settlement = { outcome, why: why.parse(reason), by: context.actor };
      const change = { action: 'cli.payout.settle-late', tenant, subject: id, arguments: { outcome } };
      const asked = { id, now: systemClock.now() };
      const settled = await context.change(change, () =>
        inTenant(pool, tenant, (tx) => settleLatePayout(tx, asked, settlement)),
      );
      const shown = shownLatePayout(settled);
      context.output.answer({ ...shown, outcome }, () => `₹${shown.compensation} for ${id}: ${outcome}.`);
    },
  });
}
