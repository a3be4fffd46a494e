import { escapeHtml } from '../../html/escape.ts';
import type { NoticeFault } from './faults.ts';
import type { Notice, SentSms } from './inbox.ts';

interface Status {
  group: [id: number, name: string];
  status: [id: number, name: string, description: string];
  error: [id: number, name: string, description: string];
  is_permanent: boolean;
}

const NO_ERROR: Status['error'] = [0, 'NO_ERROR', 'No Error'];
const STATUSES: Record<string, Status> = {
  PENDING: {
    group: [1, 'PENDING'],
    status: [26, 'PENDING_ACCEPTED', 'PENDING'],
    error: NO_ERROR,
    is_permanent: false,
  },
  DELIVERED: {
    group: [3, 'DELIVERED'],
    status: [5, 'DELIVERED_TO_HANDSET', 'DELIVERED'],
    error: NO_ERROR,
    is_permanent: false,
  },
  UNDELIVERED: {
    group: [2, 'UNDELIVERABLE'],
    status: [4, 'UNDELIVERABLE_REJECTED_OPERATOR', 'UNDELIVERED'],
    error: [1, 'EC_UNKNOWN_SUBSCRIBER', 'Unknown Subscriber'],
    is_permanent: true,
  },
  EXPIRED: {
    group: [4, 'EXPIRED'],
    status: [15, 'EXPIRED_EXPIRED', 'EXPIRED'],
    error: [27, 'EC_ABSENT_SUBSCRIBER', 'Absent Subscriber'],
    is_permanent: false,
  },
  'DLT-CNT-REJECT': {
    group: [5, 'REJECTED'],
    status: [12, 'REJECTED_DLT', 'DLT-CNT-REJECT'],
    error: [2053, 'DLT-CNT-REJECT', 'Content does not match the registered template'],
    is_permanent: true,
  },
};

/** What a receipt says in the end; null: it never comes to an end. */
export function finalStatusOf(fate: NoticeFault | null): string | null {
  switch (fate) {
    case 'dlt-rejected':
      return 'DLT-CNT-REJECT';
    case 'undelivered':
      return 'UNDELIVERED';
    case 'expired':
      return 'EXPIRED';
    case 'pending':
      return null;
    default:
      return 'DELIVERED';
  }
}

/** The form that 2Factor posts about one SMS. */
export function receiptForm({ provider_id, to }: SentSms, name: string): string {
  const { group, status, error, is_permanent } = STATUSES[name]!;
  return new URLSearchParams({
    ...{ SessionId: provider_id, SmsTo: to.slice(1), SmsStatus: name },
    ...{ StatusGroupId: String(group[0]), StatusGroupName: group[1] },
    ...{ StatusId: String(status[0]), StatusName: status[1], StatusDescription: status[2] },
    ...{ ErrorGroupId: error[0] === 0 ? '0' : '1', ErrorGroupName: error[0] === 0 ? 'OK' : 'HANDSET_ERRORS' },
    ...{ ErrorId: String(error[0]), ErrorName: error[1], ErrorDescription: error[2] },
    ErrorPermanent: String(is_permanent),
  }).toString();
}

/** The receipt that can be asked for, of all messages of a session as they are at a moment. */
export function receiptXml(sent: readonly Notice[], now_ms: number): string {
  if (sent.length === 0) return '<smsLog><logStatus>ERROR</logStatus></smsLog>';
  const messages = sent.map((notice) => {
    const happened = notice.events.find(({ at_ms }) => at_ms <= now_ms);
    const { group, status, error } = STATUSES[happened?.event ?? 'PENDING']!;
    return `<sms><smsId>${escapeHtml(notice.provider_id)}</smsId><smsTo>${notice.to.slice(1)}</smsTo>${
      `<smsStatus><statusId>${status[0]}</statusId><statusGroupId>${group[0]}</statusGroupId>` +
      `<statusDesc>${status[2]}</statusDesc></smsStatus>`
    }<smsError><errorId>${error[0]}</errorId><errorGroupId>${error[0] === 0 ? 0 : 1}</errorGroupId></smsError></sms>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?><smsLog><logStatus>SUCCESS</logStatus>${messages.join('')}</smsLog>`;
}
