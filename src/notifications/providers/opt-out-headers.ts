/** By which mail programs show a button beside a mail (RFC 2369) and end such mails with one request (RFC 8058). */
export function optOutHeaders(link: string | null): Record<string, string> {
  if (link === null) return {};
  return { 'List-Unsubscribe': `<${link}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}
