import type { FastifyInstance } from 'fastify';
import { buildApi } from '../../src/api/app.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { createGateways } from '../../src/payments/gateway/gateways.ts';
import { keyRingIn } from '../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { quiet } from '../support/runtime.ts';
import type { Notifying } from './notifying.ts';

/** The API of those who notify, with their key and their clock. */
export async function openApi(
  { system, clock, key_file }: Pick<Notifying, 'system' | 'clock' | 'key_file'>,
  proxies = '',
): Promise<FastifyInstance> {
  const { runtime } = system;
  return buildApi({
    ...{ runtime, pool: runtime.pool, clock, log: quiet, gateways: createGateways() },
    identity: createIdentity({ pool: runtime.pool, log: quiet }),
    webhooks: await testWebhooks({ box: createSecretBox(await keyRingIn(key_file)) }),
    config: { KIST_TRUSTED_PROXIES: proxies, KIST_CREDIT_BACKLOG_MAX: 10_000 },
  });
}
