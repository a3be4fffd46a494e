import type { Channel } from '../channels.ts';
import { createBrevo } from './brevo/brevo.ts';
import type { Provider } from './provider.ts';

export interface ProviderOptions {
  /** Origins; the defaults are the real ones. */
  brevo_url?: string;
  /** One call may take this long; default 10 s. */
  timeout_ms?: number;
  /** How requests are sent; the system gives one that continues the job's trace. */
  fetch?: typeof globalThis.fetch;
}

/** Every provider that Kist knows, by channel and name. */
export type Providers = { readonly [C in Channel]: ReadonlyMap<string, Provider<C>> };

const BREVO_URL = 'https://api.brevo.com';
const TIMEOUT_MS = 10_000;

export function createProviders(options: ProviderOptions = {}): Providers {
  const { fetch = globalThis.fetch, timeout_ms = TIMEOUT_MS } = options;
  const http = { fetch, timeout_ms };
  return {
    email: byName<'email'>([createBrevo({ ...http, url: options.brevo_url ?? BREVO_URL })]),
    sms: byName<'sms'>([]),
    push: byName<'push'>([]),
  };
}

function byName<C extends Channel>(providers: readonly Provider<C>[]): ReadonlyMap<string, Provider<C>> {
  return new Map(providers.map((provider) => [provider.name, provider]));
}
