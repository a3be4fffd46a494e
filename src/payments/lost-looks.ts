const LOST_LOOK_MS = 24 * 3_600_000;

/**
 * When to look again where the job that was to look says nothing: it was cancelled, or is dead. What is to be
 * looked at is never without a look to come.
 */
export function lookAfterLost(now: Date): Date {
  return new Date(now.getTime() + LOST_LOOK_MS);
}
