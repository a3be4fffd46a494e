import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { buildApi } from '../../src/api/app.ts';
import { systemClock } from '../../src/calendar/clock.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { addOperator } from '../../src/identity/operators.ts';
import { openOps } from '../../src/ops/ops.ts';
import type { Tracing } from '../../src/ops/tracing.ts';
import { traceRequests } from '../../src/ops/tracing.ts';
import { createGateways } from '../../src/payments/gateway/gateways.ts';
import type { JobDefinition } from '../../src/runtime/definition.ts';
import { Refuse } from '../../src/runtime/outcomes.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { defineAtomic, mark, quiet, testRuntime } from '../support/runtime.ts';

export const PASSWORD = 'correct horse battery staple';
export const ASHA = 'asha@kist.example';
export const VIKRAM = 'vikram@kist.example';
export const MEERA = 'meera@kist.example';
export const TOM = 'tom@acme.example';

/** Wallets that are open: what an operator mends before pressing Retry. */
export const openWallets = new Set<string>();

/** Refuses until the wallet is open. */
export const payOut = defineAtomic({
  kind: 'payout.send',
  queue: 'payouts',
  summary: 'Pays out into a wallet.',
  payload: z.strictObject({ wallet: z.string(), borrower: z.string() }),
  result: z.strictObject({ paid: z.boolean() }),
  key: ({ wallet }) => wallet,
  run: async (tx, jobs) => {
    const open = jobs.filter(({ payload }) => openWallets.has(payload.wallet));
    await mark(
      tx,
      open.map(({ payload }) => payload.wallet),
    );
    return jobs.map(({ payload }) =>
      openWallets.has(payload.wallet) ? { paid: true } : new Refuse('no-wallet', 'The wallet is not open.'),
    );
  },
}) as unknown as JobDefinition;

/** API, board and workers in one process; an operator, a viewer and an admin of the platform, one of a tenant. */
export async function openServer({ redisUrl, tracing }: { redisUrl?: string; tracing?: Tracing } = {}) {
  const system = await testRuntime([payOut], {
    redisUrl,
    ...(tracing ? { telemetry: tracing.telemetry } : {}),
  });
  const { runtime } = system;
  const config: Config = readConfig({ KIST_ENVIRONMENT: 'test' });
  const identity = createIdentity({ pool: runtime.pool, log: quiet });
  for (const [email, tenant, role] of [
    [ASHA, 'platform', 'operator'],
    [VIKRAM, 'platform', 'viewer'],
    [MEERA, 'platform', 'admin'],
    [TOM, 'acme', 'operator'],
  ] as const) {
    const name = email.split('@')[0]!;
    await addOperator(runtime.pool, { tenant, email, name, role, password: PASSWORD });
  }
  const ops = openOps({
    config,
    runtime,
    clock: systemClock,
    log: quiet,
    workerQueues: runtime.registry.queues(),
  });
  const app = buildApi({
    webhooks: await testWebhooks(),
    gateways: createGateways(),
    runtime,
    identity,
    pool: runtime.pool,
    clock: systemClock,
    config,
    log: quiet,
    registerMore: (more) => ops.mount(more, identity),
  });
  if (tracing) traceRequests(app);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  await runtime.startWorkers();
  onTestFinished(async () => {
    await app.close();
    ops.stop();
    await system.close();
  });
  return { ...system, identity, app, url };
}
