import { failure, kebab, shownWords } from '../http.ts';
import type { ProviderError, ProviderErrorKind } from '../provider.ts';

export const SMTP = { name: 'smtp', title: 'The mail server' };

/** What nodemailer throws. */
interface SmtpError {
  /** Nodemailer's own: EAUTH, EENVELOPE, … or the system's. */
  code?: string;
  /** What the server said, and its number. */
  response?: string;
  responseCode?: number;
  /** What it was said to. */
  command?: string;
  message?: string;
}

/** How far the mail had come when it failed. */
interface Standing {
  is_whole: boolean;
  timed_out: boolean;
}

/** Only somebody who mends the account or its settings helps against these. */
const ACCOUNT_CODES = ['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ECONFIG', 'EREQUIRETLS'];
const ACCOUNT_REPLIES = [530, 534, 535, 538];
const MESSAGE_CODES = ['EENVELOPE', 'EMESSAGE', 'EMAXRECIPIENTS'];
/** A certificate that we do not trust; nodemailer keeps OpenSSL's words alone. */
const UNTRUSTED = /certificate|altname|self.signed/i;
/** Out of step: it says nothing of the mail. */
const OUT_OF_STEP = 503;

/** @param hidden what must not be repeated */
export function errorOf(
  error: unknown,
  { is_whole, timed_out }: Standing,
  hidden: readonly string[],
): ProviderError {
  const smtp = error as SmtpError;
  const { code = '', responseCode, response = '' } = smtp;
  if (responseCode !== undefined && !timed_out) {
    const [kind, name] = repliedAs(responseCode, smtp);
    return failure(SMTP, kind, name, { words: shownWords(response, hidden) });
  }
  if (is_whole) return failure(SMTP, 'unknown', 'lost-after-data', { words: timed_out ? 'ETIMEDOUT' : code });
  if (timed_out) return failure(SMTP, 'again', 'timeout');
  if (ACCOUNT_CODES.includes(code)) return failure(SMTP, 'locked-out', kebab(code.slice(1)));
  if (MESSAGE_CODES.includes(code)) return failure(SMTP, 'rejected', kebab(code.slice(1)));
  if (UNTRUSTED.test(smtp.message ?? '')) return failure(SMTP, 'locked-out', 'untrusted-certificate');
  return failure(SMTP, 'again', code === 'ETIMEDOUT' ? 'timeout' : 'unreachable', { words: code });
}

function repliedAs(
  reply: number,
  { code, command = '', response = '' }: SmtpError,
): [ProviderErrorKind, string] {
  if (reply < 500 || reply === OUT_OF_STEP) return ['again', `reply-${reply}`];
  if (code === 'EAUTH' || ACCOUNT_REPLIES.includes(reply)) return ['locked-out', 'auth-refused'];
  if (code === 'ETLS') return ['locked-out', 'tls-refused'];
  // Said before there was any mail: to us, not to it.
  if (code === 'EPROTOCOL' || code === 'ECONNECTION') return ['locked-out', 'refused-us'];
  if (command === 'RCPT TO' && saysNobody(response)) return ['dead-address', 'no-such-mailbox'];
  return ['rejected', `reply-${reply}`];
}

/** RFC 3463: no such mailbox, no such host, not an address, moved, takes no mail, disabled. */
const NOBODY = ['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1'];
const NOBODY_WORDS = /no such|unknown|not exist|not found|no mailbox|invalid (?:mailbox|recipient|user)/i;

/** Nobody ever has mail there. 550 alone says it of spam as well as of strangers. */
function saysNobody(response: string): boolean {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(response)?.[1];
  return enhanced === undefined ? NOBODY_WORDS.test(response) : NOBODY.includes(enhanced);
}
