import type { Transaction } from '../db/pools.ts';
import { applyPaymentPicture } from './collections/apply.ts';
import { applyDisputePicture } from './collections/disputes.ts';
import { applyOrderPicture } from './collections/orders.ts';
import { applyRefundPicture } from './collections/refunds.ts';
import type { AnyPicture, Gateway, GatewayCall } from './gateway/gateway.ts';
import type { Applied, Occasion } from './occasion.ts';
import { applyPayoutPicture } from './payouts/apply.ts';

/** `unheeded`: nothing here goes by pictures of its kind. */
export type Reading = Applied | 'unheeded';

/** Goes by what a gateway says of an object, whatever it is. */
export async function applyPicture(
  tx: Transaction,
  occasion: Occasion & { gateway: string },
  picture: AnyPicture,
): Promise<Reading> {
  switch (picture.of) {
    case 'payout':
      return applyPayoutPicture(tx, occasion, picture);
    case 'payment':
      return applyPaymentPicture(tx, occasion, picture);
    case 'order':
      return applyOrderPicture(tx, occasion, picture);
    case 'refund':
      return applyRefundPicture(tx, occasion, picture);
    case 'dispute':
      return applyDisputePicture(tx, occasion, picture);
    case 'settlement':
      return 'unheeded';
  }
}

/** Asks the gateway how an object stands. @throws GatewayError */
export async function fetchPicture(
  gateway: Gateway,
  { of, id }: Pick<AnyPicture, 'of' | 'id'>,
  call: GatewayCall,
): Promise<AnyPicture> {
  switch (of) {
    case 'payout':
      return gateway.payout(id, call);
    case 'payment':
      return gateway.payment(id, call);
    case 'order':
      return gateway.order(id, call);
    case 'refund':
      return gateway.refund(id, call);
    case 'dispute':
      return gateway.dispute(id, call);
    case 'settlement':
      throw new RangeError('A settlement is not asked for by its id.');
  }
}
