import type { Clock } from '../../calendar/clock.ts';
import type { Channel, Content, ContentOf } from '../channels.ts';
import type { AttachedDocument, Payload } from '../payload.ts';
import type { Connected } from '../providers/connections.ts';
import type { DigestWording } from '../rules/digest.ts';
import type { Notifications } from '../services.ts';

/** What stands ready in this process for the try at hand; it is not part of what is stored. */
export const READY = Symbol('ready');

/** What sending a message needs besides the database. */
export interface Means {
  clock: Clock;
  services: { notifications: Notifications };
}

export interface Asked {
  times: number;
  since: Date;
}

export interface Turn {
  /** Of the attempt that has begun; 0 where there is nobody to ask. */
  number: number;
  /** Whom to ask, one after another. */
  lines: readonly Connected[];
  /** Who was asked with this message before, and since when, by name: providers know keys for a time only. */
  asked: Readonly<Record<string, Asked>>;
  /** Where it is not as it was when the message was begun. */
  content?: Content;
}

/** A message on its way: what is stored with its job between its tries. */
export interface Sending<C extends Channel = Channel> {
  tenant: string;
  /** Of message and job. */
  id: string;
  channel: C;
  address: string;
  name: string | null;
  content: ContentOf[C];
  payload: Pick<Payload, 'deadline' | 'about' | 'recipient' | 'category'>;
  /** Where it lists several reminders: its content is then the message's, which may have lost some. */
  digest?: DigestWording;
  /** What goes with it, made anew for every try, as of the first one. */
  attachment?: AttachedDocument & { made_at: string };
  /** Of the first try, and so of all: setting and key may be others by the next one. */
  opt_out?: string | null;
  [READY]?: Turn;
}

/** What came of a try: a provider took it, which may be one that can be asked what became of it; or a receipt says that one had before. */
export type SentBy =
  | { number: number; provider: string; provider_id: string | null; can_be_asked: boolean }
  | { standing: true; provider: string | null; provider_id: string | null };
