import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { lenderName } from '../../documents/statement-rows.ts';
import type { Heard } from '../../events/listeners.ts';
import { type EventDocument, eventsById } from '../../events/views.ts';
import { businessDayAt } from '../../ledger/business-day.ts';
import { ACCEPT_BATCH_MAX } from '../../runtime/accept.ts';
import type { Job, JobRequest, TransactionContext } from '../../runtime/definition.ts';
import { CHANNELS } from '../channels.ts';
import { type Reader, readersOf } from './contacts.ts';
import { applicationFactsOf, loanFactsOf } from './facts.ts';
import { datesOf, type Happened, momentOf, text } from './happened.ts';
import { messagesOf } from './messages.ts';
import { rulesFor, type StoredRule } from './rules.ts';
import { tellingOf, UNTOLD } from './telling.ts';

const NOTHING = ['no-rule', 'no-event', ...UNTOLD] as const;

const noticeSent = z.strictObject({
  rule: z.string(),
  notification: z.uuid(),
  channel: z.enum(CHANNELS),
});

export const noticeResult = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('accepted'), messages: z.array(noticeSent) }),
  z
    .strictObject({ outcome: z.literal('nobody-reached'), rules: z.array(z.string()) })
    .meta({ description: 'the borrower has no address by any of the channels' }),
  z.strictObject({ outcome: z.literal('nothing-to-tell'), code: z.enum(NOTHING) }),
]);
export type NoticeAnswer = z.input<typeof noticeResult>;

/**
 * Accepts what borrowers are to be told of events, by the tenant's rules. Set-based: as many statements for many
 * events as for one.
 * @returns one answer a job, in order
 */
export async function acceptNotices(
  tx: Transaction,
  { clock, accept }: Pick<TransactionContext, 'clock' | 'accept'>,
  jobs: readonly Job<Heard>[],
): Promise<NoticeAnswer[]> {
  const { tenant } = jobs[0]!;
  const events = await eventsById(
    tx,
    jobs.map(({ payload }) => payload.event),
  );
  const rules = await rulesFor(tx, [...new Set([...events.values()].map(({ type }) => type))]);
  const about = await gather(tx, { tenant, now: clock.now() }, [...events.values()], rules);
  const readers = await readersOf(tx, about.flatMap(borrowerOf));
  const happened = new Map(about.map((each) => [each.event.id, each]));
  const requests: JobRequest[] = [];
  const answers = jobs.map(({ id, trace, payload }) => {
    if (!events.has(payload.event)) return nothing('no-event');
    const told = happened.get(payload.event);
    const fitting = told ? rules.filter((rule) => fits(rule, told)) : [];
    if (!told || fitting.length === 0) return nothing('no-rule');
    const { answer, messages } = answerOf(tenant, told, fitting, readers);
    requests.push(...messages.map((message) => ({ ...message, follows: { id, trace } })));
    return answer;
  });
  for (let start = 0; start < requests.length; start += ACCEPT_BATCH_MAX) {
    await accept(requests.slice(start, start + ACCEPT_BATCH_MAX));
  }
  return answers;
}

/** What is known of the events that a rule is about. */
async function gather(
  tx: Transaction,
  { tenant, now }: { tenant: string; now: Date },
  events: readonly EventDocument[],
  rules: readonly StoredRule[],
): Promise<Happened[]> {
  const wanted = events.filter(({ type }) => rules.some(({ event_type }) => event_type === type));
  if (wanted.length === 0) return [];
  const day = await businessDayAt(tx, tenant, now);
  const named = (name: string) => wanted.flatMap((event) => text(event, name) ?? []);
  const loans = await loanFactsOf(tx, named('loan'));
  const applications = await applicationFactsOf(tx, named('application'), day);
  const lender = await lenderName(tx);
  return wanted.map((event) => ({
    ...{ event, lender, calendar: day.calendar, ...datesOf(event, day.calendar) },
    loan: loans.get(text(event, 'loan') ?? '') ?? null,
    application: applications.get(text(event, 'application') ?? '') ?? null,
  }));
}

function borrowerOf({ loan, application }: Happened): string[] {
  return [loan?.borrower ?? application?.borrower ?? []].flat();
}

function fits({ event_type, moment }: StoredRule, happened: Happened): boolean {
  return event_type === happened.event.type && (moment === null || moment === momentOf(happened));
}

function answerOf(
  tenant: string,
  happened: Happened,
  rules: readonly StoredRule[],
  readers: ReadonlyMap<string, Reader>,
): { answer: NoticeAnswer; messages: JobRequest[] } {
  const told = tellingOf(happened);
  if (typeof told === 'string') return { answer: nothing(told), messages: [] };
  const [borrower] = borrowerOf(happened);
  const reader = readers.get(borrower ?? '');
  const messages = reader
    ? rules.flatMap((rule) => messagesOf(tenant, happened.event.id, { rule, reader, told }))
    : [];
  if (messages.length === 0) {
    return { answer: { outcome: 'nobody-reached', rules: rules.map(({ name }) => name) }, messages: [] };
  }
  return {
    answer: {
      outcome: 'accepted',
      messages: messages.map(({ rule, notification, channel }) => ({ rule, notification, channel })),
    },
    messages: messages.map(({ request }) => request),
  };
}

function nothing(code: (typeof NOTHING)[number]): NoticeAnswer {
  return { outcome: 'nothing-to-tell', code };
}
