import { type Command, Option } from 'commander';
import { systemClock } from '../../calendar/clock.ts';
import { inTenant } from '../../db/transaction.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import {
  assignException,
  EXCEPTION_STATES,
  type ExceptionFilter,
  listExceptions,
} from '../../payments/exceptions.ts';
import { addCommand, addGroup, checkId, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { answerPage, type PageOptions, pageOptions } from '../paging.ts';
import { aged, EXCEPTION_COLUMNS, exceptionText } from '../payment-text.ts';

const AN_ID = '0197a3c0-5a1e-7b57-9d3c-6b6973740001';

interface ListOptions extends PageOptions {
  state?: ExceptionFilter['state'] | 'all';
  subject?: string;
}

export function paymentCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'payment', 'What no machine may decide about payments');
  addExceptions(group, shell);
  addCommand(group, shell, 'assign <exception> <owner>', {
    summary: 'Say which operator of the tenant looks after an exception',
    examples: [`kist payment assign ${AN_ID} meera@acme.example`],
    run: (context, _options, exception, owner) => assign(context, checkId(exception!), owner!),
  });
  addCommand(group, shell, 'unassign <exception>', {
    summary: 'Say that nobody looks after an exception any more',
    examples: [`kist payment unassign ${AN_ID}`],
    run: (context, _options, exception) => assign(context, checkId(exception!), null),
  });
}

function addExceptions(group: Command, shell: Shell): void {
  addCommand<ListOptions>(group, shell, 'exceptions', {
    summary: 'What people must look at, the oldest first; docs/payments.md tells what each code asks for',
    examples: ['kist payment exceptions', `kist payment exceptions --subject ${AN_ID} --state all --json`],
    options: [
      new Option('--state <state>', 'only those in this state')
        .choices([...EXCEPTION_STATES, 'all'])
        .default('open'),
      new Option('--subject <id>', 'only about this payout, collection, refund or loan').argParser(checkId),
      ...pageOptions(),
    ],
    async run(context, { state = 'open', subject, ...page }) {
      const tenant = await context.tenant();
      const pool = await context.pool();
      await answerPage(context, page, {
        name: 'exceptions',
        rows: (filter) =>
          inTenant(pool, tenant, async (tx) => {
            const today = await businessDateAt(tx, tenant, systemClock.now());
            const wanted = { ...filter, subject, state: state === 'all' ? undefined : state };
            return (await listExceptions(tx, wanted)).map((each) => aged(each, today));
          }),
        columns: EXCEPTION_COLUMNS,
        empty: 'No exceptions.',
      });
    },
  });
}

/** To close one takes two people: `payment-exception.resolve`. */
async function assign(context: Context, id: string, owner: string | null): Promise<void> {
  const tenant = await context.tenant();
  const pool = await context.pool();
  const change = { action: 'cli.payment.assign', tenant, subject: id, arguments: { owner } };
  const exception = await context.change(change, () =>
    inTenant(pool, tenant, async (tx) =>
      aged(await assignException(tx, id, owner), await businessDateAt(tx, tenant, systemClock.now())),
    ),
  );
  context.output.answer(exception, () => exceptionText(exception));
}
