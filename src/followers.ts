import type { Follower } from './following/follow.ts';
import { journalEvents } from './following/journal-events.ts';
import { fraudFollower } from './loans/fraud/follower.ts';
import { scoreFollower } from './loans/score/follower.ts';

/** Who follows the books, in this order: fraud may lock accounts, which go before scores. */
export const FOLLOWERS: readonly Follower[] = [fraudFollower, scoreFollower, journalEvents];
