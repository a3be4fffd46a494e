import type { Config } from './config.ts';
import { PACE, type Webhooks } from './events/deliver.ts';
import { createGuard } from './events/guard.ts';
import { createPost } from './events/post.ts';
import { openBox, sealKeyFile } from './keys.ts';
import { openSealer } from './ledger/sealer.ts';
import { createBureauClient } from './loans/bureau-client.ts';
import { optOutLinks } from './notifications/opt-out/link.ts';
import { Connections } from './notifications/providers/connections.ts';
import { createProviders } from './notifications/providers/providers.ts';
import {
  PACE as NOTIFICATION_PACE,
  type Pace as NotificationPace,
  type Notifications,
  turnsOf,
} from './notifications/services.ts';
import { tracedFetch, tracedFetchAs } from './ops/tracing.ts';
import { openAccount } from './payments/gateway/accounts.ts';
import { createGateways } from './payments/gateway/gateways.ts';
import { PACE as PAYMENT_PACE, type Pace, type Payments } from './payments/services.ts';
import type { Services } from './runtime/definition.ts';
import type { RuntimeEvents } from './runtime/events.ts';
import type { SecretBox } from './secrets/secret-box.ts';

/** Three calls, to a beneficiary not yet known, fit in the time of a payout's job. */
const GATEWAY_TIMEOUT_MS = 12_000;

/** How long machines wait before they turn to others again: as the defaults where time is real. */
export interface Paces {
  payment_pace?: Pace | undefined;
  notification_pace?: NotificationPace | undefined;
}

/** What handlers may reach besides the database (see `Services`). */
export async function openServices(
  config: Config,
  events: RuntimeEvents,
  { payment_pace = PAYMENT_PACE, notification_pace = NOTIFICATION_PACE }: Paces = {},
): Promise<Services> {
  const webhooks = await openWebhooks(config);
  return {
    bureau: createBureauClient({ url: config.KIST_BUREAU_URL, fetch: tracedFetch }),
    sealer: await openSealer(sealKeyFile(config)),
    webhooks,
    payments: openPayments(config, webhooks.box, events, payment_pace),
    notifications: openNotifications(config, webhooks.box, events, notification_pace),
  };
}

function openPayments(config: Config, box: SecretBox, events: RuntimeEvents, pace: Pace): Payments {
  return {
    gateways: createGateways({
      razorpay_url: config.KIST_RAZORPAY_URL,
      timeout_ms: GATEWAY_TIMEOUT_MS,
      calls_max: config.KIST_GATEWAY_CALLS,
      fetch: tracedFetch,
      onCall: (called) => events.emit('gateway-called', called),
    }),
    account: (tx, tenant, gateway) => openAccount(tx, box, { tenant, gateway }),
    pace,
  };
}

function openNotifications(
  config: Config,
  box: SecretBox,
  events: RuntimeEvents,
  pace: NotificationPace,
): Notifications {
  const providers = createProviders({
    brevo_url: config.KIST_BREVO_URL,
    two_factor_url: config.KIST_TWO_FACTOR_URL,
    fcm_url: config.KIST_FCM_URL,
    allow_private: config.KIST_NOTIFICATION_ALLOW_PRIVATE,
    fetch: tracedFetch,
    fetchAs: tracedFetchAs,
  });
  return {
    connections: new Connections({ providers, box }),
    optOutLink: optOutLinks(box, config.KIST_PUBLIC_URL),
    turns: turnsOf(config.KIST_NOTIFICATION_CALLS),
    events,
    pace,
  };
}

export async function openWebhooks(config: Config): Promise<Webhooks> {
  const guard = createGuard({ allow_private: config.KIST_WEBHOOK_ALLOW_PRIVATE });
  const box = await openBox(config);
  return { box, guard, post: createPost(guard), pace: PACE };
}
