import type { IsoDate } from '../calendar/business-date.ts';
import { ageDays, type PaymentException } from '../payments/exceptions.ts';
import { type Move, shownMove } from '../payments/moves.ts';
import type { PayoutStory, ShownPayout } from '../payments/payouts/story.ts';
import { type Column, facts, instant, plural, table } from './output.ts';

/** An exception with the days it has waited; null once it is resolved. */
export type AgedException = PaymentException & { age_days: number | null };

/** @param today the tenant's present business date */
export function aged(exception: PaymentException, today: IsoDate): AgedException {
  return { ...exception, age_days: ageDays(exception, today) };
}

/** As `GET /v1/payouts/{id}` has it. */
export function storyValue({ payout, to, moves, attempts, exceptions, today }: PayoutStory) {
  return {
    ...{ ...payout, to, moves: moves.map(shownMove), attempts },
    exceptions: exceptions.map((each) => aged(each, today)),
  };
}

/** A payout for people: how it stands, what showed it, and what they have to do about it. */
export function storyText({ payout, to, moves, attempts, exceptions, today }: PayoutStory): string {
  const parts = [payoutText(payout, to), table(moves, MOVE_COLUMNS, 'No moves.')];
  if (attempts.length > 0)
    parts.push(`Other attempts to pay the same:\n${table(attempts, PAYOUT_COLUMNS, '')}`);
  const open = exceptions.filter(({ resolved_at }) => resolved_at === null).map((each) => aged(each, today));
  if (open.length > 0) parts.push(`For people to decide:\n${table(open, EXCEPTION_COLUMNS, '')}`);
  if (payout.state === 'suspense') parts.push(settleText(payout));
  return parts.join('\n\n');
}

function payoutText(payout: ShownPayout, to: PayoutStory['to']): string {
  const { amount, currency, attempt, instruction } = payout;
  return facts([
    ['id', payout.id],
    ['amount', `${amount} ${currency}`],
    ['purpose', payout.purpose],
    ['state', payout.state],
    ['why', payout.reason],
    ['contradicts', payout.contradicts ? 'another attempt that may have paid' : null],
    ['to', [to.holder, to.account_number, to.ifsc, to.vpa].filter((part) => part !== null).join(', ')],
    ['wallet', payout.wallet],
    ['loan', payout.loan],
    ['reference', payout.reference],
    ['attempt', attempt === 1 ? '1' : `${attempt} of ${instruction}`],
    ['gateway', [payout.gateway, payout.mode, payout.provider_id].filter((part) => part !== null).join(', ')],
    ['UTR', payout.utr],
    ['fees', payout.fees === null ? null : `${payout.fees} ${currency}, ${payout.tax ?? '0.00'} of it tax`],
    ['begun', `${instant(payout.created_at)}, on ${payout.business_date}`],
    ['unknown since', payout.unknown_since],
    ['settled', payout.settled_at],
    ['closed', payout.closed_at],
  ]);
}

/** What only two people can do, ready to be written. */
function settleText({ id }: ShownPayout): string {
  const request = JSON.stringify({ payout: id, as: 'succeeded', utr: 'UTR', why: 'WHY' });
  return `To settle it: kist approval propose payout.settle '${request}', or "as": "failed"`;
}

export function exceptionText(exception: AgedException): string {
  return facts([
    ['id', exception.id],
    ['about', `${exception.kind} ${exception.subject}`],
    ['code', exception.code],
    ['message', exception.message],
    ['raised', `${instant(exception.raised_at)}, ${plural(exception.age_days ?? 0, 'day')} ago`],
    ['owner', exception.owner ?? 'nobody'],
  ]);
}

const MOVE_COLUMNS: Column<Move>[] = [
  { title: 'at', text: ({ at }) => instant(at) },
  { title: 'from', text: ({ from_state }) => from_state },
  { title: 'to', text: ({ to_state }) => to_state },
  { title: 'shown by', text: ({ evidence }) => evidence },
  { title: 'journal', text: ({ journal_id }) => journal_id },
  { title: 'detail', text: ({ detail }) => JSON.stringify(detail) },
];

export const PAYOUT_COLUMNS: Column<ShownPayout>[] = [
  { title: 'id', text: ({ id }) => id },
  { title: 'state', text: ({ state }) => state },
  { title: 'amount', align: 'right', text: ({ amount }) => amount },
  { title: 'currency', text: ({ currency }) => currency },
  { title: 'purpose', text: ({ purpose }) => purpose },
  { title: 'attempt', align: 'right', text: ({ attempt }) => attempt },
  { title: 'begun', text: ({ created_at }) => instant(created_at) },
  { title: 'why', text: ({ reason }) => reason },
];

export const EXCEPTION_COLUMNS: Column<AgedException>[] = [
  { title: 'id', text: ({ id }) => id },
  { title: 'days', align: 'right', text: ({ age_days }) => age_days },
  { title: 'owner', text: ({ owner }) => owner },
  { title: 'about', text: ({ kind, subject }) => `${kind} ${subject}` },
  { title: 'code', text: ({ code }) => code },
  { title: 'message', text: ({ message }) => message },
];
