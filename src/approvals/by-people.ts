import type { Granted } from '../identity/approvable.ts';
import type { Agreed } from '../payments/collections/resolving.ts';
import type { Occasion } from '../payments/occasion.ts';
import type { InTransaction } from '../runtime/types.ts';

/** What an approval's last vote moves in payments: people's word is the evidence, and the approval is its proof. */
export function byPeople({ tenant, now, approval, means }: Granted<InTransaction>): Occasion {
  const clock = { now: () => now };
  return { tenant, clock, accept: means.accept, evidence: 'person', detail: { approval } };
}

/** The same with the words of those who agreed, for what keeps them. */
export function agreed(granted: Granted<InTransaction>, why: string): Agreed {
  const by = [granted.proposed_by, ...granted.approvers].join(', ');
  return { ...byPeople(granted), by, why };
}
