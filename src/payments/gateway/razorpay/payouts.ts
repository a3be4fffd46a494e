import type { Gateway, PayoutOrder, PayoutPicture, PayoutStatus } from '../gateway.ts';
import { unknownOutcome } from './answers.ts';
import type { Send } from './http.ts';
import { paise } from './money.ts';
import { reasonOf } from './reasons.ts';
import { collectionOf, type PayoutEntity, payout } from './schemas.ts';

const KEY = /^[A-Za-z0-9_\- ]{4,36}$/;
const NARRATION_MAX = 30;
const REFERENCE_MAX = 40;
/** There is one of a reference; a second one would be a contradiction, and is asked for to be seen. */
const OF_REFERENCE_MAX = 10;
/** Razorpay's word for what the money is for; more are made by hand in its dashboard. */
const PURPOSES: Record<PayoutOrder['purpose'], string> = { disbursal: 'payout', withdrawal: 'refund' };

type Payouts = Pick<Gateway, 'payoutBody' | 'sendPayout' | 'payout' | 'payoutByReference' | 'cancelPayout'>;

/** Payouts of RazorpayX (docs: api/x/payouts, api/x/payout-idempotency). */
export function createPayouts(send: Send): Payouts {
  const one = (id: string) => `/payouts/${encodeURIComponent(id)}`;
  return {
    payoutBody,
    async sendPayout({ key, body }, call) {
      if (!KEY.test(key)) throw new RangeError('Not a key that Razorpay takes.');
      const headers = { 'x-payout-idempotency': key };
      const picture = payoutPicture(await send({ path: '/payouts', answer: payout, body, headers }, call));
      const wanted: unknown = JSON.parse(body).reference_id;
      if (picture.reference !== null && picture.reference !== wanted) throw unknownOutcome('other-payout');
      return picture;
    },
    payout: async (id, call) => payoutPicture(await send({ path: one(id), answer: payout }, call)),
    async payoutByReference(reference, call) {
      const query = {
        account_number: call.account.account_number,
        reference_id: reference,
        count: OF_REFERENCE_MAX,
      };
      const found = await send({ path: '/payouts', answer: collectionOf(payout), query }, call);
      const [first, second] = found.items.filter((item) => item.reference_id === reference);
      if (second) throw unknownOutcome('several-of-reference');
      return first ? payoutPicture(first) : null;
    },
    cancelPayout: async (id, call) =>
      payoutPicture(await send({ path: `${one(id)}/cancel`, answer: payout, body: '{}' }, call)),
  };
}

function payoutBody(order: PayoutOrder, account: { account_number: string }): string {
  if (order.id.length > REFERENCE_MAX) throw new RangeError(`A reference has ${REFERENCE_MAX} characters.`);
  const narration = plainWords(order.narration);
  return JSON.stringify({
    account_number: account.account_number,
    fund_account_id: order.fund_account,
    amount: paise(order),
    currency: order.currency,
    mode: order.mode,
    purpose: PURPOSES[order.purpose],
    queue_if_low_balance: true,
    reference_id: order.id,
    ...(narration !== '' && { narration }),
    notes: { payout: order.id },
  });
}

/** What banks pass on: letters without their marks, digits and single spaces. */
function plainWords(words: string): string {
  return words
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .trim()
    .slice(0, NARRATION_MAX)
    .trim();
}

/** In these nothing is charged yet, and the zero that Razorpay writes is no fee. */
const BEFORE_FEES: readonly PayoutStatus[] = ['pending', 'queued', 'scheduled', 'cancelled', 'rejected'];

export function payoutPicture(entity: PayoutEntity): PayoutPicture {
  const status = entity.status === 'processed' ? 'succeeded' : entity.status;
  const isCharged = !BEFORE_FEES.includes(status);
  return {
    of: 'payout',
    id: entity.id,
    reference: entity.reference_id,
    status,
    amount: entity.amount,
    currency: entity.currency,
    mode: entity.mode,
    fees: isCharged ? entity.fees : null,
    tax: isCharged ? entity.tax : null,
    utr: entity.utr,
    reason: reasonOf(entity),
    created_at: entity.created_at,
  };
}
