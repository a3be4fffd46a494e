import { RBI_PREPAYMENT_2025 } from './rbi-prepayment-2025.ts';
import type { RulePack } from './rule-pack.ts';

export const PACK_NAMES = ['rbi-prepayment-2025'] as const;
export type PackName = (typeof PACK_NAMES)[number];

/** Every pack, by the name that products choose it by. */
export const RULE_PACKS: Readonly<Record<PackName, RulePack>> = {
  'rbi-prepayment-2025': RBI_PREPAYMENT_2025,
};
