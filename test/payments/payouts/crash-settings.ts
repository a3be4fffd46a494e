import applyCallback from '../../../jobs/payments.apply-callback.ts';
import cancelPayout from '../../../jobs/payments.cancel-payout.ts';
import type { JobDefinition } from '../../../src/runtime/definition.ts';
import { hasty } from '../../faults/kinds.ts';

/** A killed worker's lease is over after a second and a half instead of fifty-five. */
export const CRASHING = { ...hasty, lease_ms_max: 1_500 };
export const CRASHING_JOBS = [applyCallback, cancelPayout] as unknown as JobDefinition[];
