import type { NoticeFault } from './faults.ts';

export interface Happening {
  /** As Brevo's webhook names it. */
  event: string;
  /** In units of the settings' `receipt_ms`, after acceptance. */
  after: number;
  reason: string | null;
}

export interface MailLife {
  arrived: boolean;
  happenings: Happening[];
  /** Brevo sends nothing to the address from then on. */
  blocks: boolean;
}

type Fate =
  | 'hard-bounce'
  | 'soft-bounce'
  | 'deferred'
  | 'blocked'
  | 'invalid-email'
  | 'spam'
  | 'unsubscribed';

const NO_SUCH_USER = '550 5.1.1 The email account that you tried to reach does not exist';
const FULL = '452 4.2.2 The email account that you tried to reach is over quota';
const BLOCKED = 'blocked : due to blacklist user';

const FATES: Record<Fate, { happenings: [event: string, after: number, reason?: string][]; blocks?: true }> =
  {
    'hard-bounce': { happenings: [['hard_bounce', 1, NO_SUCH_USER]], blocks: true },
    'soft-bounce': { happenings: [['soft_bounce', 1, FULL]] },
    deferred: {
      happenings: [
        ['deferred', 1, '451 4.7.1 Try again later'],
        ['delivered', 10],
      ],
    },
    blocked: { happenings: [['blocked', 1, BLOCKED]] },
    'invalid-email': { happenings: [['invalid_email', 1, 'The domain does not exist']], blocks: true },
    spam: {
      happenings: [
        ['delivered', 1],
        ['spam', 3],
      ],
      blocks: true,
    },
    unsubscribed: {
      happenings: [
        ['delivered', 1],
        ['unsubscribed', 3],
      ],
      blocks: true,
    },
  };

/** What becomes of a mail that Brevo accepted. @param reason the words of a bounce, instead of the usual ones */
export function mailLife(fate: NoticeFault | null, reason: string | null = null): MailLife {
  const known = FATES[fate as Fate] ?? { happenings: [['delivered', 1]] };
  const happenings = known.happenings.map(([event, after, words]) => ({
    ...{ event, after },
    reason: words === undefined ? null : (reason ?? words),
  }));
  return {
    arrived: happenings.some(({ event }) => event === 'delivered'),
    happenings: [{ event: 'request', after: 0, reason: null }, ...happenings],
    blocks: known.blocks === true,
  };
}
