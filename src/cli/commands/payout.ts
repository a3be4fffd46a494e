import { type Command, Option } from 'commander';
import { systemClock } from '../../calendar/clock.ts';
import { inTenant } from '../../db/transaction.ts';
import { cancelPayout } from '../../payments/payouts/cancel.ts';
import { listPayouts } from '../../payments/payouts/rows.ts';
import { payoutStory, shownPayout } from '../../payments/payouts/story.ts';
import { PAYOUT_STATES, type PayoutState } from '../../payments/states.ts';
import { addCommand, addGroup, checkId, type Shell } from '../command.ts';
import { notFound } from '../exit.ts';
import { answerPage, type PageOptions, pageOptions } from '../paging.ts';
import { PAYOUT_COLUMNS, storyText, storyValue } from '../payment-text.ts';
import { latePayoutCommands } from './late-payout.ts';

const AN_ID = '0197a3c0-5a1e-7b57-9d3c-6b6973740001';

interface ListOptions extends PageOptions {
  state?: PayoutState;
  loan?: string;
  wallet?: string;
}

export function payoutCommands(program: Command, shell: Shell): void {
  const group = addGroup(
    program,
    'payout',
    'Money on its way out: look at it, cancel it, say what banks paid for delay',
  );
  addList(group, shell);
  addCommand(group, shell, 'show <id>', {
    summary: 'A payout: every move with what showed it, the other attempts, what people have to decide',
    examples: [`kist payout show ${AN_ID}`],
    async run(context, _options, given) {
      const id = checkId(given!);
      const tenant = await context.tenant();
      const story = await inTenant(await context.pool(), tenant, (tx) =>
        payoutStory(tx, { tenant, now: systemClock.now() }, id),
      );
      if (!story) throw notFound(`There is no payout ${id} of tenant ${tenant}.`);
      context.output.answer(storyValue(story), () => storyText(story));
    },
  });
  addCancel(group, shell);
  latePayoutCommands(group, shell);
}

function addList(group: Command, shell: Shell): void {
  addCommand<ListOptions>(group, shell, 'list', {
    summary: 'Payouts, newest first',
    examples: ['kist payout list --state suspense', `kist payout list --loan ${AN_ID} --json`],
    options: [
      new Option('--state <state>', 'only those in this state').choices(PAYOUT_STATES),
      new Option('--loan <id>', 'only disbursals of this loan').argParser(checkId),
      new Option('--wallet <id>', 'only of this wallet').argParser(checkId),
      ...pageOptions(),
    ],
    async run(context, { state, loan, wallet, ...page }) {
      const tenant = await context.tenant();
      const pool = await context.pool();
      await answerPage(context, page, {
        name: 'payouts',
        rows: async (filter) => {
          const found = await inTenant(pool, tenant, (tx) =>
            listPayouts(tx, { state, loan, wallet, ...filter }),
          );
          return found.map(shownPayout);
        },
        columns: PAYOUT_COLUMNS,
        empty: 'No payouts.',
      });
    },
  });
}

function addCancel(group: Command, shell: Shell): void {
  addCommand(group, shell, 'cancel <id>', {
    summary: 'Cancel a payout that was not sent yet, or ask the gateway to cancel one that waits there',
    examples: [`kist payout cancel ${AN_ID}`],
    async run(context, _options, given) {
      const id = checkId(given!);
      const tenant = await context.tenant();
      const runtime = await context.runtime();
      const { actor } = context;
      const { payout, job } = await context.change({ action: 'cli.payout.cancel', tenant, subject: id }, () =>
        runtime.transact(tenant, actor, (tx, accept) =>
          cancelPayout(tx, { tenant, actor, clock: systemClock, accept }, id),
        ),
      );
      const { amount, currency, wallet } = payout;
      context.output.answer({ payout: shownPayout(payout), job }, () =>
        job
          ? `The gateway is asked to cancel it; what it says: kist job show ${job.id} --wait 1m`
          : `Cancelled; ${amount} ${currency} lie in wallet ${wallet} again.`,
      );
    },
  });
}
