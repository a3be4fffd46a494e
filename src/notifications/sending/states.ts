/**
 * The life of a message, once its job has begun to send it. What is held back before that (a closed contact window, a
 * held lane) or given up (expired, suppressed, no longer true) has no row yet: its job tells why.
 *
 *   sending    A provider is being asked, or will be asked again.
 *     → sent       a provider has taken it
 *     → failed     never for this message or address; or its tries are used up: its job is dead
 *     → stopped    it is no longer wanted: its deadline passed, or what it says is no longer true
 *   sent       Underway to the person.
 *     → delivered  a receipt says so
 *     → bounced    a receipt says that it did not and will not arrive
 *   delivered  → bounced   (a mail that was taken and came back)
 *   failed     → sending   somebody redrove the job
 *
 *   sending, failed, stopped → sent, delivered, bounced
 *                           a receipt says that a try had gone out whose answer was lost, or has yet to come
 *
 * A receipt may be faster than the provider's answer: what is delivered stays so when the answer comes. Receipts come
 * in any order and more than once: what is bounced stays bounced.
 */
export const MESSAGE_STATES = ['sending', 'sent', 'delivered', 'bounced', 'failed', 'stopped'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

/** Taken by a provider, whatever became of it then. */
export const TAKEN: readonly MessageState[] = ['sent', 'delivered', 'bounced'];

/** The state that a receipt moves a message to; null where it says nothing new. */
export function afterReceipt(
  state: MessageState,
  says: 'taken' | 'delivered' | 'bounced',
): MessageState | null {
  if (says === 'taken') return TAKEN.includes(state) ? null : 'sent';
  if (state === 'bounced' || state === says) return null;
  return says;
}
