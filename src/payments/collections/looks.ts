const MIN = 60_000;
const H = 60 * MIN;
const DAY = 24 * H;

/** Absence of an event is never proof: so the gateway is asked, often at first. */
const LADDER_MS = [MIN, 2 * MIN, 5 * MIN, 10 * MIN, 20 * MIN, 40 * MIN, H];
/** Then every hour for a day, and every six hours after it. */
const HOURLY_LOOKS = LADDER_MS.length + 24;
const EVERY_MS = 6 * H;
/** A late authorisation may take three days, what nobody captured goes back after five, a bank holiday more. */
const ORDERS_LOOKED_AT_MS = 8 * DAY;

export function firstLookAt(now: Date): Date {
  return later(now, LADDER_MS[0]!);
}

/** When a thing under way is asked after again, by the business clock, once it was so `looks` times. */
export function nextLookAt(looks: number, now: Date): Date {
  return later(now, LADDER_MS[looks] ?? (looks < HOURLY_LOOKS ? H : EVERY_MS));
}

/** As nextLookAt, of an order; null: nothing of it can happen any more. */
export function nextLookAtOrder(order: { created_at: Date; looks: number }, now: Date): Date | null {
  const age_ms = now.getTime() - order.created_at.getTime();
  return age_ms > ORDERS_LOOKED_AT_MS ? null : nextLookAt(order.looks, now);
}

function later(now: Date, wait_ms: number): Date {
  return new Date(now.getTime() + wait_ms);
}
