import { v7 as uuidv7 } from 'uuid';
import disburse from '../../../jobs/loan.disburse.ts';
import notice from '../../../jobs/notification.notice.ts';
import type { SteppedClock } from '../../../src/calendar/clock.ts';
import { fanOut } from '../../../src/events/fan-out.ts';
import type { Heard } from '../../../src/events/listeners.ts';
import { applicationRequest } from '../../../src/loans/application-request.ts';
import { approveApplication, createApplication } from '../../../src/loans/applications.ts';
import { beginCheck, concludeCheck } from '../../../src/loans/credit-check.ts';
import type { Channel } from '../../../src/notifications/channels.ts';
import type { NoticeAnswer } from '../../../src/notifications/notices/accept-notices.ts';
import { type ContactRequest, setContact } from '../../../src/notifications/notices/contacts.ts';
import { switchNotices } from '../../../src/notifications/notices/rules.ts';
import type { Payload } from '../../../src/notifications/payload.ts';
import { BUILT_INS } from '../../../src/notifications/templates/built-in/catalogue.ts';
import { withoutNulls } from '../../../src/notifications/templates/data.ts';
import type { JobRequest } from '../../../src/runtime/definition.ts';
import type { AcceptInTransaction } from '../../../src/runtime/types.ts';
import { type Lender, openLender } from '../../loans/lending.ts';
import type { TestDatabase } from '../../support/database.ts';

const accept: AcceptInTransaction = async (requests) => requests.map(() => ({ id: uuidv7() }) as never);
const REPORT = { report_id: 'r', score: 720, open_loans: 0, fraud_flag: false };

/** A lender whose borrowers are told what happens. */
export interface TellingLender extends Lender {
  switchOn(channels?: Channel[]): Promise<void>;
  /** An application with an offer; the applicant's reference is the answer. */
  offer(): Promise<{ application: string; reference: string; borrower: string }>;
  /** A loan of 12,000 over three months, paid out. */
  lend(contact?: ContactRequest): Promise<{ loan: string; reference: string; borrower: string }>;
  contact(borrower: string, contact: ContactRequest): Promise<void>;
  /** Fans out what was emitted. @returns what the notices answered, and the messages that they accepted */
  hear(): Promise<{ answers: NoticeAnswer[]; messages: (Payload & { kind: string })[] }>;
  /** Runs the notices of these events (again). */
  notice(heard: Heard[]): Promise<NoticeAnswer[]>;
}

export async function openTelling(database: TestDatabase, clock?: SteppedClock): Promise<TellingLender> {
  const lender = await openLender(database, 'acme', clock);
  const now = () => lender.clock.now();
  const shop = () => ({ tenant: 'acme', now: now(), actor: 'service:shop' });
  const offer: TellingLender['offer'] = async () => {
    const reference = uuidv7().slice(-8);
    const applicant = {
      ...{ reference: `b-${reference}`, name: 'Asha Rao', phone: '+919845012345' },
      ...{ date_of_birth: '1990-04-01', city: 'Pune' },
    };
    const terms = { amount: '12000', tenure_months: 3, monthly_income: '90000', monthly_obligations: '0' };
    const request = applicationRequest.parse({ reference, applicant, ...terms });
    const { application } = await lender.run((tx) => createApplication(tx, accept, shop(), request));
    await lender.run((tx) => beginCheck(tx, shop(), application.id));
    await lender.run((tx) => concludeCheck(tx, shop(), application.id, REPORT));
    return { application: application.id, reference, borrower: applicant.reference };
  };
  const contact: TellingLender['contact'] = async (borrower, wish) => {
    await lender.run((tx) => setContact(tx, borrower, wish, now()));
  };
  const notices: TellingLender['notice'] = (heard) =>
    lender.work(notice, heard) as unknown as Promise<NoticeAnswer[]>;
  return {
    ...lender,
    offer,
    contact,
    notice: notices,
    switchOn: (channels) =>
      lender.run((tx) => switchNotices(tx, { enabled: true, channels }, 'operator:meera')),
    lend: async (wish = { email: 'asha@example.in' }) => {
      const { application: id, ...names } = await offer();
      const meera = { ...shop(), actor: 'operator:meera' };
      const { application } = await lender.run((tx) => approveApplication(tx, accept, meera, id));
      await contact(names.borrower, wish);
      await lender.work(disburse, [{ loan: application.loan_id! }]);
      return { loan: application.loan_id!, ...names };
    },
    hear: async () => {
      const { deliveries } = await lender.run((tx) => fanOut(tx));
      const heard = deliveries
        .filter(({ kind }) => kind === notice.kind)
        .map(({ payload }) => payload as Heard);
      const before = lender.accepted.length;
      const answers = heard.length > 0 ? await notices(heard) : [];
      return { answers, messages: lender.accepted.slice(before).map(messageOf) };
    },
  };
}

/** A message as it was accepted; what a built-in template needs must be in it. */
function messageOf({ kind, payload }: JobRequest) {
  const message = payload as Payload;
  BUILT_INS.get(message.template!)?.needs.parse(withoutNulls(message.data!));
  return { kind, ...message };
}
