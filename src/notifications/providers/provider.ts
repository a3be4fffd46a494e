import type { z } from 'zod';
import type { Channel, ContentOf } from '../channels.ts';
import type { Asking, ReceiptReader } from './receipt.ts';

/** A file that goes with a mail. */
export interface Attachment {
  name: string;
  type: string;
  content: Buffer;
}

/** A message as a provider gets it: the same bytes on every try. */
export interface Outgoing<C extends Channel = Channel> {
  /** Of the message, for ever: what a provider's key, the Message-ID and collapse keys are made of. */
  id: string;
  /** E-mail address, phone number as +919812345678, or Firebase's token. */
  address: string;
  /** The recipient's name, where it is known. */
  name: string | null;
  content: ContentOf[C];
  /** Of mails only. */
  attachments: readonly Attachment[];
  /** After it nobody wants the message; a provider that keeps messages for later is told. */
  deadline: Date | null;
  /** Where its reader ends such mails; null where there is no such place, or it must be told. */
  opt_out: string | null;
}

export interface Sent {
  /** By which receipts name the message; null where it was accepted earlier and the answer was lost. */
  provider_id: string | null;
}

/** One try to send. */
export interface Try {
  signal: AbortSignal;
  /** Which one it is with this provider, 1 the first. */
  number: number;
  /** When the message was first tried with this provider: keys at providers live for a time only. */
  first_tried_at: Date;
  now: Date;
}

/** A provider with a tenant's credentials in hand; kept for many sends. */
export interface Connection<C extends Channel = Channel> {
  /** @throws ProviderError and nothing else, but where the signal was aborted */
  send(message: Outgoing<C>, attempt: Try): Promise<Sent>;
  /** Where what became of messages can be asked for. */
  receipts?: Asking;
  /** Lets go of sockets; sends under way come to their end. */
  close?(): void;
}

/**
 * What a repeat does after a try whose end nobody knows:
 * `same` nothing, the provider knows the key (for `repeats_ms` after the first try);
 * `replaces` the second one takes the place of the first on the device;
 * `twice` the message may arrive twice: one such repeat is made at most, and it is marked.
 */
export type Repeat = 'same' | 'replaces' | 'twice';

export interface Provider<C extends Channel = Channel, Credentials = unknown> {
  readonly name: string;
  readonly channel: C;
  /** What a tenant tells of its account; all of it is kept sealed. */
  readonly credentials: z.ZodType<Credentials>;
  /** Of the credentials, what may be shown: never a secret. */
  shown(credentials: Credentials): Record<string, string>;
  readonly repeat: Repeat;
  readonly repeats_ms: number;
  /** Where it tells what became of messages. */
  readonly receipts?: ReceiptReader;
  connect(credentials: Credentials): Connection<C>;
}

export type ProviderErrorKind = 'again' | 'unknown' | 'rejected' | 'dead-address' | 'locked-out';

/**
 * Why a message was not sent, or that nobody knows:
 * `again` it certainly was not, and may be tried again, after `after_ms` where the provider says so;
 * `unknown` it may have been;
 * `rejected` this message never will be; `dead-address` nothing ever will be to this address;
 * `locked-out` nothing of this tenant's will be until somebody mends its account: key, credits, standing.
 */
export class ProviderError extends Error {
  override name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  /** Stable, kebab-case: `brevo-rate-limited`. */
  readonly code: string;
  readonly after_ms: number | undefined;

  constructor(
    kind: ProviderErrorKind,
    code: string,
    message: string,
    options: ErrorOptions & { after_ms?: number | undefined } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.code = code;
    this.after_ms = options.after_ms;
  }
}
