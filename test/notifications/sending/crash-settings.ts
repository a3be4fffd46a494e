import { hasty } from '../../faults/kinds.ts';

/** A killed worker's lease is over after a second and a half instead of forty. */
export const CRASHING = { ...hasty, lease_ms_max: 1_500 };
