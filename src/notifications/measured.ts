import type { Channel } from './channels.ts';
import type { ProviderErrorKind } from './providers/provider.ts';
import type { MessageState } from './sending/states.ts';

/** One request to a provider to send a message, as it ended. */
export interface ProviderAsked {
  channel: Channel;
  provider: string;
  outcome: 'sent' | ProviderErrorKind;
  /** From sending it; waiting for a turn is not counted. */
  seconds: number;
}

/** What became of a message, as a receipt says. */
export interface MessageTold {
  channel: Channel;
  state: MessageState;
}

declare module '../runtime/events.ts' {
  interface RuntimeEventMap {
    'provider-asked': [ProviderAsked];
    'message-told': [MessageTold];
  }
}
