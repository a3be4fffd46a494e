import { escapeHtml } from '../html/escape.ts';
import { maskedAddress } from '../notifications/masked.ts';
import type { OptOut } from '../notifications/opt-out/link.ts';
import { page } from './pages.ts';

/** What ends, and what goes on, in the reader's words. */
const WORDS: Record<OptOut['category'], { ends: string; goes_on: string }> = {
  reminder: {
    ends: 'reminders and offers',
    goes_on:
      'You will still be told what a lender must tell you: payments received, statements, changes to your loan. ' +
      'What is due stays due, on its day.',
  },
  marketing: {
    ends: 'offers and advertising',
    goes_on: 'Reminders of what is due, and whatever else concerns your loan, you will still get.',
  },
};

/** Asks before it ends anything: scanners of mail follow links, people press buttons. */
export function optOutPage(lender: string, wish: OptOut): string {
  const { ends, goes_on } = WORDS[wish.category];
  return page(
    'Unsubscribe',
    `<h1>Unsubscribe</h1>
<p>No more ${ends} from <strong>${escapeHtml(lender)}</strong> to ${addressOf(wish)}?</p>
<p>${goes_on}</p>
<form method="post"><button>Unsubscribe</button></form>`,
    'narrow',
    lender,
  );
}

export function optedOutPage(lender: string, wish: OptOut): string {
  const { ends, goes_on } = WORDS[wish.category];
  return page(
    'Unsubscribed',
    `<h1>Unsubscribed</h1>
<p role="status"><strong>${escapeHtml(lender)}</strong> sends no more ${ends} to ${addressOf(wish)}.</p>
<p>${goes_on}</p>
<p>If you did not mean this, ask ${escapeHtml(lender)} to write to you again.</p>`,
    'narrow',
    lender,
  );
}

export function unknownLinkPage(): string {
  return page(
    'Unknown link',
    `<h1>Unknown link</h1>
<p role="alert" class="problem">This link does not lead to anything, or not any more. Was all of it copied?</p>
<p>Newer messages have newer links. You may also ask whoever wrote to you to stop.</p>`,
    'narrow',
    'Unsubscribe',
  );
}

function addressOf({ channel, address }: OptOut): string {
  return `<strong>${escapeHtml(maskedAddress(channel, address))}</strong>`;
}
