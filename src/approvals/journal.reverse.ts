import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import { formatAmount, sum, toDecimal } from '../ledger/money.ts';
import { post } from '../ledger/post.ts';
import { reversalOf } from '../ledger/reverse.ts';
import { journalOf } from '../ledger/statements.ts';
import { defineAction } from './define.ts';

/**
 * Kinds that touch nothing but accounts. What also moves a loan's schedule, or a hold, is undone by its
 * own operation: the books alone would leave the two telling different stories.
 */
const REVERSIBLE = /^(wallet\.(deposit|transfer|withdraw)|manual\.[a-z-]+)$/;

export default defineAction({
  action: 'journal.reverse',
  summary: 'Reverse a journal: the same entries the other way round, as a journal of today',
  scope: { propose: 'ledger:reverse', approve: 'ledger:approve' },
  request: z.strictObject({ journal: z.uuid() }),

  async facts(tx, { journal: id }) {
    const journal = await journalOf(tx, id);
    if (!journal) throw new ActionRefused('not-found', `There is no journal ${id}.`);
    const { kind, key, business_date, entries } = journal;
    if (!REVERSIBLE.test(kind)) {
      throw new ActionRefused(
        'not-reversible',
        `A journal of kind ${kind} is undone by an operation of its own.`,
      );
    }
    const debits = entries.filter(({ direction }) => direction === 'debit');
    const amount = formatAmount(sum(debits.map((entry) => toDecimal(entry.amount))));
    return { kind, key, business_date, amount, entries };
  },

  describe: ({ journal, kind, amount, business_date }) =>
    `Reverse journal ${journal} (${kind} of ${amount}, ${business_date}).`,

  amount: ({ amount }) => amount,

  async apply(tx, { journal }, { tenant, now }) {
    const business_date = await businessDateAt(tx, tenant, now);
    const draft = await reversalOf(tx, journal, { business_date, posted_at: now });
    const [posting] = await post(tx, [draft]);
    switch (posting!.status) {
      case 'posted':
        return { journal: posting!.journal };
      case 'duplicate':
        throw new ActionRefused(
          'already-reversed',
          `Journal ${journal} was reversed by ${posting!.journal}.`,
        );
      default:
        throw new ActionRefused(posting!.status, `Account ${posting!.account} cannot give it back.`);
    }
  },
});
