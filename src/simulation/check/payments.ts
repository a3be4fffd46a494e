import { type Checked, verdict } from '../../ledger/invariants.ts';
import { minorText, minorUnits } from '../../loans/schedule.ts';
import type { PaidOut } from '../../sandbox/gateway/paid-out.ts';
import type { ExpectedPayout } from '../plan/paying.ts';
import type { Plan } from '../plan/plan.ts';
import { TENANT } from '../world/lender.ts';
import type { World } from '../world/world.ts';

/** An attempt as our books and rows have it. Amounts are in minor units. */
interface Attempt {
  id: string;
  instruction: string;
  /** The plan's name of the payment. */
  reference: string;
  state: string;
  amount: bigint;
  /** What its journals took from the bank for the payee. */
  booked: bigint;
  /** What its journals left under way, and on suspense. */
  under_way: bigint;
  on_suspense: bigint;
}

interface Raised {
  reference: string | null;
  subject: string;
  code: string;
}

/** Faults after which nobody can say what was done: they explain why people were asked. */
const LOSING: readonly string[] = [
  ...['commit-then-500', 'commit-then-hang', 'commit-then-reset', 'commit-then-garbage'],
  ...['error-500', 'reset'],
];

/**
 * Whether the money that the gateway really paid is the money that our books say it paid, and what the plan
 * wanted: the gateway's own truth, whatever anybody was told, against journals, against fates.
 */
export async function paymentVerdicts(world: World, plan: Plan): Promise<Checked[]> {
  const attempts = await attemptsOf(world);
  const raised = await exceptionsOf(world);
  const kept = keptBy(world.gateway.paidOut());
  const keptOf = ({ id }: Attempt) => kept.get(id) ?? 0n;
  return [
    verdict('paid-out-as-booked', otherThanBooked(attempts, kept)),
    verdict('paid-out-as-planned', otherThanPlanned(plan.payouts, attempts, keptOf)),
    verdict('nothing-paid-twice-unseen', paidTwice(attempts, raised, keptOf)),
    verdict('money-under-way', await wrongClearing(world, attempts)),
    verdict('suspense-is-for-people', await wrongSuspense(world, plan.payouts, attempts)),
    verdict('exceptions-explained', unexplained(world, plan.payouts, attempts, raised)),
    verdict('every-event-applied', await unapplied(world)),
  ];
}

/** What the payees have by our names of the attempts. One name may have been paid more than once. */
function keptBy(paid_out: readonly PaidOut[]): Map<string, bigint> {
  const kept = new Map<string, bigint>();
  for (const { reference_id, payout, kept: paid } of paid_out) {
    const name = reference_id ?? payout;
    kept.set(name, (kept.get(name) ?? 0n) + BigInt(paid));
  }
  return kept;
}

function otherThanBooked(attempts: readonly Attempt[], kept: ReadonlyMap<string, bigint>): string | null {
  const ours = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  for (const [id, amount] of kept) {
    const attempt = ours.get(id);
    if (!attempt) return `the gateway has a payout ${id} that is not ours`;
    if (attempt.booked === amount) continue;
    return `${attempt.reference} (${id}): the gateway paid ${minorText(amount)}, booked ${shown(attempt.booked)}`;
  }
  const unpaid = attempts.find(({ id, booked }) => booked !== 0n && !kept.has(id));
  return unpaid ? `${unpaid.reference} (${unpaid.id}): booked, and the gateway knows nothing of it` : null;
}

function otherThanPlanned(
  planned: readonly ExpectedPayout[],
  attempts: readonly Attempt[],
  keptOf: (attempt: Attempt) => bigint,
): string | null {
  const byReference = Map.groupBy(attempts, ({ reference }) => reference);
  for (const { reference, amount, ends } of planned) {
    const made = byReference.get(reference) ?? [];
    byReference.delete(reference);
    const states = made.map(({ state }) => state).join(', ');
    if (states !== ends.join(', '))
      return `${reference} ended ${states || 'unmade'}, planned ${ends.join(', ')}`;
    const paid = made.reduce((sum, attempt) => sum + keptOf(attempt), 0n);
    const wanted = amount * BigInt(ends.filter((end) => end === 'succeeded').length);
    if (paid !== wanted)
      return `${reference}: the payee has ${minorText(paid)}, planned ${minorText(wanted)}`;
  }
  const [strange] = byReference.keys();
  return strange === undefined ? null : `${strange} was paid out, and not planned`;
}

function paidTwice(
  attempts: readonly Attempt[],
  raised: readonly Raised[],
  keptOf: (attempt: Attempt) => bigint,
): string | null {
  const known = new Set(raised.filter(({ code }) => code === 'paid-twice').map(({ reference }) => reference));
  for (const made of Map.groupBy(attempts, ({ instruction }) => instruction).values()) {
    const [{ reference }] = made as [Attempt];
    const paid = made.filter((attempt) => keptOf(attempt) > 0n).length;
    if (paid > 1 && !known.has(reference)) return `${reference} was paid ${paid} times, and nobody was told`;
  }
  return null;
}

async function wrongClearing(world: World, attempts: readonly Attempt[]): Promise<string | null> {
  const open = attempts.find(({ under_way }) => under_way !== 0n);
  if (open) return `${open.reference} (${open.id}) is ${open.state}, ${shown(open.under_way)} under way`;
  const standing = await standingOf(world, 'payout-clearing');
  return standing === 0n ? null : `payout-clearing holds ${shown(standing)}, and nothing is under way`;
}

/** There lies what was paid twice and the wallet could not give, and nothing else. */
async function wrongSuspense(
  world: World,
  planned: readonly ExpectedPayout[],
  attempts: readonly Attempt[],
): Promise<string | null> {
  const byReference = Map.groupBy(attempts, ({ reference }) => reference);
  let wanted = 0n;
  for (const { reference, from_suspense } of planned) {
    const came = (byReference.get(reference) ?? []).reduce((sum, { on_suspense }) => sum + on_suspense, 0n);
    if (came !== -from_suspense)
      return `${reference} left ${shown(came)} on suspense, not ${shown(-from_suspense)}`;
    wanted -= from_suspense;
  }
  const standing = await standingOf(world, 'suspense');
  return standing === wanted
    ? null
    : `suspense holds ${shown(standing)}, people must settle ${shown(wanted)}`;
}

/** Each exception is the fate's, or one that lost answers must bring; and each of the fates' is there. */
function unexplained(
  { gateway }: World,
  planned: readonly ExpectedPayout[],
  attempts: readonly Attempt[],
  raised: readonly Raised[],
): string | null {
  const wanted = planned.flatMap(({ reference, exceptions }) =>
    exceptions.map((code) => `${reference}: ${code}`),
  );
  const losing = gateway.log().filter(({ fault }) => fault !== null && LOSING.includes(fault));
  const lost = new Set(losing.map(({ idempotency_key }) => idempotency_key));
  const known = new Set(attempts.map(({ id }) => id));
  for (const { reference, subject, code } of raised) {
    if (code === 'unknown-outcome' && known.has(subject) && lost.has(subject)) continue;
    const index = wanted.indexOf(`${reference}: ${code}`);
    if (index < 0) return `${reference ?? subject}: ${code}, which nothing explains`;
    wanted.splice(index, 1);
  }
  return wanted.length === 0 ? null : `${wanted[0]}: nobody was told`;
}

async function unapplied(world: World): Promise<string | null> {
  const [row] = await world.sql<{ event_id: string; type: string }>(
    `SELECT event_id, type FROM callback_event WHERE tenant_id = $1 AND applied_at IS NULL LIMIT 1`,
    [TENANT],
  );
  return row ? `${row.type} ${row.event_id} was taken, and never gone by` : null;
}

async function attemptsOf(world: World): Promise<Attempt[]> {
  const rows = await world.sql<Record<keyof Attempt, string>>(ATTEMPTS, [TENANT]);
  return rows.map(({ amount, booked, under_way, on_suspense, ...row }) => ({
    ...row,
    amount: minorUnits(amount),
    ...{ booked: BigInt(booked), under_way: BigInt(under_way), on_suspense: BigInt(on_suspense) },
  }));
}

function exceptionsOf(world: World): Promise<Raised[]> {
  return world.sql<Raised>(EXCEPTIONS, [TENANT]);
}

async function standingOf(world: World, code: string): Promise<bigint> {
  const [row] = await world.sql<{ minor: string }>(STANDING, [TENANT, code]);
  return BigInt(row!.minor);
}

function shown(minor: bigint): string {
  return minor < 0n ? `-${minorText(-minor)}` : minorText(minor);
}

const CREDITS = `CASE e.direction WHEN 'credit' THEN e.amount ELSE -e.amount END`;

/** Fees leave the bank with the payment and are expenses: what is left of both is the payee's. */
const ATTEMPTS = `
  SELECT p.id, p.instruction_id AS instruction, coalesce(a.reference, p.reference) AS reference, p.state,
         to_char(p.amount, 'FM999999999990.00') AS amount,
         round(100 * coalesce(sum(credit) FILTER (WHERE code IN ('bank', 'gateway-fees', 'input-tax')), 0))::bigint AS booked,
         round(100 * coalesce(sum(credit) FILTER (WHERE code = 'payout-clearing'), 0))::bigint AS under_way,
         round(100 * coalesce(sum(credit) FILTER (WHERE code = 'suspense'), 0))::bigint AS on_suspense
  FROM payout p
  LEFT JOIN application a ON a.tenant_id = p.tenant_id AND a.loan_id = p.loan_id
  LEFT JOIN LATERAL (
    SELECT account.code, ${CREDITS} AS credit
    FROM payment_move m
    JOIN entry e ON e.tenant_id = m.tenant_id AND e.journal_id = m.journal_id
    JOIN account ON account.tenant_id = e.tenant_id AND account.id = e.account_id
    WHERE m.tenant_id = p.tenant_id AND m.subject = p.id) AS entries ON true
  WHERE p.tenant_id = $1
  GROUP BY p.tenant_id, p.id, a.reference ORDER BY p.instruction_id, p.attempt`;

const EXCEPTIONS = `
  SELECT coalesce(a.reference, p.reference) AS reference, x.subject, x.code
  FROM payment_exception x
  LEFT JOIN payout p ON p.tenant_id = x.tenant_id AND p.id = x.subject
  LEFT JOIN application a ON a.tenant_id = x.tenant_id AND a.loan_id = coalesce(p.loan_id, x.subject)
  WHERE x.tenant_id = $1 ORDER BY x.id`;

const STANDING = `
  SELECT round(100 * coalesce(sum(${CREDITS}), 0))::bigint::text AS minor
  FROM entry e JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
  WHERE e.tenant_id = $1 AND a.code = $2`;
