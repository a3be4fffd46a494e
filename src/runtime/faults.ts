/**
 * Named points at which a test may stop, break or kill a process. In production `reach` is a lookup in
 * an empty map. Tests arm a point in their own process with `arm`, or in a child process through
 * KIST_TEST_FAULT=<point>:kill (honoured only with NODE_ENV=test).
 */
export const FAULT_POINTS = [
  'accept.committed',
  'dispatch.before-carrier',
  'claim.locked',
  'group.midway',
  'commit.before',
  'commit.after',
  'staged.preparing',
  'staged.prepared',
  'staged.called',
  'sweep.before-commit',
  'follow.before-commit',
  'payout.begun',
  'payout.contact-made',
  'payout.registered',
  'payout.stored',
  'payout.sent',
  'payout.unknown',
  'payout.suspended',
  'payout.moved',
  'debit.stored',
  'notification.begun',
  'notification.sent',
  'notification.failed',
  'check.stored',
  'check.sent',
  'day.carried',
  'day.chunk-done',
  'day.before-shut',
  'day.before-report',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

const armed = new Map<FaultPoint, () => Promise<void> | void>();

/** Does nothing unless a test armed the point. */
export function reach(point: FaultPoint): Promise<void> | void {
  if (armed.size > 0) return armed.get(point)?.();
}

/** @returns a function that disarms the point again. */
export function arm(point: FaultPoint, act: () => Promise<void> | void): () => void {
  armed.set(point, act);
  return () => armed.delete(point);
}

const ordered = process.env.NODE_ENV === 'test' ? process.env.KIST_TEST_FAULT : undefined;
if (ordered) {
  const [point, act] = ordered.split(':');
  if (act === 'kill')
    arm(point as FaultPoint, () => process.kill(process.pid, 'SIGKILL') as unknown as undefined);
}
