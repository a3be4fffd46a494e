/** The Monday on which the demo's applications come in, and the books of its tenant begin. */
export const START_DATE = '2026-01-05';

/** Business days lived through after that. */
export const BUSINESS_DAYS = 60;
export const DAYS_A_WEEK = 5;

/** Half past nine of a day in India, when the branches open. */
export function morning(date: string): Date {
  return new Date(`${date}T04:00:00Z`);
}

/** Five minutes after that: the banks have paid what was paid out at once. */
export function afterPayouts(date: string): Date {
  return new Date(`${date}T04:05:00Z`);
}

/** A quarter to midnight in India, when the day's books have been sealed. */
export function night(date: string): Date {
  return new Date(`${date}T18:15:00Z`);
}
