/** What a swindler would claim of an object instead of what is true. */
const CLAIMS: Record<string, { event: string; status: string }> = {
  'payout.processed': { event: 'payout.reversed', status: 'reversed' },
  'payment.failed': { event: 'payment.captured', status: 'captured' },
  'payment.authorized': { event: 'payment.captured', status: 'captured' },
  'payment.captured': { event: 'payment.failed', status: 'failed' },
  'refund.failed': { event: 'refund.processed', status: 'processed' },
};
const OF_PAYOUTS = { event: 'payout.processed', status: 'processed' };

/** The same event with another outcome claimed; where nothing better fits, the same one. */
export function forgery({ event, payload }: { event: string; payload: Record<string, object> }): {
  event: string;
  payload: Record<string, object>;
} {
  const claim = CLAIMS[event] ?? (event.startsWith('payout.') ? OF_PAYOUTS : null);
  if (!claim) return { event, payload };
  const [name] = event.split('.');
  return {
    event: claim.event,
    payload: { ...payload, [name!]: { ...payload[name!], status: claim.status } },
  };
}
