import type { NoticeFaultSettings, NoticeRates } from './faults.ts';

/** Where an account's receipts go. Neither provider signs them: a header or a secret path is all there is. */
export interface ReceiptTarget {
  url: string;
  /** Sent along, e.g. `authorization`. */
  headers?: Record<string, string>;
  /** The headers before the last change; receipts under the fault `old-secret` have them. */
  former_headers?: Record<string, string>;
  /** Only these events, as the bodies name them; all by default. */
  events?: readonly string[];
}

export const RECEIPT_SENDERS = ['brevo', 'two-factor'] as const;
export type ReceiptSender = (typeof RECEIPT_SENDERS)[number];

/** A lender as a customer of all four providers; `accountOf` fills in what is not told. */
export interface NoticeAccount {
  /** The name by which faults and controls mean it. */
  id: string;
  brevo_key: string;
  two_factor_key: string;
  /** Firebase's project. */
  project_id: string;
  smtp_user: string;
  smtp_password: string;
  /** Prepaid: a mail by Brevo takes one, an SMS one a segment. */
  credits: number;
  /** Under validation, disabled, expired: every provider says no. */
  is_suspended: boolean;
  /**
   * SMS texts registered with the operators, `{#var#}` where something is filled in. An account without any is not
   * scrubbed; with some, any other text is accepted and then rejected (DLT-CNT-REJECT).
   */
  dlt_texts: readonly string[];
  webhooks: Partial<Record<ReceiptSender, ReceiptTarget>>;
  /** Of 1,000, how many each fault befalls of this account's, instead of the settings' rates. */
  rates?: NoticeRates;
}

export type GivenAccount = Partial<NoticeAccount> & { id: string };

export interface NoticeSettings {
  /** The same seed: the same ids and faults. */
  seed: number;
  /** How long an answer takes, of any provider; of SMTP, the answer to a mail. */
  delay_ms: number;
  /** How long the line stays open, or silent, under the faults that hang. */
  hang_ms: number;
  /** How long SMTP's greeting takes under the fault `smtp-slow-banner`. */
  banner_ms: number;
  /** From acceptance to the first receipt, by the clock. */
  receipt_ms: number;
  /** How often what is due by the clock is sent; 0: only when it is told to. */
  tick_ms: number;
  /** Receipts under way at once; those about one message never overtake each other. */
  deliveries_max: number;
  /** Whether SMTP offers STARTTLS: with this certificate (PEM), or with one that nobody should trust. */
  smtp_tls: boolean | { key: string; cert: string };
  /** Messages kept to be looked at, the last so many. */
  notices_max: number;
}

export interface NoticeOptions extends Partial<NoticeSettings> {
  accounts?: readonly GivenAccount[];
  /** A clock of its own; without it, the gateway's. */
  now?: () => Date;
  /** Where the state is kept (JSON lines); without it, in memory. */
  file?: string;
  faults?: Partial<NoticeFaultSettings>;
  /** Where SMTP listens, on 127.0.0.1; 0: any free port. */
  smtp_port?: number;
}

export const DEFAULT_NOTICE_SETTINGS: NoticeSettings = {
  seed: 20_261_120,
  delay_ms: 0,
  hang_ms: 30_000,
  banner_ms: 10_000,
  receipt_ms: 1_000,
  tick_ms: 25,
  deliveries_max: 16,
  smtp_tls: false,
  notices_max: 20_000,
};

const CREDITS = 10_000_000;

/** An account with everything that was not told made of its id. */
export function accountOf({ id, ...told }: GivenAccount): NoticeAccount {
  return {
    id,
    brevo_key: `xkeysib-sandbox-${id}`,
    two_factor_key: `two-factor-sandbox-${id}`,
    project_id: `sandbox-${id}`,
    smtp_user: id,
    smtp_password: `smtp-sandbox-${id}`,
    credits: CREDITS,
    is_suspended: false,
    dlt_texts: [],
    webhooks: {},
    ...told,
  };
}

/** The account there is when none is configured. */
export const SANDBOX_NOTICE_ACCOUNT: NoticeAccount = accountOf({ id: 'acme' });
