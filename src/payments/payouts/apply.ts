import type { Transaction } from '../../db/pools.ts';
import { emit } from '../../events/emit.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { toDecimal } from '../../ledger/money.ts';
import { reach } from '../../runtime/faults.ts';
import { settleHeld } from '../../runtime/settle.ts';
import { type ExceptionDraft, raiseException, resolveExceptions } from '../exceptions.ts';
import type { PayoutPicture } from '../gateway/gateway.ts';
import { recordMoves } from '../moves.ts';
import type { Applied, Occasion } from '../occasion.ts';
import { type PayoutState, payoutMayMove, type Reading, readPayout, UNSETTLED, wayOf } from '../states.ts';
import { afterFailure } from './again.ts';
import { PAYOUT_KIND } from './begin.ts';
import { bookFees, bookMove } from './booking.ts';
import { nextLookAt } from './looks.ts';
import { payoutResult } from './result.ts';
import { lockUnheardOf, rivalOf } from './rivals.ts';
import { attemptsOf, lockPayout, type Payout, payoutIdOf, updatePayout } from './rows.ts';

/** Exceptions that end with knowing the outcome. */
const OUTCOME_QUESTIONS = ['unknown-outcome', 'stuck', 'locked-out'];

/**
 * Goes by what a gateway says of a payout: a legal move with its journal, its row of evidence and its event;
 * or no change, and why. Locks the payout first, so that pictures of one payout are read one after the
 * other, whoever brings them.
 */
export async function applyPayoutPicture(
  tx: Transaction,
  occasion: Occasion & { gateway: string },
  picture: PayoutPicture,
): Promise<Applied> {
  const { gateway } = occasion;
  const id = await payoutIdOf(tx, { gateway, provider_id: picture.id, reference: picture.reference });
  const payout = id === null ? null : await lockPayout(tx, id);
  return payout ? (await applyTo(tx, occasion, payout, picture)).reading : 'stranger';
}

/** As applyPayoutPicture, to a payout that is locked. @returns how it now stands as well */
export async function applyTo(
  tx: Transaction,
  occasion: Occasion,
  payout: Payout,
  picture: PayoutPicture,
): Promise<{ reading: Reading; payout: Payout }> {
  const wrong = contradiction(payout, picture);
  if (wrong) {
    await raiseException(tx, occasion, { kind: 'payout', subject: payout.id, ...wrong });
    return { reading: 'exception', payout };
  }
  const reading = readPayout(payout.state, picture.status, occasion.evidence);
  switch (reading) {
    case 'move':
      return { reading, payout: await moveAlong(tx, occasion, payout, picture) };
    case 'same':
      return { reading, payout: await learn(tx, occasion, payout, picture) };
    case 'exception':
      await raiseException(tx, occasion, {
        ...{ kind: 'payout', subject: payout.id, code: 'illegal-move' },
        message: `The gateway says ${picture.status} of a payout that is ${payout.state}.`,
      });
  }
  return { reading, payout };
}

async function moveAlong(
  tx: Transaction,
  occasion: Occasion,
  payout: Payout,
  picture: PayoutPicture,
): Promise<Payout> {
  let moved = payout;
  for (const state of wayOf(payout.state, picture.status)) {
    moved = await movePayout(tx, occasion, moved, state, picture);
  }
  return moved;
}

/** The gateway refused the request itself, and made nothing. Whatever an event said meanwhile was said later. */
export async function rejectPayout(
  tx: Transaction,
  occasion: Occasion,
  payout: Payout,
  reason: { code: string; message: string },
): Promise<Payout> {
  if (payout.state !== 'approved' && payout.state !== 'submitting') return payout;
  const submitted =
    payout.state === 'approved' ? await movePayout(tx, occasion, payout, 'submitting', null) : payout;
  return movePayout(tx, occasion, submitted, 'failed', null, reason);
}

/** What can never be: then the picture is of something else, whatever it says. */
function contradiction(payout: Payout, picture: PayoutPicture): { code: string; message: string } | null {
  if (payout.provider_id !== null && payout.provider_id !== picture.id) {
    const message = `The gateway knows it as ${picture.id}, and knew it as ${payout.provider_id}.`;
    return { code: 'two-payments', message };
  }
  if (payout.currency !== picture.currency || !toDecimal(payout.amount).eq(toDecimal(picture.amount))) {
    const told = `${picture.amount} ${picture.currency}`;
    return {
      code: 'other-amount',
      message: `The gateway says ${told}, and it is ${payout.amount} ${payout.currency}.`,
    };
  }
  return null;
}

/** Ids and amounts that the gateway tells of later than of the state itself. */
async function learn(
  tx: Transaction,
  { tenant, clock }: Occasion,
  payout: Payout,
  picture: PayoutPicture,
): Promise<Payout> {
  const known = withPicture(payout, picture);
  const feesAreNew = payout.fees === null && known.fees !== null;
  if (!feesAreNew && known.utr === payout.utr && known.provider_id === payout.provider_id) return payout;
  const { provider_id, utr, fees, tax } = known;
  await updatePayout(tx, payout, { provider_id, utr, fees, tax });
  if (feesAreNew && payout.state === 'succeeded') {
    const posted_at = clock.now();
    const business_date = await businessDateAt(tx, tenant, posted_at);
    await bookFees(tx, { tenant, posted_at, business_date }, known);
  }
  return known;
}

function withPicture(payout: Payout, picture: PayoutPicture | null): Payout {
  if (picture === null) return payout;
  // What it costs is what the success says: of a failure that is then taken back a gateway has said zero.
  const costs_now = picture.status === 'succeeded' && payout.state !== 'succeeded' && picture.fees !== null;
  const { fees, tax } = costs_now || payout.fees === null ? picture : payout;
  return { ...payout, provider_id: picture.id, utr: picture.utr ?? payout.utr, fees, tax };
}

/**
 * Makes one legal move of a locked payout: books, evidence, event, and what follows from it. Where the
 * gateway said nothing (a refused request, people's word) there is no picture.
 */
export async function movePayout(
  tx: Transaction,
  occasion: Occasion,
  payout: Payout,
  to: PayoutState,
  picture: PayoutPicture | null,
  reason: { code: string; message: string } | null = picture?.reason ?? null,
): Promise<Payout> {
  const { tenant, clock } = occasion;
  const now = clock.now();
  const business_date = await businessDateAt(tx, tenant, now);
  const from = payout.state;
  if (!payoutMayMove(from, to)) throw new Error(`A payout that is ${from} cannot become ${to}.`);
  const known = withPicture(payout, picture);
  const rival = to === 'succeeded' && from === 'failed' ? await lastingRival(tx, occasion, payout) : null;
  const booked = await bookMove(tx, { tenant, posted_at: now, business_date }, known, { from, to });
  const { provider_id, utr, fees, tax } = known;
  const settled = !UNSETTLED.includes(to);
  const change = {
    ...{ state: to, provider_id, utr, fees, tax, reason: reason?.code ?? null, looks: 0 },
    contradicts: payout.contradicts || rival !== null,
    settled_at: settled ? now : null,
    next_look_at: nextLookAt(to, 0, now),
  };
  await updatePayout(tx, payout, change);
  const { journal } = booked;
  await recordMoves(tx, occasion, business_date, [{ subject: payout.id, kind: 'payout', from, to, journal }]);
  const moved: Payout = { ...known, ...change };
  if (from === 'failed' && to === 'succeeded') {
    await raiseException(tx, occasion, paidAfterAll(payout, rival, booked.from_suspense));
  }
  if (booked.to_suspense) await raiseException(tx, occasion, returnedToSuspense(payout));
  await emit(tx, [
    {
      ...{ subject: payout.instruction, type: `payout.${to}`, at: now, business_date },
      ...(journal !== null && { journal }),
      data: {
        ...{ payout: payout.id, attempt: payout.attempt, purpose: payout.purpose, state: to },
        ...{ loan: payout.loan, wallet: payout.wallet, reference: payout.reference, utr },
        ...{ amount: payout.amount, currency: payout.currency, reason: reason?.code ?? null },
      },
    },
  ]);
  if (from === 'suspense') {
    await settleHeld(tx, { kind: PAYOUT_KIND, key: payout.id, result: payoutResult(moved) });
  }
  if (settled || from === 'suspense') await closeQuestions(tx, occasion, moved);
  if (settled && to !== 'succeeded') await afterFailure(tx, occasion, moved, from, picture?.reason?.remedy);
  await reach('payout.moved');
  return moved;
}

/** What people were asked about its outcome is answered now; once it paid, so is that an attempt before did not. */
async function closeQuestions(
  tx: Transaction,
  { clock, evidence }: Occasion,
  { id, instruction, attempt, state }: Payout,
): Promise<void> {
  const resolution = { by: 'system:payments', at: clock.now(), why: `It is ${state} (${evidence}).` };
  await resolveExceptions(tx, { subjects: [id], codes: OUTCOME_QUESTIONS }, resolution);
  if (state !== 'succeeded' || attempt === 1) return;
  const attempts = (await attemptsOf(tx, instruction)).map(({ id: subject }) => subject);
  await resolveExceptions(tx, { subjects: attempts, codes: ['disbursal-not-paid'] }, resolution);
}

/** A gateway that takes a failure back: whatever the books made of it, people must know. */
function paidAfterAll({ id: subject }: Payout, rival: Payout | null, from_suspense: boolean): ExceptionDraft {
  const money = from_suspense ? 'its money was gone from the wallet: suspense gave it' : 'the wallet gave it';
  return {
    ...{ kind: 'payout', subject, code: rival ? 'paid-twice' : 'paid-after-failure' },
    message: rival
      ? `It succeeded after all, and attempt ${rival.attempt} (${rival.id}) was made meanwhile; ${money}.`
      : `It succeeded after all; ${money}.`,
  };
}

function returnedToSuspense({ id: subject }: Payout): ExceptionDraft {
  const message = 'It came back, and suspense had given its money: it lies there, not in the wallet.';
  return { kind: 'payout', subject, code: 'returned-to-suspense', message };
}

/**
 * Another attempt that was made since this one failed. One that no gateway has heard of is taken back, so that
 * its money pays for this one.
 */
async function lastingRival(tx: Transaction, occasion: Occasion, payout: Payout): Promise<Payout | null> {
  const rival = await rivalOf(tx, payout);
  const unheard_of = rival && (await lockUnheardOf(tx, rival));
  if (!unheard_of) return rival;
  await takeBack(tx, { ...occasion, evidence: 'machine', detail: {} }, unheard_of);
  return null;
}

/** An attempt of which nothing was sent ends, because another one has paid, or may have. */
export function takeBack(tx: Transaction, occasion: Occasion, payout: Payout): Promise<Payout> {
  const reason = { code: 'earlier-attempt', message: 'An earlier attempt has paid, or may have.' };
  return movePayout(tx, occasion, payout, 'cancelled', null, reason);
}
