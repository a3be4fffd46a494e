import { createGuard } from '../../events/guard.ts';
import { CHANNELS, type Channel } from '../channels.ts';
import { NotificationError } from '../errors.ts';
import { createBrevo } from './brevo/brevo.ts';
import { createFcm } from './fcm/fcm.ts';
import type { Provider } from './provider.ts';
import { createSmtp } from './smtp/smtp.ts';
import { createTwoFactor } from './two-factor/two-factor.ts';

export interface ProviderOptions {
  /** Origins; the defaults are the real ones. */
  brevo_url?: string;
  two_factor_url?: string;
  fcm_url?: string;
  /** What a tenant names itself may be in a private network; default false. */
  allow_private?: boolean;
  /** One call may take this long; default 12 s. */
  timeout_ms?: number;
  /** How requests are sent; the system gives one that continues the job's trace. */
  fetch?: typeof globalThis.fetch;
  /** fetch, for an address that holds a secret: what is noted of it shows this path. */
  fetchAs?: (shown_path: string) => typeof globalThis.fetch;
}

/** Every provider that Kist knows, by channel and name. */
export type Providers = { readonly [C in Channel]: ReadonlyMap<string, Provider<C>> };

const BREVO_URL = 'https://api.brevo.com';
const TWO_FACTOR_URL = 'https://2factor.in';
const FCM_URL = 'https://fcm.googleapis.com';
/** fetch gives up connecting after 10 s: were this less, nobody would know that nothing was sent. */
const TIMEOUT_MS = 12_000;

export function createProviders(options: ProviderOptions = {}): Providers {
  const { fetch = globalThis.fetch, fetchAs = () => fetch, timeout_ms = TIMEOUT_MS } = options;
  const http = { fetch, timeout_ms };
  const guard = createGuard({ allow_private: options.allow_private ?? false });
  return {
    email: byName<'email'>([
      createBrevo({ ...http, url: options.brevo_url ?? BREVO_URL }),
      createSmtp({ timeout_ms, guard }),
    ]),
    sms: byName<'sms'>([
      createTwoFactor({ fetchAs, timeout_ms, url: options.two_factor_url ?? TWO_FACTOR_URL }),
    ]),
    push: byName<'push'>([createFcm({ ...http, guard, url: options.fcm_url ?? FCM_URL })]),
  };
}

function byName<C extends Channel>(providers: readonly Provider<C>[]): ReadonlyMap<string, Provider<C>> {
  return new Map(providers.map((provider) => [provider.name, provider]));
}

/** For what is the same of every tenant's: schemas, names, how receipts are read. They call nobody but the real ones. */
export const KNOWN_PROVIDERS = createProviders();

/**
 * A provider by the names that a caller gives, for its schemas: what it sends, it sends nowhere but to the real one.
 * @throws NotificationError unknown-provider, naming those there are
 */
export function findProvider(channel: string, name: string): { channel: Channel; provider: Provider } {
  const known = CHANNELS.find((each) => each === channel);
  const provider = known && KNOWN_PROVIDERS[known].get(name);
  if (known && provider) return { channel: known, provider: provider as Provider };
  const names = CHANNELS.flatMap((each) => [...KNOWN_PROVIDERS[each].keys()].map((one) => `${each}/${one}`));
  throw new NotificationError(
    'unknown-provider',
    `There is no provider ${channel}/${name}. There is: ${names.join(', ')}.`,
  );
}
