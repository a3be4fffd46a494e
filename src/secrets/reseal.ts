import type { SecretBox } from './secret-box.ts';

/** What came of sealing the secrets of a table anew. */
export interface Resealed {
  /** As people call it. */
  of: string;
  secrets: number;
  /** How many were under a former key. */
  resealed: number;
}

/** Sealed with the key of now where it is not yet; null stays null. */
export function resealed<Sealed extends Buffer | null>(
  box: SecretBox,
  sealed: Sealed,
  place: string,
): Sealed {
  if (sealed === null || box.isCurrent(sealed)) return sealed;
  return box.seal(box.open(sealed, place), place) as Sealed;
}
