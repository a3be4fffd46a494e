/**
 * What comes of comparing one thing with what the gateway and the bank say of it. Of each thing the first
 * that applies, in the order in which it can be told:
 *
 *   missing-here   they tell of money that our books know nothing of
 *   missing-there  our books have money moved, and a statement of that time does not show it
 *   duplicate      it is there twice: a line, or a UTR
 *   currency       it is there in another currency
 *   status         it is there with another end: debited and failed, back and still paid
 *   amount, fee, tax   it is there with other sums
 *   late           it is there, some days after its time: nothing to do
 *   explained      an adjustment of the gateway's: it is in the settlement's sum, and lies in suspense
 *   matched        all three agree
 *   awaited        its time has not come, or no statement of that time was read: no break
 */
export const RESULTS = [
  ...(['matched', 'awaited', 'explained', 'late', 'missing-here', 'missing-there', 'duplicate'] as const),
  ...(['currency', 'status', 'amount', 'fee', 'tax'] as const),
] as const;
export type Result = (typeof RESULTS)[number];

export const SUBJECT_KINDS = [
  ...(['payout', 'collection', 'refund', 'settlement', 'adjustment', 'bank-line', 'account-check'] as const),
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** No break, and nothing to look at. */
export const SOUND: readonly Result[] = ['matched', 'awaited'];
/** A break that needs nobody: it says what was odd, and why it is all right. */
export const EXPLAINED: readonly Result[] = ['late', 'explained'];

/** A payout may come back so many business days after it succeeded; then, matched, it is closed. */
export const REVERSAL_DAYS = 3;
/** Business days after which a payout is missing on a statement that covers them; shown later it is late. */
export const PAYOUT_DAYS = 1;
/** Business days from the capture to the settlement, one of them the gateway's leeway. */
export const SETTLEMENT_DAYS = 3;
/** Business days from the settlement to the bank. */
export const BANK_DAYS = 1;
