import { heard } from '../src/events/listeners.ts';
import { acceptNotices, noticeResult } from '../src/notifications/notices/accept-notices.ts';
import { NOTICE_KIND } from '../src/notifications/notices/rules.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: NOTICE_KIND,
  queue: 'notifications',
  summary: 'Accepts what a borrower is told of an event, by the tenant’s notice rules: a message a channel.',
  payload: heard,
  result: noticeResult,
  key: ({ event }) => event,
  public: false,

  run: (tx, jobs, context) => acceptNotices(tx, context, jobs),
});
